//! Releases: what is in them, that they are the same wherever they are made, and that the image works with no rights.

mod contents;
mod image;
mod pods;
