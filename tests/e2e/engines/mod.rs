//! Who sends an image of a daemon, and images of Podman and buildah without one.

mod by_daemon;
mod refusals;
mod storage;
