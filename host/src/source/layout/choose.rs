//! The entries of a layout's own index that are meant.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::directory::Layout;
use super::leaves;
use super::names::{IMAGE_KINDS, KIND, names};
use crate::image::{Descriptor, Index, Manifest};
use crate::source::error::SourceError;
use crate::source::fitting::images;
use crate::source::known::shown_name;
use crate::source::selection::Selection;
use crate::text::Escaped;

/// The entries of a layout that are meant.
pub(super) enum Chosen {
    /// The manifest of an image, or an index.
    One(Descriptor),
    /// One image for several platforms, side by side.
    SideBySide(Vec<Descriptor>),
}

/// Chooses what a selection means.
///
/// # Errors
/// If it is not there, or means several that are not one image for several platforms.
pub(super) fn choose(layout: &Layout, index: &Index, selection: &Selection<'_>) -> Result<Chosen, SourceError> {
    let entries: Vec<Descriptor> =
        index.manifests.iter().map(|entry| leaves::typed(layout, entry.clone())).collect::<Result<_, _>>()?;
    let documents = || entries.iter().filter(|entry| entry.is_manifest() || entry.is_index());
    let none = |wanted: String| {
        let known = shown(&images(documents().collect()));
        SourceError::NoImage { path: layout.path().into(), wanted: wanted.into(), known }
    };
    let found: Vec<&Descriptor> = match selection {
        Selection::Only => images(documents().collect()),
        Selection::Place(place) => vec![entries.get(*place).ok_or_else(|| none(format!("@{place}")))?],
        Selection::Digest(digest) => {
            let top = entries.iter().find(|entry| entry.digest == *digest).cloned();
            let below = || leaves::find(layout, &entries, digest);
            return match top {
                Some(entry) => Ok(Chosen::One(entry)),
                None => below()?.map(Chosen::One).ok_or_else(|| none(digest.to_string())),
            };
        }
        Selection::Name(wanted) => {
            let is = |name: &str| name == *wanted || name.rsplit_once(':').is_some_and(|(_, tag)| tag == *wanted);
            let found = images(documents().filter(|entry| names(entry).any(is)).collect());
            if found.is_empty() {
                return Err(none((*wanted).to_owned()));
            }
            found
        }
    };
    if found.is_empty() {
        let others = entries.first().map(|entry| crate::text::printable(&entry.media_type, 100));
        let others = others.map_or_else(String::new, |media_type| format!(", but `{media_type}`"));
        return Err(layout.invalid(format!("`index.json` names no image{others}")));
    }
    reduce(layout, found)
}

/// Leaves out what is named twice, and what only belongs to an image.
fn reduce(layout: &Layout, found: Vec<&Descriptor>) -> Result<Chosen, SourceError> {
    let mut seen = HashSet::new();
    let mut found: Vec<&Descriptor> = found.into_iter().filter(|entry| seen.insert(&entry.digest)).collect();
    let one = |found: &[&Descriptor]| match found {
        [one] => Some(Chosen::One((*one).clone())),
        _ => None,
    };
    let of_cosign =
        |entry: &&Descriptor| entry.annotations.get(KIND).is_some_and(|kind| IMAGE_KINDS.contains(&&**kind));
    if found.iter().any(of_cosign) {
        found.retain(of_cosign);
    }
    if let Some(chosen) = one(&found).or_else(|| side_by_side(found.iter().map(|entry| (*entry).clone()).collect())) {
        return Ok(chosen);
    }
    // What has a name is meant to be found; signatures and the like often have none.
    let named: Vec<&Descriptor> = found.iter().copied().filter(|entry| names(entry).next().is_some()).collect();
    if let Some(chosen) = one(&named) {
        return Ok(chosen);
    }
    let mut images = Vec::new();
    for entry in &found {
        if entry.is_index() || is_image(layout, entry)? {
            images.push(*entry);
        }
    }
    let with_platforms = || leaves::with_platforms(layout, images.iter().map(|entry| (*entry).clone()).collect());
    if let Some(chosen) = one(&images).map_or_else(|| with_platforms().map(side_by_side), |one| Ok(Some(one)))? {
        return Ok(chosen);
    }
    Err(SourceError::Several { path: layout.path().into(), images: found.len(), known: shown(&found) })
}

/// One image for several platforms: each has one of its own, and no two have different names.
pub(super) fn side_by_side(entries: Vec<Descriptor>) -> Option<Chosen> {
    let platforms: BTreeSet<String> = entries
        .iter()
        .filter_map(|entry| entry.platform.as_ref().filter(|platform| platform.is_known()))
        .map(ToString::to_string)
        .collect();
    let all_names: HashSet<Vec<&str>> = entries.iter().map(|entry| names(entry).collect()).collect();
    (entries.len() > 1 && platforms.len() == entries.len() && all_names.len() == 1)
        .then(|| Chosen::SideBySide(entries.clone()))
}

/// Whether a manifest is that of an image, and of nothing that belongs to one.
fn is_image(layout: &Layout, entry: &Descriptor) -> Result<bool, SourceError> {
    let manifest = Manifest::parse(&layout.document(entry)?)?;
    Ok(manifest.subject.is_none() && manifest.config.is_image_config())
}

/// What chooses each of some entries: its name, or its digest if it has none or shares it with another.
fn shown(entries: &[&Descriptor]) -> Vec<Escaped> {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for name in entries.iter().filter_map(|entry| names(entry).next()) {
        *uses.entry(name).or_default() += 1;
    }
    let own = |entry: &Descriptor| names(entry).next().filter(|name| uses.get(name) == Some(&1)).map(shown_name);
    entries.iter().map(|entry| own(entry).unwrap_or_else(|| shown_name(&format!("@{}", entry.digest)))).collect()
}
