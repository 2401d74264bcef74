//! Which of the images of a file is meant.

use std::path::Path;

use crate::image::Digest;

/// What stands behind the path of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selection<'a> {
    /// Nothing: there is only one image.
    Only,
    /// `@N`: the image at this place of the file's list, from 0, as in containers-transports(5).
    Place(usize),
    /// `@sha256:…` or `sha256:…`: the manifest, or the configuration, with this digest.
    Digest(Digest),
    /// A name or tag.
    Name(&'a str),
}

impl<'a> Selection<'a> {
    /// Reads what stands behind the path. A digest goes before the name that stands before it.
    pub(super) fn new(reference: Option<&'a str>) -> Self {
        let Some(text) = reference else { return Self::Only };
        let (name, place) = text.rsplit_once('@').unwrap_or(("", text));
        match (place.parse::<usize>(), place.parse::<Digest>()) {
            (Ok(place), _) if name.is_empty() && text.starts_with('@') => Self::Place(place),
            (_, Ok(digest)) => Self::Digest(digest),
            _ => Self::Name(text),
        }
    }

    /// The name, if one was given.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Only | Self::Place(_) | Self::Digest(_) => None,
        }
    }
}

/// The path and the rest of `PATH[:REFERENCE]` or `PATH@DIGEST`. A path ends at its first colon.
pub(super) fn split(text: &str) -> (&str, Option<&str>) {
    let Some((path, reference)) = text.split_once(':') else { return (text, None) };
    // `layout@sha256:…`
    match path.strip_suffix("@sha256") {
        Some(shorter) => (shorter, text.get(shorter.len() + 1..)),
        None => (path, Some(reference)),
    }
}

/// Whether a text is a path and can't be an image's name.
pub(super) fn is_path(text: &str) -> bool {
    text == "-" || ["/", "./", "../"].iter().any(|start| text.starts_with(start)) || text == "." || text == ".."
}

/// Whether a name ends like that of an archive.
pub(super) fn is_archive_name(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_archive = [".tar", ".tgz", ".tar.gz", ".tar.zst"].iter().any(|end| text.ends_with(end));
    is_archive && Path::new(&text).file_name().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_chosen_by_name_place_or_digest() {
        let digest = Digest::of(b"x");
        assert_eq!(Selection::new(None), Selection::Only);
        assert_eq!(Selection::new(Some("@1")), Selection::Place(1));
        assert_eq!(Selection::new(Some("1")), Selection::Name("1"));
        assert_eq!(Selection::new(Some("a/b:1")), Selection::Name("a/b:1"));
        for text in [digest.to_string(), format!("@{digest}"), format!("train:v1@{digest}")] {
            assert_eq!(Selection::new(Some(&text)), Selection::Digest(digest.clone()), "{text}");
            let (path, reference) = ("dir", Some(text.as_str()));
            assert_eq!(split(&format!("dir:{text}")), (path, reference));
        }
        let text = format!("dir@{digest}");
        assert_eq!(split(&text), ("dir", Some(digest.as_str())));
    }
}
