//! Ends of work before its time.

use std::time::Duration;

/// Why a push, pull or copy ends before its time.
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
