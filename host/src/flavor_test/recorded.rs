//! Calls that were recorded: each is a case of its own, and a base for others.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::SecretString;

use super::error::FlavorTestError;
use super::findings::Findings;
use super::recording::Recorded;
use super::rule::Rule;
use super::service::Service;
use super::trial::{Base, Subject};
use crate::fixtures::{FixtureError, Mismatch, Replay};
use crate::flavor_call::{self, Component, RecordedCall};

/// The calls that are recorded in a directory, or in the directories in it.
///
/// # Errors
/// When there are none, one can't be read, or is of another flavor.
pub(crate) fn recorded(directory: &Path, component: &Component) -> Result<Vec<Recorded>, FlavorTestError> {
    let mut directories = vec![directory.to_owned()];
    let entries = fs::read_dir(directory).map_err(FixtureError::unreadable(directory))?;
    let mut inner: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    inner.sort();
    directories.extend(inner);
    let mut calls = Vec::new();
    for directory in directories {
        let Some(call) = RecordedCall::load(&directory)? else { continue };
        call.ensure_of(component, &directory)?;
        let exchanges = Arc::new(Replay::load(&directory)?);
        let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        calls.push(Recorded { name, call: Arc::new(call), exchanges });
    }
    match calls.is_empty() {
        true => Err(FlavorTestError::NoCalls(directory.into())),
        false => Ok(calls),
    }
}

/// A recorded call as one that is made again and again.
pub(super) fn base(recorded: Recorded, fields: BTreeMap<String, SecretString>, component: &Component) -> Base {
    let call = &recorded.call;
    let (grants, accepted_operations) = call.granted(component);
    Base {
        label: format!("of `{}`", recorded.name),
        export: call.export,
        input: call.input.clone(),
        fields,
        grants,
        accepted_operations,
        fixed: call.fixed(),
        recorded: Some(recorded),
    }
}

/// Plays a call back.
pub(super) async fn test(subject: &Subject<'_>, base: &Base, findings: &mut Findings) {
    let Some(recorded) = &base.recorded else { return };
    let service = Arc::new(Service::new(Some(recorded.replay()), None));
    let case = base.shown();
    findings.tried(Rule::FixturesReplayed);
    let problems = match subject.call(base, &service, &case, findings).await {
        Err(error) => vec![error.to_string()],
        Ok(outcome) => {
            let answers = flavor_call::differences(&recorded.call, &outcome);
            let requests = service.recorded().map(differences).unwrap_or_default();
            requests.into_iter().chain(answers.iter().map(ToString::to_string)).collect()
        }
    };
    for problem in problems {
        findings.broken(Rule::FixturesReplayed, &case, &problem);
    }
}

/// What a replay had otherwise than the recording.
fn differences(replay: &Replay) -> Vec<String> {
    let unanswered = |Mismatch { request, nearest, differences }: Mismatch| {
        let nearest = nearest.map(|file| format!("; nearest is `{file}`: ")).unwrap_or_default();
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        format!("no recorded exchange answers `{request}`{nearest}{}", differences.join(", "))
    };
    let unused = replay.unused().into_iter().map(|file| format!("`{file}` answered no request"));
    replay.mismatches().into_iter().map(unanswered).chain(unused).collect()
}
