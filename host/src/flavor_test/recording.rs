//! A recorded call, and the exchanges of its requests.

use std::sync::Arc;

use crate::fixtures::Replay;
use crate::flavor_call::RecordedCall;

/// A recording.
#[derive(Clone)]
pub(super) struct Recorded {
    /// The call.
    pub(super) call: Arc<RecordedCall>,
    /// Its exchanges.
    pub(super) exchanges: Arc<Replay>,
}

impl Recorded {
    /// Its exchanges, none of them played back yet.
    pub(super) fn replay(&self) -> Replay {
        self.exchanges.anew()
    }
}
