//! The evidence of what a repository has.

use bytes::Bytes;

use crate::distribution::{Error, FoundManifest, RepositoryClient};
use crate::flavor::Evidence;
use crate::image::{Descriptor, Index, Manifest};

/// The evidence of a manifest with its configuration, or of an index with all of its images, whose parts the repository
/// has.
///
/// # Errors
/// Any refusal.
pub(crate) async fn evidence_of(repository: &RepositoryClient, found: &FoundManifest) -> Result<Evidence, Error> {
    let config = configuration(repository, found).await?;
    let mut evidence = Evidence::of_manifest(&found.media_type, &found.bytes, config.as_deref());
    let children = Index::parse(&found.bytes).map(|index| index.manifests).unwrap_or_default();
    for child in children.iter().filter(|child| child.is_manifest()) {
        // An index may name images that were never copied here.
        if let Some(child) = repository.manifest(&child.digest).await? {
            let config = configuration(repository, &child).await?;
            evidence = evidence.with_child(&child.media_type, &child.bytes, config.as_deref());
        }
    }
    Ok(evidence)
}

/// The configuration of a manifest of an image; absent for an index and for artifacts.
async fn configuration(repository: &RepositoryClient, found: &FoundManifest) -> Result<Option<Bytes>, Error> {
    let config: Option<Descriptor> = Manifest::parse(&found.bytes).ok().map(|manifest| manifest.config);
    match config.filter(Descriptor::is_image_config) {
        Some(config) => repository.small_blob(&config).await.map(Some),
        None => Ok(None),
    }
}
