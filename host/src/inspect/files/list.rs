//! The files of an image, or of one of its layers.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::entry::{Entry, EntryKind, normal, shown};
use super::layer::{Numbered, read};
use super::merge::{Merge, Visibility};
use super::oddities::Oddities;
use super::record::Record;
use crate::inspect::error::InspectError;
use crate::inspect::opened::{Image, Opened};
use crate::source::{Layer, LayerKey};
use crate::text::Escaped;

/// Takes files as they are found; breaks off where nobody reads them any more.
pub(crate) type Visit<'a> = &'a mut (dyn FnMut(Vec<Entry>) -> ControlFlow<()> + Send);

/// What of an image is listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listing {
    /// This file, or this directory with all that is below it; everything without one.
    pub(crate) path: Option<String>,
    /// This layer alone, with what it removes: its number from 1, or the beginning of its digest.
    pub(crate) layer: Option<String>,
}

/// Lists files: those that a container sees, the upper layers' first, or those of one layer, in the layer's own order.
///
/// # Errors
/// If a layer can't be read, or nothing is at the path.
pub(crate) async fn list(
    opened: &mut Opened<'_>,
    image: &Image,
    listing: &Listing,
    visit: Visit<'_>,
) -> Result<(), InspectError> {
    let path = listing.path.as_ref().map(|path| normal(path.as_bytes())).filter(|path| !path.is_empty());
    let mut is_found = path.is_none();
    let mut visit = |files: Vec<Entry>| {
        is_found |= !files.is_empty();
        if files.is_empty() { ControlFlow::Continue(()) } else { visit(files) }
    };
    let ended = match &listing.layer {
        Some(wanted) => single(opened, image, wanted, path.as_deref(), &mut visit).await?,
        None => merged(opened, image, path.as_deref(), &mut visit).await?,
    };
    match (path, is_found || ended.is_break()) {
        (Some(path), false) => Err(InspectError::NoFile { image: opened.name(), path: shown(&path).into() }),
        _ => Ok(()),
    }
}

async fn merged(
    opened: &mut Opened<'_>,
    image: &Image,
    path: Option<&[u8]>,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>, InspectError> {
    let (name, mut merge, mut known) = (opened.name(), Merge::new(), HashSet::new());
    for (index, layer) in image.layers.iter().enumerate().rev() {
        // The same layer again has nothing that those above it, itself among them, have not decided.
        if !known.insert(layer.key()) {
            continue;
        }
        let (number, mut oddities) = (index + 1, Oddities::default());
        let mut take = |batch: Vec<Record>| {
            let visible = visible(&mut merge, batch, path, &name, &mut oddities)?;
            Ok(visit(visible))
        };
        if read(opened, Numbered { number, layer }, false, &mut take).await?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        oddities.tell(&name, number);
        merge.end_layer();
        if path.is_some_and(|path| merge.is_settled(path)) {
            break;
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// The visible files of some entries, at or below a path. Others are remembered only if they can hide such a file.
fn visible(
    merge: &mut Merge,
    batch: Vec<Record>,
    path: Option<&[u8]>,
    image: &Escaped,
    oddities: &mut Oddities,
) -> Result<Vec<Entry>, InspectError> {
    let mut files = Vec::new();
    for Record { path: own, entry, .. } in batch {
        let is_wanted = path.is_none_or(|path| is_within(&own, path));
        if !is_wanted && !path.is_some_and(|path| is_within(path, &own)) {
            continue;
        }
        let is_directory = entry.kind == EntryKind::Directory;
        let visibility = match entry.kind {
            EntryKind::Whiteout => merge.remove(&own).map(|()| Visibility::Hidden),
            EntryKind::Opaque => merge.empty(&own).map(|()| Visibility::Hidden),
            _ => merge.visibility(&own, is_directory),
        };
        let visibility = visibility.map_err(|_| InspectError::TooManyFiles { image: image.clone() })?;
        if is_wanted {
            oddities.note(&own, visibility);
        }
        if is_wanted && visibility == Visibility::Visible {
            files.push(entry);
        }
    }
    Ok(files)
}

/// Whether a path is another one or lies below it, by whole components.
fn is_within(path: &[u8], above: &[u8]) -> bool {
    path.strip_prefix(above).is_some_and(|rest| above.is_empty() || matches!(rest, [] | [b'/', ..]))
}

async fn single(
    opened: &mut Opened<'_>,
    image: &Image,
    wanted: &str,
    path: Option<&[u8]>,
    visit: Visit<'_>,
) -> Result<ControlFlow<()>, InspectError> {
    let find = || match wanted.parse::<usize>() {
        Ok(number) if wanted.len() < LEAST_DIGITS => Some((number, image.layers.get(number.checked_sub(1)?)?)),
        _ => {
            image.layers.iter().enumerate().find(|(_, layer)| begins(layer, wanted)).map(|(at, layer)| (at + 1, layer))
        }
    };
    let Some((number, layer)) = find() else {
        let (image, count) = (opened.name(), image.layers.len());
        return Err(InspectError::NoLayer { image, wanted: wanted.into(), count });
    };
    let mut take = |batch: Vec<Record>| {
        let files = batch.into_iter().filter(|record| path.is_none_or(|path| is_within(&record.path, path)));
        Ok(visit(files.map(|record| record.entry).collect()))
    };
    read(opened, Numbered { number, layer }, false, &mut take).await
}

/// Least hexadecimal digits of a digest that are taken for its beginning: fewer are the number of a layer.
const LEAST_DIGITS: usize = 6;

/// Whether a layer's digest begins so, with or without `sha256:`.
fn begins(layer: &Layer, wanted: &str) -> bool {
    let (LayerKey::Blob(digest) | LayerKey::DiffId(digest)) = layer.key();
    let wanted = wanted.strip_prefix("sha256:").unwrap_or(wanted);
    wanted.len() >= LEAST_DIGITS && digest.hex().starts_with(wanted)
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn a_path_is_within_another_by_whole_components() {
        for (path, above, expected) in
            [("etc", "etc", true), ("etc/x", "etc", true), ("etcx", "etc", false), ("e", "etc", false), ("x", "", true)]
        {
            assert_eq!(is_within(path.as_bytes(), above.as_bytes()), expected, "{path} {above}");
        }
    }
}
