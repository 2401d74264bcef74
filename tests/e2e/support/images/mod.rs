//! Images with known contents, in memory and as files.

pub(crate) mod digest;
pub(crate) mod image;
pub(crate) mod image_files;
pub(crate) mod noise;
pub(crate) mod odd_layers;
