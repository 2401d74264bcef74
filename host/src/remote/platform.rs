//! The image of an index that is for a platform.

use std::collections::HashSet;

use super::documents::Documents;
use super::error::RemoteError;
use crate::image::{Config, Descriptor, Digest, DocumentKind as Kind, Index, Manifest, Platform};
use crate::source::{self, MAX_DEPTH, images};

/// The manifests of images below an index, each once.
#[derive(Default)]
struct Leaves {
    manifests: Vec<Descriptor>,
    /// Whether there is anything else, such as layers.
    others: bool,
    seen: HashSet<Digest>,
}

/// Follows the entries of an index down to the manifest for a platform, or for this machine's. An only image is taken
/// whatever its platform is.
///
/// # Errors
/// If there is none, or the index is too deep.
pub(super) async fn fitting(
    documents: &mut Documents<'_>,
    entries: Vec<Descriptor>,
    platform: Option<&Platform>,
) -> Result<Descriptor, RemoteError> {
    let mut leaves = Leaves::default();
    leaves.collect(documents, entries, 1).await?;
    let Leaves { mut manifests, others, .. } = leaves;
    match manifests.as_slice() {
        [] if others => return Err(RemoteError::Cache(documents.image())),
        [] => return Err(documents.excess("names no image".to_owned())),
        [only] => return Ok(only.clone()),
        _ => {}
    }
    learn_platforms(documents, &mut manifests).await?;
    let is_known = |entry: &Descriptor| entry.platform.as_ref().is_some_and(Platform::is_known);
    if let Some(first) = manifests.first()
        && !manifests.iter().any(is_known)
    {
        let (image, images, first) = (documents.image(), manifests.len(), first.digest.clone());
        return Err(RemoteError::Several { image, images, first });
    }
    manifests.retain(is_known);
    Ok(source::fitting(&documents.image(), &manifests, platform)?)
}

impl Leaves {
    async fn collect(
        &mut self,
        documents: &mut Documents<'_>,
        entries: Vec<Descriptor>,
        depth: usize,
    ) -> Result<(), RemoteError> {
        for mut entry in images(entries) {
            if !self.seen.insert(entry.digest.clone()) {
                continue;
            }
            let mut document = None;
            if entry.media_type.is_empty() {
                let found = documents.child(&entry).await?;
                let (Kind::Manifest(own) | Kind::Index(own) | Kind::Other(own)) = &found.kind;
                entry.media_type.clone_from(own);
                document = Some(found);
            }
            if entry.is_manifest() {
                self.manifests.push(entry);
            } else if !entry.is_index() {
                self.others = true;
            } else if depth == MAX_DEPTH {
                return Err(documents.excess(format!("has others nested more than {MAX_DEPTH} deep")));
            } else {
                let document = match document {
                    Some(document) => document,
                    None => documents.child(&entry).await?,
                };
                let entries = Index::parse(&document.bytes)?.manifests;
                Box::pin(self.collect(documents, entries, depth + 1)).await?;
            }
        }
        Ok(())
    }
}

/// Adds the platforms that configurations name, where the index names none (image-spec, "Image Index": it should).
/// Manifests that are not there are left out: whoever copies one platform may leave the others.
async fn learn_platforms(documents: &mut Documents<'_>, manifests: &mut Vec<Descriptor>) -> Result<(), RemoteError> {
    let lacks = |entry: &&Descriptor| !entry.platform.as_ref().is_some_and(Platform::is_known);
    let unknown: Vec<Descriptor> = manifests.iter().filter(lacks).cloned().collect();
    let found = documents.children(&unknown).await?;
    let mut missing = HashSet::new();
    for (entry, document) in unknown.iter().zip(found) {
        let Some(document) = document else {
            missing.insert(entry.digest.clone());
            continue;
        };
        let config = Manifest::parse(&document.bytes)?.config;
        if !config.is_image_config() {
            continue;
        }
        let bytes = documents.configs(&[&config]).await?.remove(&config.digest).unwrap_or_default();
        let platform = Config::parse(&bytes).ok().and_then(|config| config.platform());
        for manifest in manifests.iter_mut().filter(|manifest| manifest.digest == entry.digest) {
            manifest.platform.clone_from(&platform);
        }
    }
    manifests.retain(|manifest| !missing.contains(&manifest.digest));
    Ok(())
}
