//! Why a component is not tested.

use crate::error::Explain;
use crate::fixtures::FixtureError;
use crate::text::Escaped;

/// Why a component is not tested. What a test finds is no error.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum FlavorTestError {
    /// A policy.
    #[error("`{0}` is a policy, expected a flavor")]
    #[explain(kind = Usage, hint = "`crhost flavor call FILE admit --action push --image NAME` tries a policy")]
    Policy(Escaped),
    /// Fixtures that can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Fixture(#[from] FixtureError),
    /// A directory without any recorded call.
    #[error("`{0}` holds no recorded call: neither a `call.json` nor a directory that has one")]
    #[explain(kind = Usage, hint = "`crhost flavor call FILE EXPORT … --record DIR` records one")]
    NoCalls(Escaped),
}
