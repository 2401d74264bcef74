//! OCI layouts that are written (OCI image specification, "Image Layout").
//!
//! Several pulls, and several processes, may write into one layout at the same time. Blobs come first, each under a
//! temporary name until its bytes are verified and on the disk; the layout's index, which alone makes an image visible,
//! is changed last, under a lock. A kill at any moment leaves the old index or the new one, and whole blobs.

mod directory;
mod download;
mod entry;
mod index;
mod partial;
mod verified;

pub(super) use directory::LayoutDirectory;
pub(super) use download::Downloads;
pub(super) use entry::{ImageNames, entry};
pub(super) use index::add;
