//! A recording that a call is answered from.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::super::super::failure::Failure;
use super::super::super::output;
use crate::egress::Answers;
use crate::error::Kind;
use crate::fixtures::{FixtureError, Mismatch, Replay};
use crate::flavor_call::RecordedCall;

/// A recording.
pub(super) struct Replayed {
    /// The call that was recorded, if its file is there.
    pub(super) call: Option<RecordedCall>,
    replay: Arc<Replay>,
}

/// What was played back, as it is shown.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ShownReplay {
    /// Requests that no recorded exchange answered.
    mismatches: Vec<Mismatch>,
    /// Files of exchanges that answered no request.
    unused: Vec<String>,
}

impl Replayed {
    /// The recording in a directory.
    pub(super) fn load(directory: &Path) -> Result<Self, FixtureError> {
        Ok(Self { call: RecordedCall::load(directory)?, replay: Arc::new(Replay::load(directory)?) })
    }

    /// What answers requests.
    pub(super) fn answers(&self) -> Arc<dyn Answers> {
        Arc::clone(&self.replay) as Arc<dyn Answers>
    }

    /// What was played back.
    pub(super) fn shown(&self) -> ShownReplay {
        ShownReplay { mismatches: self.replay.mismatches(), unused: self.replay.unused() }
    }

    /// The failure of a call that sent other requests than were recorded.
    pub(super) fn failure(&self) -> Option<Failure> {
        let mismatches = self.replay.mismatches();
        let first = mismatches.first()?;
        let more = if mismatches.len() > 1 { format!(", and {} more", mismatches.len() - 1) } else { String::new() };
        let message = format!("no recorded exchange answers `{}`{more}", first.request);
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
        self.unused.iter().for_each(|file| output::say("warning", &format!("`{file}` answered no request")));
    }
}
