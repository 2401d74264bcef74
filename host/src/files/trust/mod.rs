//! Whether a directory can be trusted with compiled code: another user who can write to it, or put another directory in
//! its place, runs code as its owner.
//!
//! The crate `fs-mistrust` was examined and not taken. It rejects files that are group-writable inside a private
//! directory, as the runtime makes them under a umask of 002 in a shared group; it rejects group-writable directories
//! above unless the group is the user's own, which OpenShift's and many CI systems' are not; it fails when another
//! process removes a file while it looks; it follows a symbolic link in place of the directory itself; and it has no
//! bound on the files that it visits. Its dozen crates read the user database through libc.

mod distrust;
#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

pub(crate) use distrust::Distrust;
#[cfg(not(unix))]
pub(crate) use other::trusted;
#[cfg(unix)]
pub(crate) use unix::trusted;

#[cfg(test)]
#[cfg(unix)]
mod tests;
