//! The image that something belongs to.

use std::collections::HashSet;

use super::error::SupplyChainError;
use crate::distribution::{FoundManifest, ManifestName, RepositoryClient};
use crate::image::{Descriptor, Digest, DocumentKind, Index, Reference, Tag, media_type};
use crate::retrying::retry;

/// Most images of an index that are signed in one run: the largest known have some dozens of platforms.
const MAX_IMAGES: usize = 1_000;

/// An image in a registry: its manifest or index.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    /// Its descriptor.
    pub(crate) descriptor: Descriptor,
    /// Its bytes.
    pub(crate) bytes: bytes::Bytes,
}

impl Subject {
    /// The manifest's digest.
    pub(crate) fn digest(&self) -> &Digest {
        &self.descriptor.digest
    }
}

/// Finds an image by its digest, its tag, or the tag `latest`.
///
/// # Errors
/// [`SupplyChainError::NoImage`] where there is none, and any refusal.
pub(crate) async fn resolve(repository: &RepositoryClient, image: &Reference) -> Result<Subject, SupplyChainError> {
    let latest = Tag::latest();
    let name: ManifestName<'_> = match (image.digest(), image.tag()) {
        (Some(digest), _) => digest.into(),
        (None, tag) => tag.unwrap_or(&latest).into(),
    };
    let found = retry(|| repository.manifest(name)).await?;
    let FoundManifest { media_type, bytes, digest } =
        found.ok_or_else(|| SupplyChainError::NoImage(image.to_string().into()))?;
    // A signature of it would be one of several images.
    DocumentKind::of(&media_type, &bytes)
        .map_err(|reason| SupplyChainError::Manifest { image: image.to_string().into(), reason })?;
    Ok(Subject { descriptor: Descriptor::new(&media_type, digest, bytes.len() as u64), bytes })
}

/// The manifests and indexes below an index, direct and indirect, each once; none for an image.
///
/// # Errors
/// Where there are too many, one is missing or invalid, and any refusal.
pub(crate) async fn images_below(
    repository: &RepositoryClient,
    subject: &Subject,
) -> Result<Vec<Digest>, SupplyChainError> {
    let name = || format!("{}/{}@{}", repository.host(), repository.repository(), subject.digest());
    let mut seen = HashSet::from([subject.digest().clone()]);
    let (mut found, mut indexes) = (Vec::new(), Vec::new());
    if subject.descriptor.is_index() {
        indexes.push(subject.bytes.clone());
    }
    while let Some(bytes) = indexes.pop() {
        let index = Index::parse(&bytes);
        let index = index.map_err(|reason| SupplyChainError::Manifest { image: name().into(), reason })?;
        for child in index.manifests {
            if !seen.insert(child.digest.clone()) {
                continue;
            }
            if found.len() == MAX_IMAGES {
                return Err(SupplyChainError::TooMany { image: name().into(), most: MAX_IMAGES });
            }
            if child.is_index() {
                let stored = retry(|| repository.manifest(&child.digest)).await?;
                let missing = || SupplyChainError::NoImage(child.digest.to_string().into());
                let stored = stored.ok_or_else(missing)?;
                // A registry may say that an image is an index; its bytes tell.
                if matches!(stored.media_type.as_str(), media_type::OCI_INDEX | media_type::DOCKER_LIST) {
                    indexes.push(stored.bytes);
                }
            }
            found.push(child.digest);
        }
    }
    Ok(found)
}
