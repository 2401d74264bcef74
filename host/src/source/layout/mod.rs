//! OCI image layouts: a directory of blobs by digest, and an index of them (OCI image specification, "Image Layout").

mod directory;
mod index;
mod names;
mod single;

pub(super) use directory::Layout;
pub(super) use index::open_all;
pub(super) use single::open;
