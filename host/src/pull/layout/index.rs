//! The index of a layout, which several programs change: one at a time, and no entry of another is lost.

use std::fs::{self, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::directory::LayoutDirectory;
use super::entry::{IMAGE_NAME, ImageNames, REF_NAME, entry};
use super::partial::POLL;
use crate::bounded;
use crate::files::atomic::{Access, Pending};
use crate::image::{Descriptor, Reference, media_type};
use crate::pull::error::PullError;

/// Largest index in bytes that is read, as large as a manifest may be.
const MAX_INDEX: usize = 4 << 20;

/// Adds an image to the index of a layout, and gives the name that chooses it. An image that had the name loses it, as
/// a tag moves. Where that is an image of another repository, and the user did not type the name, the new one gets its
/// whole name instead.
///
/// # Errors
/// If the index is none, or can't be written; it is as it was then.
pub(in crate::pull) fn add(
    layout: &LayoutDirectory,
    root: &Descriptor,
    names: &ImageNames,
) -> Result<Option<String>, PullError> {
    let path = layout.path().join("index.json");
    let failed = |reason| PullError::write(&path, reason);
    let _locked = lock(&layout.mark()).map_err(failed)?;
    let mut index = read(&path)?;
    let damaged = || PullError::Index { path: path.as_path().into(), reason: "`manifests` is no list".into() };
    let manifests = index.entry("manifests").or_insert_with(|| json!([]));
    if manifests.is_null() {
        *manifests = json!([]);
    }
    let manifests = manifests.as_array_mut().ok_or_else(damaged)?;
    let names = unambiguous(manifests, root, names);
    let added = entry(root, &names);
    if manifests.contains(&added) {
        return Ok(names.reference);
    }
    manifests.retain(|found| !is_replaced(found, root, names.reference.as_deref()));
    manifests.push(added);
    let bytes = serde_json::to_vec(&index).map_err(|reason| failed(reason.into()))?;
    let written = match fs::metadata(&path) {
        // The mode of another tool's file stays; the owner too, where that is possible. Images that are there already
        // outlive a power cut.
        Ok(_) => Pending::in_place_of(&path)
            .or_else(|_| Pending::beside(&path, Access::Umask))
            .and_then(|pending| pending.replace(&bytes)),
        Err(_) => Pending::beside(&path, Access::Umask).and_then(|pending| pending.replace_unsynced(&bytes)),
    };
    written.map_err(failed)?;
    Ok(names.reference)
}

/// The names without one that an image of another repository has.
fn unambiguous(manifests: &[Value], root: &Descriptor, names: &ImageNames) -> ImageNames {
    let (Some(reference), Some(whole), false) = (&names.reference, &names.whole, names.is_typed) else {
        return names.clone();
    };
    let repository = |name: &str| name.parse::<Reference>().ok().map(|name| name.name());
    let is_other = |found: &Value| {
        annotation(found, REF_NAME) == Some(reference)
            && digest(found) != Some(root.digest.as_str())
            && annotation(found, IMAGE_NAME).is_some_and(|found| repository(found) != repository(whole))
    };
    match manifests.iter().any(is_other) {
        true => ImageNames { reference: Some(whole.clone()), ..names.clone() },
        false => names.clone(),
    }
}

/// Whether an entry makes room: the one with the name, or the same image without any name.
fn is_replaced(found: &Value, root: &Descriptor, reference: Option<&str>) -> bool {
    let name = annotation(found, REF_NAME);
    match reference {
        Some(_) => name == reference,
        None => name.is_none() && digest(found) == Some(root.digest.as_str()),
    }
}

fn annotation<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry.get("annotations")?.get(key)?.as_str()
}

fn digest(entry: &Value) -> Option<&str> {
    entry.get("digest")?.as_str()
}

/// The index, or a new one without images.
fn read(path: &Path) -> Result<Map<String, Value>, PullError> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
            let mut index = Map::new();
            index.insert("schemaVersion".to_owned(), json!(2));
            index.insert("mediaType".to_owned(), json!(media_type::OCI_INDEX));
            return Ok(index);
        }
        Err(reason) => return Err(PullError::write(path, reason)),
    };
    let damaged = |reason: String| PullError::Index { path: path.into(), reason: reason.into() };
    let bytes = bounded::read(file, MAX_INDEX).map_err(|reason| damaged(reason.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|reason| damaged(reason.to_string()))
}

/// Waits until no other pull changes the index.
fn lock(path: &Path) -> io::Result<fs::File> {
    // One that may only be read can be locked, too, except on NFS.
    let file = OpenOptions::new().read(true).write(true).open(path).or_else(|_| fs::File::open(path))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(POLL),
            Err(TryLockError::Error(reason)) if reason.kind() == io::ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(reason)) => return Err(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

    fn descriptor(content: &str) -> Descriptor {
        Descriptor::new(media_type::OCI_MANIFEST, Digest::of(content.as_bytes()), 7)
    }

    fn names(image: &str, typed: Option<&str>) -> ImageNames {
        ImageNames::new(&image.parse().unwrap(), typed)
    }

    fn layout() -> (tempfile::TempDir, LayoutDirectory) {
        let place = tempfile::tempdir().unwrap();
        let layout = LayoutDirectory::open(&place.path().join("layout"), None).unwrap();
        (place, layout)
    }

    fn index(layout: &LayoutDirectory) -> Value {
        serde_json::from_slice(&fs::read(layout.path().join("index.json")).unwrap()).unwrap()
    }

    fn named(layout: &LayoutDirectory) -> Vec<(String, String)> {
        let index = index(layout);
        let manifests = index["manifests"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        manifests.map(|entry| (text(&entry["annotations"][REF_NAME]), text(&entry["digest"]))).collect()
    }

    #[test]
    fn a_name_moves_and_what_other_tools_wrote_stays() {
        let (_place, layout) = layout();
        let other = json!({
            "schemaVersion": 2, "annotations": {"a": "b"}, "x": 1.5,
            "manifests": [{"digest": "sha512:0", "urls": ["u"], "annotations": {REF_NAME: "other"}}, {"odd": true}],
        });
        fs::write(layout.path().join("index.json"), other.to_string()).unwrap();
        let image = names("ghcr.io/acme/train:v3", None);
        assert_eq!(add(&layout, &descriptor("old"), &image).unwrap().as_deref(), Some("v3"));
        assert_eq!(add(&layout, &descriptor("new"), &image).unwrap().as_deref(), Some("v3"));
        let index = index(&layout);
        assert_eq!((&index["annotations"], &index["x"]), (&other["annotations"], &other["x"]));
        let manifests = index["manifests"].as_array().unwrap();
        assert_eq!(manifests[..2], other["manifests"].as_array().unwrap()[..]);
        assert_eq!(manifests.len(), 3);
        assert_eq!(manifests[2]["digest"], descriptor("new").digest.as_str());
    }

    #[test]
    fn images_of_two_repositories_with_one_tag_are_both_found() {
        let (_place, layout) = layout();
        add(&layout, &descriptor("train"), &names("ghcr.io/acme/train:v1", None)).unwrap();
        let other = names("ghcr.io/acme/serve:v1", None);
        for _ in 0..2 {
            let name = add(&layout, &descriptor("serve"), &other).unwrap();
            assert_eq!(name.as_deref(), Some("ghcr.io/acme/serve:v1"));
        }
        assert_eq!(named(&layout).len(), 2);
        // A name that was typed is meant.
        let typed = names("ghcr.io/acme/serve:v1", Some("v1"));
        assert_eq!(add(&layout, &descriptor("serve"), &typed).unwrap().as_deref(), Some("v1"));
    }

    #[test]
    fn an_image_without_a_tag_is_there_once() {
        let (_place, layout) = layout();
        let root = descriptor("image");
        let image = format!("ghcr.io/acme/train@{}", root.digest);
        for _ in 0..2 {
            assert_eq!(add(&layout, &root, &names(&image, None)).unwrap(), None);
        }
        add(&layout, &root, &names("ghcr.io/acme/train:v1", None)).unwrap();
        let digest = root.digest.to_string();
        assert_eq!(named(&layout), [(String::new(), digest.clone()), ("v1".to_owned(), digest)]);
    }

    #[test]
    fn many_at_once_lose_nothing() {
        let (_place, layout) = layout();
        std::thread::scope(|scope| {
            for number in 0..16 {
                let layout = &layout;
                scope.spawn(move || {
                    let image = names(&format!("ghcr.io/acme/train:v{number}"), None);
                    add(layout, &descriptor(&number.to_string()), &image).unwrap();
                });
            }
        });
        assert_eq!(named(&layout).len(), 16);
    }

    #[test]
    fn an_index_that_is_none_is_left_alone() {
        let (_place, layout) = layout();
        let path = layout.path().join("index.json");
        for damaged in ["", "[]", r#"{"manifests":7}"#] {
            fs::write(&path, damaged).unwrap();
            let error = add(&layout, &descriptor("x"), &names("ghcr.io/a/b:1", None)).unwrap_err();
            assert!(error.to_string().contains("is no index of an OCI layout"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }
}
