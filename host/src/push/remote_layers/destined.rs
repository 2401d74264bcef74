//! Where an image is pushed to.

use crate::distribution::RepositoryClient;
use crate::image::Tag;

/// A repository that an image is pushed to.
#[derive(Clone, Copy)]
pub(in crate::push) struct Destined<'a> {
    /// The repository.
    pub(in crate::push) repository: &'a RepositoryClient,
    /// The tags that the push moves.
    pub(in crate::push) tags: &'a [Tag],
    /// Whether the registry mounts blobs from other repositories.
    pub(in crate::push) mounts: bool,
}
