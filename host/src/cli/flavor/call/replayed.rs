//! A recording that a call is answered from.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::super::super::failure::Failure;
use super::super::super::output;
use crate::egress::Answers;
use crate::error::Kind;
use crate::fixtures::{FixtureError, Mismatch, Replay};
use crate::flavor_call::{self, Difference, Export, Input, Outcome, RecordedCall};
use crate::text::Escaped;

/// A recording.
pub(super) struct Replayed {
    /// The call that was recorded, if its file is there.
    pub(super) call: Option<RecordedCall>,
    replay: Arc<Replay>,
    /// What differs in the end of the call.
    differences: Vec<Difference>,
    /// Whether the call ended as the recorded one did.
    is_same: bool,
}

/// What was played back, as it is shown.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ShownReplay {
    /// Requests that no recorded exchange answered.
    mismatches: Vec<Mismatch>,
    /// Files of exchanges that answered no request.
    unused: Vec<String>,
    /// What differs in the answer or the failure from the recorded one, where the arguments are the recorded ones.
    differences: Vec<Difference>,
}

impl Replayed {
    /// The recording in a directory.
    pub(super) fn load(directory: &Path) -> Result<Self, FixtureError> {
        let (call, replay) = (RecordedCall::load(directory)?, Arc::new(Replay::load(directory)?));
        if call.is_none() && replay.is_empty() {
            let calls: Vec<Escaped> =
                flavor_call::directories(directory)?.iter().map(|path| Escaped::from(path.as_path())).collect();
            if !calls.is_empty() {
                return Err(FixtureError::Several { path: directory.into(), calls });
            }
        }
        Ok(Self { call, replay, differences: Vec::new(), is_same: false })
    }

    /// Compares the end of a call with the recorded one. A call with other arguments has another end.
    pub(super) fn compare(&mut self, export: Export, input: &Input, outcome: &Outcome) {
        if let Some(recorded) = self.call.as_ref().filter(|recorded| recorded.is_of(export, input)) {
            self.differences = flavor_call::differences(recorded, outcome);
            self.is_same = self.differences.is_empty();
        }
    }

    /// What answers requests.
    pub(super) fn answers(&self) -> Arc<dyn Answers> {
        Arc::clone(&self.replay) as Arc<dyn Answers>
    }

    /// What was played back.
    pub(super) fn shown(&self) -> ShownReplay {
        let differences = self.differences.clone();
        ShownReplay { mismatches: self.replay.mismatches(), unused: self.replay.unused(), differences }
    }

    /// Whether a call failed as the recorded one did, which is what its author expects of it.
    pub(super) fn is_recorded_failure(&self) -> bool {
        self.is_same && self.call.as_ref().is_some_and(|call| call.failure.is_some())
    }

    /// The failure of a call that sent other requests than were recorded, or ended otherwise.
    pub(super) fn failure(&self) -> Option<Failure> {
        let more = |count: usize| if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        let mismatches = self.replay.mismatches();
        let message = match (mismatches.first(), self.differences.first()) {
            (Some(first), _) => {
                format!("no recorded exchange answers `{}`{}", first.request, more(mismatches.len()))
            }
            (None, Some(first)) => {
                format!("the call does not end as recorded: {first}{}", more(self.differences.len()))
            }
            (None, None) => return None,
        };
        let hint = "change the flavor, or record the call anew with `--record` against the service";
        Some(Failure::new(Kind::General, message, hint))
    }
}

impl ShownReplay {
    /// Shows what did not fit to people.
    pub(super) fn show(&self) {
        for Mismatch { request, nearest, differences } in &self.mismatches {
            let nearest =
                nearest.as_deref().map_or_else(|| "none is left".to_owned(), |file| format!("nearest: {file}"));
            output::say_line(&format!("not recorded: {request} ({nearest})"));
            differences.iter().for_each(|difference| output::say_line(&format!("  {difference}")));
        }
        self.differences.iter().for_each(|difference| output::say_line(&format!("differs: {difference}")));
        self.unused.iter().for_each(|file| output::say("warning", &format!("`{file}` answered no request")));
    }
}
