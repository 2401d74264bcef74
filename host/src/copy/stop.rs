//! Ends of a copy before its time.

use std::time::Duration;

use super::error::CopyError;

/// Why a copy ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The user ended it.
    Interrupted,
    /// It took longer than the user allows.
    TooLate(Duration),
}

impl Stopped {
    /// The reason to stop, when there is one.
    pub(crate) async fn by(timeout: Option<Duration>, interrupt: impl Future<Output = ()>) -> Self {
        let Some(timeout) = timeout else {
            interrupt.await;
            return Self::Interrupted;
        };
        tokio::select! {
            () = interrupt => Self::Interrupted,
            () = tokio::time::sleep(timeout) => Self::TooLate(timeout),
        }
    }
}

impl From<Stopped> for CopyError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Interrupted => Self::Interrupted,
            Stopped::TooLate(timeout) => Self::TooLate(timeout),
        }
    }
}
