//! Images in the storage of Podman and buildah (<https://github.com/containers/storage>), which need no daemon.
//!
//! Layers are unpacked there, as in the store of Docker's driver overlay2, each with the records of tar-split from
//! which its archive is put together again, byte for byte. Nothing is mounted or written, and nothing is trusted: the
//! configuration and each layer are verified by their digests.

mod configuration;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
pub(super) mod error;
#[cfg(target_os = "linux")]
mod find;
#[cfg(target_os = "linux")]
mod image;
pub(super) mod location;
#[cfg(target_os = "linux")]
mod lock;
#[cfg(target_os = "linux")]
mod names;
#[cfg(target_os = "linux")]
mod records;
#[cfg(target_os = "linux")]
mod store;

pub(super) use configuration::stores;
#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{StoredImage, has, names, open};
#[cfg(target_os = "linux")]
pub(super) use image::{StoredImage, has, open};
use location::StorageLocation;
#[cfg(target_os = "linux")]
pub(super) use names::names;

use super::error::SourceError;
use crate::docker::EngineError;
use crate::environment::Environment;

/// The error for an image of a daemon that does not answer; where Podman's own storage has one of this name, with that
/// for the next step.
pub(super) async fn offer(reason: EngineError, name: &str, environment: &Environment) -> SourceError {
    let location = StorageLocation::named(name);
    if let EngineError::Unreachable { .. } = reason
        && let Ok(stores) = stores(&location, environment)
        && tokio::task::spawn_blocking(move || has(&stores, &location.name)).await.unwrap_or(false)
    {
        return SourceError::InStorage { reason: Box::new(reason), name: name.into() };
    }
    reason.into()
}
