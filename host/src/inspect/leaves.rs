//! The images below an index, as a pull finds them: through indexes in indexes, and with the platforms that only
//! configurations name.

use std::collections::HashSet;

use super::error::InspectError;
use super::opened::Opened;
use crate::distribution::FoundManifest;
use crate::image::{Config, Descriptor, Digest, DocumentKind, Index, Manifest, Platform};
use crate::source::{MAX_DEPTH, images};

/// Most indexes of one image that are read: honest ones have a few, and each is a request.
const MAX_INDEXES: usize = 1_000;

/// The manifests of images below an index, each once.
#[derive(Default)]
struct Leaves {
    manifests: Vec<Descriptor>,
    seen: HashSet<Digest>,
    indexes: usize,
}

impl Opened<'_> {
    /// The manifests of images below the entries of an index. Where there are several, those without a platform have
    /// that of their configuration, and those that are not there are left out.
    ///
    /// # Errors
    /// If an index is not there or damaged, or they have no end.
    pub(super) async fn leaves(&mut self, entries: Vec<Descriptor>) -> Result<Vec<Descriptor>, InspectError> {
        let mut leaves = Leaves::default();
        leaves.collect(self, entries, 1).await?;
        let mut manifests = leaves.manifests;
        if manifests.len() < 2 {
            return Ok(manifests);
        }
        let mut found = Vec::with_capacity(manifests.len());
        for mut entry in manifests.drain(..) {
            if entry.platform.is_none() {
                entry.platform = match self.platform_of(&entry).await {
                    Err(InspectError::NoChild { .. }) => continue,
                    platform => platform?,
                };
            }
            found.push(entry);
        }
        Ok(found)
    }

    /// The platform in an image's configuration.
    async fn platform_of(&mut self, entry: &Descriptor) -> Result<Option<Platform>, InspectError> {
        let found = self.below(entry).await?;
        let manifest = Manifest::parse(&found.bytes).map_err(|reason| InspectError::malformed(self.name(), reason))?;
        if !manifest.config.is_image_config() {
            return Ok(None);
        }
        let config = self.blob(&manifest.config).await?;
        Ok(Config::parse(&config).ok().and_then(|config| config.platform()))
    }

    /// What an entry of an index names, which has to be what the entry says.
    ///
    /// # Errors
    /// If it is not there, or is something else.
    pub(super) async fn below(&mut self, entry: &Descriptor) -> Result<FoundManifest, InspectError> {
        let found = self.child(&entry.digest).await?;
        let kind = DocumentKind::of(&entry.media_type, &found.bytes);
        kind.and_then(|_| DocumentKind::of(&found.media_type, &found.bytes))
            .map_err(|reason| InspectError::malformed(self.name(), reason))?;
        Ok(found)
    }
}

impl Leaves {
    async fn collect(
        &mut self,
        opened: &mut Opened<'_>,
        entries: Vec<Descriptor>,
        depth: usize,
    ) -> Result<(), InspectError> {
        for mut entry in images(entries) {
            if !self.seen.insert(entry.digest.clone()) {
                continue;
            }
            let mut found = None;
            if entry.media_type.is_empty() {
                let document = opened.below(&entry).await?;
                let kind = DocumentKind::of(&document.media_type, &document.bytes);
                let kind = kind.map_err(|reason| InspectError::malformed(opened.name(), reason))?;
                kind.media_type().clone_into(&mut entry.media_type);
                found = Some(document);
            }
            if entry.is_manifest() {
                self.manifests.push(entry);
            } else if entry.is_index() {
                self.indexes += 1;
                if depth == MAX_DEPTH || self.indexes > MAX_INDEXES {
                    return Err(InspectError::TooDeep { image: opened.name(), depth: MAX_DEPTH, most: MAX_INDEXES });
                }
                let document = match found {
                    Some(document) => document,
                    None => opened.below(&entry).await?,
                };
                let index =
                    Index::parse(&document.bytes).map_err(|reason| InspectError::malformed(opened.name(), reason))?;
                Box::pin(self.collect(opened, index.manifests, depth + 1)).await?;
            }
        }
        Ok(())
    }
}
