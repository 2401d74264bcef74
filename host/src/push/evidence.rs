//! What a push does with an image in its registry before any tag moves: it attaches files, signs, and wants a
//! signature. Nobody pulls a tag whose image lacks them.

use std::fmt;
use std::sync::Arc;

use super::error::PushError;
use super::published::Published;
use super::report::Referrer;
use super::tags;
use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest};
use crate::signature::{Annotations, PrivateKey, PublicKey};
use crate::supply_chain::{Attachment, attach, sign, verify};

/// The files, the key to sign with, and the key of a signature that has to be there.
#[derive(Clone, Default)]
pub(crate) struct Evidence {
    /// Files that are attached: SBOMs, and the report of a scanner.
    pub(crate) files: Vec<Arc<Attachment>>,
    /// The key that the image is signed with.
    pub(crate) key: Option<Arc<PrivateKey>>,
    /// The key of a signature without which no tag moves.
    pub(crate) required: Option<PublicKey>,
}

/// Without the keys.
impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl Evidence {
    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.key.is_none() && self.required.is_none()
    }

    /// The key of a signature that the image has to have before it is pushed: one that the push itself makes comes
    /// later.
    pub(super) fn wanted_before(&self) -> Option<&PublicKey> {
        self.required.as_ref().filter(|_| self.key.is_none())
    }

    /// Checks, before the first byte is sent, that the image has the signature that is wanted.
    ///
    /// # Errors
    /// Where there is no valid one, and any refusal.
    pub(super) async fn ensure_signed(&self, repository: &RepositoryClient, digest: &Digest) -> Result<(), PushError> {
        if let Some(key) = self.wanted_before() {
            verify(repository, digest, key, &Annotations::new()).await.map_err(Box::new)?;
        }
        Ok(())
    }

    /// Publishes the manifest by its digest, attaches the files, signs, and checks the signature that is wanted. Gives
    /// what belongs to the image by that.
    ///
    /// # Errors
    /// The first failure; no tag has moved then.
    pub(super) async fn complete(
        &self,
        repository: &RepositoryClient,
        image: &Published,
    ) -> Result<Vec<Referrer>, PushError> {
        let mut referrers = Vec::new();
        if self.is_empty() {
            return Ok(referrers);
        }
        let digest = image.digest();
        if !tags::is_there(repository, &digest).await {
            tags::publish_untagged(repository, &image.media_type, &image.bytes).await?;
        }
        let subject = Descriptor::new(&image.media_type, digest.clone(), image.bytes.len() as u64);
        for file in &self.files {
            let attached = attach(repository, &subject, file).await.map_err(Box::new)?;
            tracing::info!("attached `{}` as {}", file.path().display(), attached.manifest.digest);
            referrers.push(Referrer::of_file(file.path(), attached));
        }
        if let Some(key) = &self.key {
            let signed = sign(repository, &digest, key, &Annotations::new()).await.map_err(Box::new)?;
            tracing::info!("signed {digest}; its signatures are under the tag `{}`", signed.tag);
            referrers.push(Referrer::of_signature(signed));
        }
        if let Some(key) = &self.required {
            verify(repository, &digest, key, &Annotations::new()).await.map_err(Box::new)?;
        }
        Ok(referrers)
    }
}
