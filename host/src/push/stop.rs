//! Why a layer is not encoded to its end.

use std::sync::Arc;

use crate::source::SourceError;

/// The reason why a layer was not encoded to its end.
#[derive(Debug, Clone)]
pub(super) enum Stop {
    /// The source failed.
    Source(Arc<SourceError>),
    /// The encoder failed.
    Encoder(String),
    /// The request ended before all blocks were taken.
    ReceiverGone,
    /// The registry took them so slowly that the others went on without it.
    Behind,
}
