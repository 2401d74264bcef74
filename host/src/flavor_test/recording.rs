//! A recorded call, and the exchanges of its requests.

use std::path::PathBuf;
use std::sync::Arc;

use crate::fixtures::{FixtureError, Replay};
use crate::flavor_call::RecordedCall;

/// A recording.
#[derive(Clone)]
pub(super) struct Recorded {
    /// Its directory.
    pub(super) directory: PathBuf,
    /// The call.
    pub(super) call: Arc<RecordedCall>,
}

impl Recorded {
    /// Its exchanges, none of them played back yet.
    ///
    /// # Errors
    /// When a file can't be read.
    pub(super) fn replay(&self) -> Result<Replay, FixtureError> {
        Replay::load(&self.directory)
    }
}
