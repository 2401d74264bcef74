//! Whether a directory or file is the user's alone: who can change the store decides where secrets go, and who can
//! change compiled code, or put another directory in its place, runs code as its owner.
//!
//! The crate `fs-mistrust` was examined and not taken. It rejects files that are group-writable inside a private
//! directory, as the runtime makes them under a umask of 002 in a shared group; it fails when another process removes a
//! file while it looks; it does not make directories on a path as it examines it; and it has no bound on the files that
//! it visits. Its dozen crates read the user database through libc.

mod error;
#[cfg(unix)]
mod group;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod secret;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod walk;

pub(crate) use error::{CacheDistrust, Distrust, FileDistrust, Forbidden};
#[cfg(not(unix))]
pub(crate) use other::{cache_directory, check_file, check_secret, existing_directory, own_directory};
#[cfg(unix)]
pub(crate) use secret::check_secret;
#[cfg(unix)]
pub(crate) use unix::{cache_directory, check_file};
#[cfg(unix)]
pub(crate) use walk::{existing_directory, own_directory};

#[cfg(test)]
#[cfg(unix)]
mod tests;
