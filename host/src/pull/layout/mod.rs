//! OCI layouts that are written (OCI image specification, "Image Layout").
//!
//! Several pulls, and several processes, may write into one layout at the same time. Blobs come first, each under a
//! temporary name until its bytes are verified; the layout's index, which alone makes an image visible,
//! is changed last, under a lock. A kill at any moment leaves the old index or the new one, and whole
//! blobs. The disk is waited for where images were there before, whose entries a power cut must not take away; what is
//! new can be pulled again, and is hashed before it is believed after the next start of the system.

mod boot;
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
