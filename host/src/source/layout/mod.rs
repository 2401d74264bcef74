//! OCI image layouts: a directory, or a tar archive, of blobs by digest, and an index of them (OCI image specification,
//! "Image Layout").

mod choose;
mod directory;
mod index;
mod leaves;
mod named;
mod names;
mod single;

pub(super) use directory::Layout;
pub(super) use index::open_all;
pub(super) use named::image_names;
pub(crate) use names::layout_names;
pub(super) use single::{compressed, open};
