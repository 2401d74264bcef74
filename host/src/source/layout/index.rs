//! All images of an index, for a push of several platforms.

use bytes::Bytes;
use std::collections::HashSet;

use super::choose::{Chosen, choose};
use super::directory::Layout;
use super::leaves;
use super::names::{self, typed_name};
use super::single;
use crate::image::{Descriptor, Digest, Index, Manifest, media_type};
use crate::source::document::{Budget, MAX_DOCUMENTS};
use crate::source::error::SourceError;
use crate::source::fitting::{self, MAX_DEPTH};
use crate::source::image::{Child, Image, StoredIndex};
use crate::source::opened::Opened;
use crate::source::selection::Selection;

/// Opens the index that `selection` means, or the only one, with everything that it names. If the entry is a manifest
/// and no index, opens that image.
pub(in crate::source) fn open_all(layout: Layout, selection: &Selection<'_>) -> Result<Opened<Layout>, SourceError> {
    let path = layout.path().to_owned();
    let (index, bytes) = layout.index()?;
    let own_type = index.media_type.clone().unwrap_or_else(|| media_type::OCI_INDEX.to_owned());
    let (media_type, bytes, suggestion) = match choose(&layout, &index, selection)? {
        Chosen::One(entry) if !entry.is_index() => return single::open(layout, selection, None),
        Chosen::One(entry) => {
            let bytes = layout.document(&entry)?;
            (fitting::own_type(&bytes, &entry)?, bytes, names::suggestion(&path, &entry))
        }
        // The layout's own index is that of the image.
        Chosen::SideBySide(entries) if *selection == Selection::Only => {
            let suggestion = entries.first().and_then(|entry| names::suggestion(&path, entry));
            (own_type, bytes.into(), suggestion)
        }
        Chosen::SideBySide(entries) => {
            let known = entries.iter().map(|entry| format!("@{}", entry.digest).into()).collect();
            return Err(SourceError::Several { path: path.as_path().into(), images: entries.len(), known });
        }
    };
    let mut tree =
        Tree { layout: &layout, children: vec![], layers: vec![], seen: HashSet::new(), budget: Budget::default() };
    tree.collect(&Index::parse(&bytes)?, 1)?;
    let Tree { children, layers, .. } = tree;
    let image = Image::Index(StoredIndex { media_type, bytes, children, layers });
    let suggestions = suggestion.into_iter().collect();
    Ok(Opened { name: typed_name(&path, selection.name()), suggestions, image, reader: layout })
}

/// Whether an entry of an index is a blob of BuildKit's cache: a layer, or the list of what was built of which.
fn is_of_cache(entry: &Descriptor) -> bool {
    ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.", "application/vnd.buildkit."]
        .iter()
        .any(|start| entry.media_type.starts_with(start))
}

/// The content of an index, collected from the top down.
struct Tree<'a> {
    layout: &'a Layout,
    children: Vec<Child>,
    layers: Vec<Descriptor>,
    seen: HashSet<Digest>,
    budget: Budget,
}

impl Tree<'_> {
    /// Adds the entries of an index, each once, and an index after its own children.
    fn collect(&mut self, index: &Index, depth: usize) -> Result<(), SourceError> {
        for entry in &index.manifests {
            let entry = &leaves::typed(self.layout, entry.clone())?;
            if !entry.is_index() && !entry.is_manifest() {
                if !is_of_cache(entry) {
                    let media_type = crate::text::printable(&entry.media_type, 100);
                    return Err(self.layout.invalid(format!("its index names {}, a `{media_type}`", entry.digest)));
                }
                self.collect_layers(vec![entry.clone()])?;
                continue;
            }
            if !self.seen.insert(entry.digest.clone()) {
                continue;
            }
            let bytes = self.document(entry)?;
            let media_type = fitting::own_type(&bytes, entry)?;
            let config = if entry.is_index() {
                if depth == MAX_DEPTH {
                    return Err(self.layout.too_deep());
                }
                self.collect(&Index::parse(&bytes)?, depth + 1)?;
                None
            } else {
                let manifest = Manifest::parse(&bytes)?;
                let config = self.document(&manifest.config)?;
                self.collect_layers(manifest.layers)?;
                Some((manifest.config, config))
            };
            self.children.push(Child { media_type, bytes, config });
        }
        Ok(())
    }

    fn collect_layers(&mut self, layers: Vec<Descriptor>) -> Result<(), SourceError> {
        for layer in layers {
            if layer.urls.is_empty() {
                self.layout.check(&layer)?;
            }
            if self.seen.insert(layer.digest.clone()) {
                self.layers.push(layer);
            }
        }
        Ok(())
    }

    fn document(&mut self, descriptor: &Descriptor) -> Result<Bytes, SourceError> {
        let bytes = self.layout.whole_document(descriptor)?;
        if self.budget.add(bytes.len()) {
            return Ok(bytes);
        }
        let reason = format!("its manifests and configurations have more than {MAX_DOCUMENTS} bytes");
        Err(self.layout.invalid(reason))
    }
}
