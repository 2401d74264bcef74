//! An index of some platforms alone. Its entries stay as they are; it has a digest of its own, since it is another
//! index.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use serde_json::Value;

use super::error::CopyError;
use crate::image::{ATTESTED, Descriptor, Digest, Index, Manifest, Platform};
use crate::json;
use crate::remote::RemoteError;
use crate::source::{Child, StoredIndex};
use crate::text::{Escaped, quoted};

/// The bytes of an index with the images of some platforms, and the attestations of those.
///
/// # Errors
/// If it has none of them, or lacks one although it `needs_all`; or if it is no index.
pub(super) fn restricted(
    bytes: &Bytes,
    platforms: &[Platform],
    needs_all: bool,
    image: &str,
) -> Result<Bytes, CopyError> {
    let entries = Index::parse(bytes).map_err(RemoteError::from)?.manifests;
    let kept = kept(&entries, platforms);
    let has =
        |wanted: &Platform| entries.iter().any(|entry| entry.platform.as_ref().is_some_and(|p| wanted.is_met_by(p)));
    let absent: Vec<&Platform> = platforms.iter().filter(|platform| !has(platform)).collect();
    if kept.is_empty() || needs_all && !absent.is_empty() {
        let known: Vec<String> =
            entries.iter().filter_map(|entry| Some(entry.platform.as_ref()?.to_string())).collect();
        let (wanted, known): (Escaped, Escaped) = (quoted(absent).into(), quoted(known.iter()).into());
        return Err(CopyError::Platforms { image: image.into(), wanted, known });
    }
    if kept.len() == entries.len() {
        return Ok(bytes.clone());
    }
    // As JSON, so that members which these types don't know stay. The bytes are the same each time.
    let mut document: Value = json::read(bytes).unwrap_or_default();
    if let Some(Value::Array(manifests)) = document.get_mut("manifests") {
        let is_kept = |entry: &Value| {
            let digest = entry.get("digest").and_then(Value::as_str);
            digest.is_some_and(|digest| kept.iter().any(|kept| kept.as_str() == digest))
        };
        manifests.retain(is_kept);
    }
    Ok(serde_json::to_vec(&document).unwrap_or_default().into())
}

/// The digests of the entries that are kept.
fn kept(entries: &[Descriptor], platforms: &[Platform]) -> HashSet<Digest> {
    let is_wanted = |entry: &&Descriptor| {
        entry.platform.as_ref().is_some_and(|found| platforms.iter().any(|wanted| wanted.is_met_by(found)))
    };
    let mut kept: HashSet<Digest> = entries.iter().filter(is_wanted).map(|entry| entry.digest.clone()).collect();
    let attestations = entries.iter().filter(|entry| {
        let attested = entry.annotations.get(ATTESTED).and_then(|digest| digest.parse().ok());
        attested.is_some_and(|digest: Digest| kept.contains(&digest))
    });
    let attestations: Vec<Digest> = attestations.map(|entry| entry.digest.clone()).collect();
    kept.extend(attestations);
    kept
}

/// The index with these bytes, of one that names more.
///
/// # Errors
/// If a document can't be parsed, which those of an open image can.
pub(super) fn part_of(whole: StoredIndex, bytes: Bytes) -> Result<StoredIndex, CopyError> {
    let by_digest: HashMap<Digest, &Child> =
        whole.children.iter().map(|child| (Digest::of(&child.bytes), child)).collect();
    let (mut wanted, mut layers): (HashSet<Digest>, HashSet<Digest>) = (HashSet::new(), HashSet::new());
    let mut open = vec![bytes.clone()];
    while let Some(index) = open.pop() {
        for entry in Index::parse(&index).map_err(RemoteError::from)?.manifests {
            let Some(child) = by_digest.get(&entry.digest) else {
                layers.insert(entry.digest);
                continue;
            };
            if !wanted.insert(entry.digest) {
                continue;
            }
            match &child.config {
                Some(_) => {
                    let manifest = Manifest::parse(&child.bytes).map_err(RemoteError::from)?;
                    layers.extend(manifest.layers.into_iter().map(|layer| layer.digest));
                }
                None => open.push(child.bytes.clone()),
            }
        }
    }
    let StoredIndex { media_type, mut children, layers: mut all, .. } = whole;
    children.retain(|child| wanted.contains(&Digest::of(&child.bytes)));
    all.retain(|layer| layers.contains(&layer.digest));
    Ok(StoredIndex { media_type, bytes, children, layers: all })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(content: &str) -> (Digest, Child) {
        let blob = |text: &str| json!({ "mediaType": "x", "digest": Digest::of(text.as_bytes()), "size": text.len() });
        let layers = vec![blob(&format!("layer of {content}")), blob("shared layer")];
        let bytes: Bytes = json!({ "schemaVersion": 2, "config": blob(content), "layers": layers }).to_string().into();
        let config = (Manifest::parse(&bytes).unwrap().config, Bytes::from(content.to_owned()));
        (Digest::of(&bytes), Child { media_type: "m".to_owned(), bytes, config: Some(config) })
    }

    fn index() -> StoredIndex {
        let names = ["amd64", "arm64", "s390x"];
        let mut entries = Vec::new();
        let mut children = Vec::new();
        for name in names {
            let (digest, child) = manifest(name);
            let (attestation, attested) = manifest(&format!("attestation of {name}"));
            entries.push(json!({ "mediaType": "m", "digest": digest, "size": child.bytes.len(), "x": name,
                "platform": { "os": "linux", "architecture": name } }));
            entries.push(json!({ "mediaType": "m", "digest": attestation, "size": attested.bytes.len(),
                "platform": { "os": "unknown", "architecture": "unknown" },
                "annotations": { ATTESTED: digest } }));
            children.extend([child, attested]);
        }
        let mut layers: Vec<Descriptor> = Vec::new();
        for child in &children {
            for layer in Manifest::parse(&child.bytes).unwrap().layers {
                if !layers.contains(&layer) {
                    layers.push(layer);
                }
            }
        }
        let bytes = json!({ "schemaVersion": 2, "manifests": entries, "annotations": { "kept": "yes" } }).to_string();
        StoredIndex { media_type: "i".to_owned(), bytes: bytes.into(), children, layers }
    }

    fn platforms(texts: &[&str]) -> Vec<Platform> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn an_index_of_some_platforms_has_their_images_and_attestations_as_they_are() {
        let whole = index();
        let bytes = restricted(&whole.bytes, &platforms(&["linux/amd64", "linux/arm64"]), true, "a").unwrap();
        assert_eq!(bytes, restricted(&whole.bytes, &platforms(&["linux/arm64", "linux/amd64"]), true, "a").unwrap());
        let (old, new): (Value, Value) =
            (serde_json::from_slice(&whole.bytes).unwrap(), serde_json::from_slice(&bytes).unwrap());
        assert_eq!(new["annotations"], old["annotations"]);
        assert_eq!(new["manifests"].as_array().unwrap()[..], old["manifests"].as_array().unwrap()[..4]);
        let part = part_of(whole, bytes).unwrap();
        assert_eq!((part.children.len(), part.layers.len()), (4, 5));
    }

    #[test]
    fn an_index_that_has_these_platforms_alone_stays_as_it_is() {
        let whole = index();
        let all = platforms(&["linux/amd64", "linux/arm64", "linux/s390x"]);
        assert_eq!(restricted(&whole.bytes, &all, true, "a").unwrap(), whole.bytes);
        let part = part_of(whole.clone(), whole.bytes.clone()).unwrap();
        assert_eq!((part.children.len(), part.layers.len()), (whole.children.len(), whole.layers.len()));
    }

    #[test]
    fn a_platform_that_an_index_lacks_is_left_out_only_where_not_all_are_needed() {
        let (whole, wanted) = (index(), platforms(&["linux/amd64", "linux/386"]));
        let error = restricted(&whole.bytes, &wanted, true, "train:v3").unwrap_err();
        assert!(error.to_string().ends_with("has no image for `linux/386`"), "{error}");
        let alone = restricted(&whole.bytes, &platforms(&["linux/amd64"]), true, "a").unwrap();
        assert_eq!(restricted(&whole.bytes, &wanted, false, "a").unwrap(), alone);
    }

    #[test]
    fn platforms_that_an_index_does_not_have_are_an_error_that_says_what_it_has() {
        let error =
            restricted(&index().bytes, &platforms(&["windows/amd64", "linux/386"]), false, "train:v3").unwrap_err();
        assert!(error.to_string().contains("`train:v3` has no image for `windows/amd64`"), "{error}");
    }
}
