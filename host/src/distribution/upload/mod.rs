//! Uploads of blobs: one session per blob, in one request or in several.

mod chunked;
mod range;
mod session;

pub(crate) use chunked::first_chunk;
pub(crate) use session::Upload;
