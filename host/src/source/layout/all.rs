//! All images of an index: what a push of several platforms consists of.

use std::collections::HashSet;
use std::path::Path;

use bytes::Bytes;

use super::{Chosen, Layout, MAX_DEPTH};
use crate::image::{Descriptor, Digest, Index, Manifest, media_type};
use crate::source::error::SourceError;
use crate::source::{Child, Image, Layer, StoredIndex};

/// Manifests and configurations that are held at once: those of a thousand images.
const MAX_DOCUMENTS: usize = 32 << 20;

/// What an index names, directly and through others.
#[derive(Default)]
struct Found {
    children: Vec<Child>,
    layers: Vec<Layer>,
    seen: HashSet<Digest>,
    size: usize,
}

/// Opens the index of a layout that `reference` names, or the only one, with all that it names; where that is the manifest of
/// one image, this image.
pub(in crate::source) fn open(path: &Path, reference: Option<&str>) -> Result<(Image, Layout), SourceError> {
    let layout = Layout { path: path.to_owned() };
    let (index, bytes) = layout.index()?;
    let own_type = index.media_type.clone().unwrap_or_else(|| media_type::OCI_INDEX.to_owned());
    let (media_type, bytes, name) = match layout.choose(index, reference)? {
        Chosen::One(entry) if !entry.is_index() => return super::open(path, reference, None),
        Chosen::One(entry) => (entry.media_type.clone(), layout.document(&entry)?, layout.name(&entry, reference)),
        // The layout's own index is that of the image.
        Chosen::SideBySide(entries) if reference.is_none() => {
            let name = entries.first().and_then(|entry| layout.name(entry, None));
            (own_type, bytes.into(), name)
        }
        Chosen::SideBySide(entries) => {
            let known = entries.iter().map(|entry| entry.digest.to_string()).collect();
            return Err(SourceError::Several { path: path.to_owned(), known });
        }
    };
    let mut found = Found::default();
    layout.collect(&Index::parse(&bytes)?, 1, &mut found)?;
    let Found { children, layers, .. } = found;
    let index = Some(StoredIndex { media_type, bytes, children });
    Ok((Image { name, config: None, id: None, layers, manifest: None, index }, layout))
}

impl Layout {
    /// Adds what an index names, each once, and what is below before what is above.
    fn collect(&self, index: &Index, depth: usize, found: &mut Found) -> Result<(), SourceError> {
        let no_layout = |reason: String| SourceError::NoLayout { path: self.path.clone(), reason };
        for entry in &index.manifests {
            if !found.seen.insert(entry.digest.clone()) {
                continue;
            }
            let bytes = self.document(entry)?;
            found.hold(&bytes).map_err(no_layout)?;
            if entry.is_index() {
                if depth == MAX_DEPTH {
                    return Err(no_layout(super::too_deep()));
                }
                self.collect(&Index::parse(&bytes)?, depth + 1, found)?;
                found.children.push(Child { media_type: entry.media_type.clone(), bytes, config: None });
            } else if entry.is_manifest() {
                let parsed = Manifest::parse(&bytes)?;
                let config = self.document(&parsed.config)?;
                found.hold(&config).map_err(no_layout)?;
                self.collect_layers(&parsed.layers, found)?;
                let config = Some((parsed.config, config));
                found.children.push(Child { media_type: entry.media_type.clone(), bytes, config });
            } else {
                let media_type = crate::text::printable(&entry.media_type, 100);
                return Err(no_layout(format!("its index names {}, a `{media_type}`", entry.digest)));
            }
        }
        Ok(())
    }

    fn collect_layers(&self, layers: &[Descriptor], found: &mut Found) -> Result<(), SourceError> {
        for layer in layers {
            if layer.urls.is_empty() {
                self.check(layer)?;
            }
            if found.seen.insert(layer.digest.clone()) {
                found.layers.push(Layer::Blob(layer.clone()));
            }
        }
        Ok(())
    }
}

impl Found {
    fn hold(&mut self, document: &Bytes) -> Result<(), String> {
        self.size += document.len();
        if self.size > MAX_DOCUMENTS {
            return Err(format!("its manifests and configurations have more than {MAX_DOCUMENTS} bytes"));
        }
        Ok(())
    }
}
