//! HTTP as the distribution client needs it: connections, the content of requests, and headers. It knows no registry
//! and no credential.

pub(super) mod challenge;
pub(super) mod connections;
pub(super) mod failure;
pub(super) mod headers;
mod pace;
pub(crate) mod payload;
mod pieces;
pub(super) mod redirect;
pub(super) mod retry_after;
pub(super) mod throttle;
mod tls;
pub(super) mod transport;
