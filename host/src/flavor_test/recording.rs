//! A recorded call, and the exchanges of its requests.

use std::sync::Arc;

use crate::fixtures::Replay;
use crate::flavor_call::{Input, RecordedCall};

/// A recording.
#[derive(Clone)]
pub(crate) struct Recorded {
    /// The name of its directory.
    pub(super) name: String,
    /// The call.
    pub(super) call: Arc<RecordedCall>,
    /// Its exchanges.
    pub(super) exchanges: Arc<Replay>,
}

impl Recorded {
    /// The arguments of the call; its fields are texts as `--field` takes them, which the caller reads.
    pub(crate) fn input(&self) -> &Input {
        &self.call.input
    }

    /// Its exchanges, none of them played back yet.
    pub(super) fn replay(&self) -> Replay {
        self.exchanges.anew()
    }
}
