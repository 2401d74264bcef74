//! Operations: the requests that a flavor declares, that users read and grant, and that it is held to.

mod check;
mod declaration;
mod path;
mod place;

pub(crate) use check::OperationError;
pub(crate) use declaration::{ANY, Method, Operation, Parameter};
pub(crate) use path::{PathPattern, is_upload};
pub(crate) use place::{Place, Placement, SecretForm};
