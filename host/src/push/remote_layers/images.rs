//! The images in registries: manifests with their configurations. What can't be used is a reason in words, for the log.

use bytes::Bytes;
use futures_util::future::join_all;

use crate::distribution::{FoundManifest, ManifestName, RepositoryClient};
use crate::image::{
    Config, Descriptor, Digest, Host, Index, Manifest, Platform, Reference, Repository, Tag, media_type,
};

/// Images of an index that are asked for: more platforms than almost any image has.
const MAX_IMAGES: usize = 16;

/// An image in a registry.
pub(super) struct RemoteImage {
    /// The host that has it.
    pub(super) host: Host,
    /// Its repository there.
    pub(super) repository: Repository,
    /// Its layers' diff ids and blobs, lowest first, as they belong together.
    pub(super) layers: Vec<(Digest, Descriptor)>,
    /// Its configuration, whose digest was verified.
    pub(super) config: Bytes,
    digest: Digest,
}

impl RemoteImage {
    /// The digest of its configuration.
    pub(super) fn config_digest(&self) -> &Digest {
        &self.digest
    }
}

#[cfg(test)]
impl RemoteImage {
    /// An image with these layers.
    pub(super) fn example(host: &str, repository: &str, layers: Vec<(Digest, Descriptor)>, config: Bytes) -> Self {
        let (host, repository) = (host.parse().unwrap(), repository.parse().unwrap());
        Self { host, repository, layers, digest: Digest::of(&config), config }
    }
}

/// The images under a tag.
pub(super) async fn of_tag(repository: &RepositoryClient, tag: &Tag) -> Result<Vec<RemoteImage>, String> {
    of_manifest(repository, tag.into()).await
}

/// The images under a reference's digest, its tag, or `latest`.
pub(super) async fn of_reference(
    repository: &RepositoryClient,
    reference: &Reference,
) -> Result<Vec<RemoteImage>, String> {
    match (reference.digest(), reference.tag()) {
        (Some(digest), _) => of_manifest(repository, digest.into()).await,
        (None, Some(tag)) => of_tag(repository, tag).await,
        (None, None) => of_tag(repository, &Tag::latest()).await,
    }
}

async fn of_manifest(repository: &RepositoryClient, name: ManifestName<'_>) -> Result<Vec<RemoteImage>, String> {
    let found = repository.manifest(name).await.map_err(|error| error.to_string())?;
    let found = found.ok_or("it does not exist")?;
    match found.media_type.as_str() {
        media_type::OCI_INDEX | media_type::DOCKER_LIST => of_index(repository, &found).await,
        _ => Ok(vec![image(repository, &found).await?]),
    }
}

/// The images of an index: each may have some of our layers, whatever its platform. One that can't be used leaves the
/// others.
async fn of_index(repository: &RepositoryClient, index: &FoundManifest) -> Result<Vec<RemoteImage>, String> {
    let index = Index::parse(&index.bytes).map_err(|error| error.to_string())?;
    // An attestation of BuildKit has a platform that is unknown.
    let is_image = |entry: &&Descriptor| entry.is_manifest() && entry.platform.as_ref().is_none_or(Platform::is_known);
    let entries = index.manifests.iter().filter(is_image).take(MAX_IMAGES);
    let images = join_all(entries.map(|entry| async move {
        let found = repository.manifest(&entry.digest).await.map_err(|error| error.to_string())?;
        image(repository, &found.ok_or("it does not exist")?).await
    }));
    let found = images.await.into_iter().filter_map(|image: Result<_, String>| {
        image.inspect_err(|reason| tracing::debug!("an image of the index is not used: {reason}")).ok()
    });
    Ok(found.collect())
}

async fn image(repository: &RepositoryClient, found: &FoundManifest) -> Result<RemoteImage, String> {
    let kind = found.media_type.as_str();
    if kind.starts_with("application/vnd.docker.distribution.manifest.v1") {
        return Err("its manifest is of Docker's schema 1, which names no diff ids".to_owned());
    }
    if !matches!(kind, media_type::OCI_MANIFEST | media_type::DOCKER_MANIFEST) {
        return Err(format!("`{}` is no image", crate::text::printable(kind, 100)));
    }
    let manifest = Manifest::parse(&found.bytes).map_err(|error| error.to_string())?;
    if !manifest.config.is_image_config() {
        return Err("it is no image of layers, but another artifact".to_owned());
    }
    let config = repository.small_blob(&manifest.config).await.map_err(|error| error.to_string())?;
    let diff_ids = Config::parse(&config).map_err(|error| error.to_string())?.rootfs.diff_ids;
    if diff_ids.len() != manifest.layers.len() {
        let (blobs, named) = (manifest.layers.len(), diff_ids.len());
        return Err(format!("its manifest has {blobs} layers, its configuration names {named}"));
    }
    Ok(RemoteImage {
        host: repository.host().clone(),
        repository: repository.repository().clone(),
        layers: diff_ids.into_iter().zip(manifest.layers).collect(),
        digest: manifest.config.digest,
        config,
    })
}
