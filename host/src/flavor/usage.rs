//! The resources that one call used.

use std::time::Duration;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallOutcome {
    /// With a value.
    Done,
    /// With a failure that the flavor reports.
    Refused,
    /// Without an answer, or with one that breaks the contract.
    Failed,
}

/// The resources that one call used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The function of the contract.
    pub(crate) function: &'static str,
    /// How the call ended.
    pub(crate) outcome: CallOutcome,
    /// Wall time.
    pub(crate) time: Duration,
    /// The most linear memory that the call had, in bytes.
    pub(crate) memory: usize,
    /// Requests, the refused ones included.
    pub(crate) requests: usize,
}
