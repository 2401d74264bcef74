//! Everything that an index names, for a copy of all of it.

use std::collections::HashSet;

use super::documents::{Document, Documents};
use super::error::RemoteError;
use crate::image::{Descriptor, Digest, DocumentKind as Kind, Index, Manifest};
use crate::source::{Child, MAX_DEPTH};

/// The content of an index, from the top down.
#[derive(Default)]
struct Tree {
    children: Vec<Child>,
    layers: Vec<Descriptor>,
    seen: HashSet<Digest>,
}

/// The manifests and indexes below an index, each once and an index after its own children; and the layers of all.
///
/// # Errors
/// If one is missing or damaged, or the index is larger or deeper than any honest one.
pub(super) async fn collect(
    documents: &mut Documents<'_>,
    index: &Index,
) -> Result<(Vec<Child>, Vec<Descriptor>), RemoteError> {
    let mut tree = Tree::default();
    tree.collect(documents, index, 1).await?;
    Ok((tree.children, tree.layers))
}

impl Tree {
    async fn collect(&mut self, documents: &mut Documents<'_>, index: &Index, depth: usize) -> Result<(), RemoteError> {
        let entries = index.manifests.iter().filter(|entry| self.seen.insert(entry.digest.clone()));
        // The layers of a build cache stand in an index themselves.
        let (layers, entries): (Vec<Descriptor>, Vec<Descriptor>) = entries.cloned().partition(is_blob);
        self.layers.extend(layers);
        let (mut manifests, mut indexes) = (Vec::new(), Vec::new());
        for (entry, document) in entries.iter().zip(documents.children(&entries).await?) {
            match document {
                Some(Document { kind: Kind::Manifest(media_type), bytes, .. }) => {
                    let manifest = Manifest::parse(&bytes).map_err(|reason| documents.malformed(reason))?;
                    manifests.push((media_type, bytes, manifest));
                }
                Some(Document { kind: Kind::Index(media_type), bytes, .. }) => indexes.push((media_type, bytes)),
                // Of a kind that only its makers know: kept as it is.
                Some(Document { kind: Kind::Other(media_type), bytes, .. }) => {
                    self.children.push(Child { media_type, bytes, config: None });
                }
                None if entry.is_manifest() || entry.is_index() => {
                    return Err(RemoteError::Missing { image: documents.image(), digest: entry.digest.clone() });
                }
                // No manifest, so that it can only be a blob.
                None => self.layers.push(entry.clone()),
            }
        }
        let configs: Vec<&Descriptor> = manifests.iter().map(|(_, _, manifest)| &manifest.config).collect();
        let configs = documents.configs(&configs).await?;
        for (media_type, bytes, manifest) in manifests {
            let config = configs.get(&manifest.config.digest).cloned().unwrap_or_default();
            self.children.push(Child { media_type, bytes, config: Some((manifest.config, config)) });
            let layers = manifest.layers.into_iter().filter(|layer| self.seen.insert(layer.digest.clone()));
            self.layers.extend(layers);
        }
        for (media_type, bytes) in indexes {
            if depth == MAX_DEPTH {
                return Err(documents.excess(format!("has others nested more than {MAX_DEPTH} deep")));
            }
            Box::pin(self.collect(documents, &Index::parse(&bytes)?, depth + 1)).await?;
            self.children.push(Child { media_type, bytes, config: None });
        }
        Ok(())
    }
}

/// Whether an entry of an index is a blob by its media type, as those of BuildKit's cache are.
fn is_blob(entry: &Descriptor) -> bool {
    ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.", "application/vnd.buildkit."]
        .iter()
        .any(|start| entry.media_type.starts_with(start))
}
