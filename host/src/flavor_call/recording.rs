//! A call as it was recorded: `call.json`, beside the exchanges of its requests.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::component::Component;
use super::export::Export;
use super::input::Input;
use super::outcome::{Given, Outcome};
use super::placeholders;
use super::stopped::Stopped;
use crate::egress::Answers;
use crate::error::Explain as _;
use crate::fixtures::{self, FixtureError, StandIns};
use crate::flavor::{Surroundings, limits};
use crate::grant::Grant;
use crate::text::Moment;

/// The file.
const FILE: &str = "call.json";

/// What stands still while a call is recorded and played back, so that what the component makes of it is the same:
/// signatures, ends of tokens, and bodies with a nonce.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fixed {
    /// Unix time in seconds.
    pub(crate) time: u64,
    /// The seed of random numbers.
    pub(crate) seed: u64,
}

impl Fixed {
    /// That of a new recording. The seed is drawn: a service may refuse a nonce that it has seen.
    #[must_use]
    pub(crate) fn now() -> Self {
        let mut seed = [0; 8];
        // Without random numbers of the system the time is as good: nothing is to be kept from anybody by it.
        let drawn = SystemRandom::new().fill(&mut seed).map(|()| u64::from_le_bytes(seed));
        let time = Moment::now().0;
        // As many bits as every reader of JSON keeps (RFC 8259, section 6).
        Self { time, seed: drawn.unwrap_or(time) >> 11 }
    }

    /// The surroundings of the call.
    #[must_use]
    pub(crate) fn surroundings(self, answers: Option<Arc<dyn Answers>>) -> Surroundings {
        Surroundings { answers, clock: Some(self.time), seed: Some(self.seed), observer: None }
    }
}

/// A call that was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RecordedCall {
    /// The component's name.
    #[serde(default)]
    pub(crate) component: String,
    /// The component's version.
    #[serde(default)]
    pub(crate) version: String,
    /// The export that was called.
    pub(crate) export: Export,
    /// The arguments; a secret field is a placeholder, of a key file with the members that a flavor may read.
    pub(crate) input: Input,
    /// Unix time in seconds that the component's clock showed, from the beginning of the call to its end.
    pub(crate) time: u64,
    /// The seed of the component's random numbers.
    #[serde(default)]
    pub(crate) seed: u64,
    /// The grants of the call; absent in a recording written by hand, which all that the component asks for is granted
    /// to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) grants: Option<Vec<Grant>>,
    /// Operations that were accepted by their names.
    #[serde(default)]
    pub(crate) accepted_operations: Vec<String>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Value>,
    /// Why there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<RecordedFailure>,
}

/// Why a recorded call had no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RecordedFailure {
    /// Its kind, as `error.code` of JSON output has it.
    pub(crate) code: String,
    /// The line; absent in a recording written by hand to which any line will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

impl RecordedFailure {
    /// The failure of a component, with its line as a recording may have it.
    pub(super) fn of(stopped: &Stopped, text: impl FnOnce(String) -> String) -> Self {
        let code = serde_json::to_value(stopped.kind()).ok();
        let code = code.and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default();
        Self { code, message: Some(text(stopped.to_string())) }
    }
}

impl fmt::Display for RecordedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{}: {message}", self.code),
            None => f.write_str(&self.code),
        }
    }
}

impl RecordedCall {
    /// What stood still while the call was recorded.
    #[must_use]
    pub(crate) fn fixed(&self) -> Fixed {
        Fixed { time: self.time, seed: self.seed }
    }

    /// What the component may reach while the call is played back: grants, and operations that are accepted by their
    /// names.
    #[must_use]
    pub(crate) fn granted(&self, component: &Component) -> (Vec<Grant>, Vec<String>) {
        match &self.grants {
            Some(grants) => (grants.clone(), self.accepted_operations.clone()),
            None => (component.requested(), component.odd_operations()),
        }
    }

    /// Whether a call is the recorded one: the same export with the same arguments.
    #[must_use]
    pub(crate) fn is_of(&self, export: Export, input: &Input) -> bool {
        self.export == export && self.input == *input
    }

    /// Refuses a component other than the recorded one; a recording by hand may name none.
    ///
    /// # Errors
    /// When it is another one.
    pub(crate) fn ensure_of(&self, component: &Component, directory: &Path) -> Result<(), FixtureError> {
        let name = component.guest().name().to_owned();
        if self.component.is_empty() || self.component == name {
            return Ok(());
        }
        let (path, recorded) = (directory.into(), self.component.as_str().into());
        Err(FixtureError::OtherComponent { path, recorded, name: name.into() })
    }

    /// The call that was recorded in a directory, if its file is there.
    ///
    /// # Errors
    /// When the file can't be read, or holds no call.
    pub(crate) fn load(directory: &Path) -> Result<Option<Self>, FixtureError> {
        fixtures::read_document(&directory.join(FILE), "call")
    }
}

/// The directories in one that have a recorded call, as users name them.
///
/// # Errors
/// When it can't be read.
pub(crate) fn directories(directory: &Path) -> Result<Vec<PathBuf>, FixtureError> {
    let entries = fs::read_dir(directory).map_err(FixtureError::unreadable(directory))?;
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| path.join(FILE).is_file());
    found.sort();
    Ok(found)
}

/// Refuses a directory that a recording would have to change what it did not write in.
///
/// # Errors
/// When there is such a file, or the directory can't be read.
pub(crate) fn ensure_recordable(directory: &Path) -> Result<(), FixtureError> {
    fixtures::ensure_recordable(directory)?;
    let file = directory.join(FILE);
    let is_own = || RecordedCall::load(directory).is_ok_and(|call| call.is_none_or(|call| !call.component.is_empty()));
    match fs::symlink_metadata(&file).is_err() || is_own() {
        true => Ok(()),
        false => Err(FixtureError::NotRecorded(file.as_path().into())),
    }
}

/// Writes a call with the exchanges of its requests into a directory.
///
/// # Errors
/// When a file can't be written.
pub(crate) fn record(
    directory: &Path,
    component: &Component,
    call: (Export, &Input, &Given<'_>, Fixed),
    outcome: &Outcome,
) -> Result<(), FixtureError> {
    let (export, input, given, Fixed { time, seed }) = call;
    ensure_recordable(directory)?;
    if outcome.observed.left_out_bodies > 0 {
        return Err(FixtureError::TooLarge(limits::OBSERVED_BYTES));
    }
    let exchanges = &outcome.observed.requests;
    let stand_ins = StandIns::of(exchanges, outcome.password.as_ref());
    fixtures::record(directory, exchanges, &stand_ins)?;
    let fields = match component {
        Component::Flavor(flavor) => placeholders::of(flavor.description(), &given.fields),
        Component::Policy(_) => BTreeMap::new(),
    };
    let document = RecordedCall {
        component: component.guest().name().to_owned(),
        version: component.version().to_string(),
        export,
        input: without_issued(Input { fields, ..input.clone() }, &stand_ins),
        time,
        seed,
        grants: Some(given.grants.clone()),
        accepted_operations: given.accepted_operations.clone(),
        answer: outcome.answer.as_ref().ok().map(|it| stand_ins.json(serde_json::to_value(it).unwrap_or_default())),
        failure: outcome.answer.as_ref().err().map(|it| RecordedFailure::of(it, |line| stand_ins.text(&line))),
    };
    fixtures::write_document(&directory.join(FILE), &document)
}

/// Arguments without what a service issued: the author may have written it into an option.
fn without_issued(input: Input, stand_ins: &StandIns) -> Input {
    let json = stand_ins.json(serde_json::to_value(&input).unwrap_or_default());
    serde_json::from_value(json).unwrap_or(input)
}
