//! The image of an archive that is meant.

use super::files::Files;
use crate::image::{Digest, Reference, Tag};
use crate::source::docker_tar::Entry;
use crate::source::error::SourceError;
use crate::source::known::shown_name;
use crate::source::selection::Selection;

/// Chooses one image. Two entries of one configuration are one image under several names.
///
/// # Errors
/// If there is none that is meant, or several and none is.
pub(super) fn choose(files: &Files, entries: Vec<Entry>, selection: &Selection<'_>) -> Result<Entry, SourceError> {
    let path = files.path();
    let names: Vec<_> = entries
        .iter()
        .enumerate()
        .flat_map(|(place, entry)| match entry.repo_tags.as_slice() {
            [] => vec![format!("@{place}")],
            names => names.to_vec(),
        })
        .map(|name| shown_name(&name))
        .collect();
    let found = match selection {
        Selection::Only => {
            let mut images: Vec<&Entry> = Vec::new();
            for entry in &entries {
                if !images.iter().any(|other| other.config == entry.config && other.layers == entry.layers) {
                    images.push(entry);
                }
            }
            if images.len() > 1 {
                return Err(SourceError::Several { path: path.into(), images: images.len(), known: names });
            }
            let reason = "it holds no image".into();
            let first = images.first().ok_or_else(|| SourceError::NoArchive { path: path.into(), reason })?;
            let tags = entries.iter().flat_map(|entry| entry.repo_tags.clone()).collect();
            return Ok(Entry { repo_tags: tags, ..(*first).clone() });
        }
        Selection::Place(place) => entries.get(*place),
        Selection::Digest(digest) => of_config(files, &entries, digest)?,
        Selection::Name(wanted) => entries.iter().find(|entry| {
            let mut tags = entry.repo_tags.iter();
            normal(wanted).is_some_and(|wanted| tags.any(|tag| normal(tag).as_ref() == Some(&wanted)))
        }),
    };
    let wanted = match selection {
        Selection::Only => String::new(),
        Selection::Place(place) => format!("@{place}"),
        Selection::Digest(digest) => digest.to_string(),
        Selection::Name(name) => (*name).to_owned(),
    };
    let none = || SourceError::NoImage { path: path.into(), wanted: wanted.into(), known: names };
    found.cloned().ok_or_else(none)
}

/// The image whose configuration has this digest. One that has it only in its file's name is damaged, which is told
/// when it is read.
fn of_config<'a>(files: &Files, entries: &'a [Entry], digest: &Digest) -> Result<Option<&'a Entry>, SourceError> {
    for entry in entries {
        if files.document(&entry.config)?.is_some_and(|config| Digest::of(&config) == *digest) {
            return Ok(Some(entry));
        }
    }
    Ok(entries.iter().find(|entry| entry.config.contains(digest.hex())))
}

/// A name in its whole form, as Docker reads it.
fn normal(name: &str) -> Option<(String, Tag)> {
    let parsed: Reference = name.parse().ok()?;
    let tag = parsed.tag().cloned().unwrap_or_else(Tag::latest);
    Some((parsed.name(), tag))
}
