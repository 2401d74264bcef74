//! The means to send layers to one registry, shared by all of a push.

use std::sync::Arc;

use super::chunk_size::ChunkSize;
use super::encoder::Encoder;
use super::registry_slots::RegistrySlots;
use crate::distribution::RepositoryClient;
use crate::flavor::UploadProfile;
use crate::push::hold_up::HoldUp;
use crate::push::progress::Progress;

/// Sends layers into a repository.
#[derive(Clone)]
pub(super) struct Uploader {
    /// The repository.
    pub(super) repository: RepositoryClient,
    /// The most bytes of one request, if the registry limits them.
    pub(super) chunk: ChunkSize,
    /// What the flavor knows about uploads to the registry.
    pub(super) profile: UploadProfile,
    /// Reads layers again.
    pub(super) encoder: Encoder,
    /// How many layers are sent at once.
    pub(super) slots: RegistrySlots,
    /// How long the other registries have waited for this one.
    pub(super) hold_up: Arc<HoldUp>,
    /// Receives the events.
    pub(super) progress: Arc<dyn Progress>,
}
