//! The answer of a call, whatever the version of the contract.

use crate::flavor::cause::OutputError;
use crate::flavor::model::Failure;

/// How a call ended that the guest returned from.
pub(in crate::flavor) enum Outcome<T> {
    /// With a value within the contract's bounds.
    Value(T),
    /// With a failure that the flavor reports.
    Refused(Failure),
    /// With a value outside of the contract's bounds.
    Broken(OutputError),
}

/// The outcome of a call, or the trap that ended it.
pub(in crate::flavor) type Answer<T> = wasmtime::Result<Outcome<T>>;

/// A value that is not checked yet becomes one that is, or breaks the contract.
impl<T> From<Result<T, OutputError>> for Outcome<T> {
    fn from(checked: Result<T, OutputError>) -> Self {
        checked.map_or_else(Self::Broken, Self::Value)
    }
}
