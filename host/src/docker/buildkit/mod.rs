//! What BuildKit in a daemon speaks besides Docker's API: messages of Protocol Buffers about a build's progress, and
//! gRPC on a session, by which it asks for logins and secrets.

mod protobuf;
mod session;
mod status;

pub(crate) use session::{METHODS, Served, serve};
pub(crate) use status::{Status, Vertex};
