//! The names of a layout's images: those that users type, and those that the layout has.

use std::fs;
use std::path::Path;

use super::directory::Layout;
use crate::image::{Descriptor, Digest, Repository, Tag};
use crate::source::archive;
use crate::source::error::SourceError;

/// The image layout's own annotation for a name, often a tag alone.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// containerd's annotation for the whole name.
const IMAGE_NAME: &str = "io.containerd.image.name";

/// cosign's annotation for what an entry is (`cosign save`).
pub(super) const KIND: &str = "kind";
/// What `cosign save` calls images; the others are signatures and attestations.
pub(super) const IMAGE_KINDS: [&str; 2] = ["dev.cosignproject.cosign/image", "dev.cosignproject.cosign/imageIndex"];

/// The names that a layout has for an entry.
pub(super) fn names(entry: &Descriptor) -> impl Iterator<Item = &str> {
    [IMAGE_NAME, REF_NAME]
        .into_iter()
        .filter_map(|key| entry.annotations.get(key).map(String::as_str))
        .filter(|name| !name.is_empty())
}

/// The names of a layout's images in its own order, each with the digest of what it names; `path` is a directory, or a
/// tar archive of one. An image with a tag, and with a whole name that ends with it, is named once, by the tag.
///
/// # Errors
/// If there is no layout.
pub(crate) fn layout_names(path: &Path) -> Result<Vec<(String, Digest)>, SourceError> {
    let layout = match path.is_file() {
        true => Layout::documents_of(archive::Files::find(path)?),
        false => Layout::open(path)?,
    };
    let (index, _) = layout.index()?;
    let mut found: Vec<(String, Digest)> = Vec::new();
    for entry in &index.manifests {
        let tag = entry.annotations.get(REF_NAME).filter(|tag| !is_whole(tag));
        let is_same = |name: &str| tag.is_some_and(|tag| name.rsplit_once(':').is_some_and(|(_, own)| own == tag));
        for name in names(entry).filter(|name| !is_same(name)) {
            // An entry may have one name in both annotations.
            if !found.iter().any(|(known, digest)| known == name && *digest == entry.digest) {
                found.push((name.to_owned(), entry.digest.clone()));
            }
        }
    }
    Ok(found)
}

/// The image's name as the user typed it: the reference if that is a whole name, or the directory's own name with the
/// reference as its tag. Without a reference no tag was typed, and what a push overwrites is for the user to say.
pub(super) fn typed_name(path: &Path, reference: Option<&str>) -> Option<String> {
    let reference = reference?;
    if is_whole(reference) {
        return Some(reference.to_owned());
    }
    let directory: Repository = path.file_name()?.to_str()?.parse().ok()?;
    let tag: Tag = reference.parse().ok()?;
    Some(format!("{directory}:{tag}"))
}

/// A name that the layout has for the image: that of an annotation if it is a whole one, or that of the directory with
/// the annotation's tag.
pub(super) fn suggestion(path: &Path, entry: &Descriptor) -> Option<String> {
    if let Some(whole) = names(entry).find(|name| is_whole(name)) {
        return Some(whole.to_owned());
    }
    let directory = fs::canonicalize(path).ok()?;
    let directory: Repository = directory.file_name()?.to_str()?.parse().ok()?;
    let tag = names(entry).next().filter(|tag| tag.parse::<Tag>().is_ok());
    Some(tag.map_or_else(|| directory.to_string(), |tag| format!("{directory}:{tag}")))
}

/// Whether a name is more than a tag.
pub(super) fn is_whole(name: &str) -> bool {
    name.contains(['/', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_typed_as_a_whole_or_as_a_tag_behind_the_directory() {
        for (path, reference, name) in [
            ("layout", Some("v1"), Some("layout:v1")),
            ("/a/./train/", Some("v1"), Some("train:v1")),
            ("layout", Some("ghcr.io/acme/train:v3"), Some("ghcr.io/acme/train:v3")),
            ("layout", Some("train:v3"), Some("train:v3")),
            ("layout", None, None),
            (".", Some("v1"), None),
            ("a/..", Some("v1"), None),
            ("/", Some("v1"), None),
            ("Layout", Some("v1"), None),
            ("layout", Some("no tag"), None),
        ] {
            assert_eq!(typed_name(Path::new(path), reference).as_deref(), name, "{path} {reference:?}");
        }
    }

    #[test]
    fn a_layout_suggests_a_name() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("train");
        fs::create_dir(&path).unwrap();
        let entry = |annotations: &[(&str, &str)]| {
            let mut entry = Descriptor::new("x", crate::image::Digest::of(b""), 0);
            let annotations = annotations.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            entry.annotations = annotations.collect();
            suggestion(&path, &entry).unwrap()
        };
        assert_eq!(entry(&[]), "train");
        assert_eq!(entry(&[(REF_NAME, "v1")]), "train:v1");
        assert_eq!(entry(&[(REF_NAME, "v1"), (IMAGE_NAME, "ghcr.io/acme/train:v1")]), "ghcr.io/acme/train:v1");
        assert_eq!(entry(&[(REF_NAME, "\x1b")]), "train");
    }
}
