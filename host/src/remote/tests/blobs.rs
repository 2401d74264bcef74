//! Blobs over connections that break.

use std::collections::HashSet;

use bytes::Bytes;
use futures_util::TryStreamExt as _;

use super::fake::Registry;
use super::{Options, image, open};
use crate::error::{Explain as _, Kind};
use crate::image::{Descriptor, media_type};
use crate::remote::Blobs;
use crate::source::{Item, LayerKey, SourceError};

/// Bytes that differ from one another, so that an offset that is wrong shows.
fn noise(length: usize) -> Bytes {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

async fn read(registry: Registry, blob: &Descriptor, from: u64) -> Result<(Vec<u8>, usize), SourceError> {
    let fake = registry.serve().await;
    let stream = Blobs::new(fake.repository.clone()).stream(blob, from);
    let bytes: Vec<Bytes> = stream.try_collect().await?;
    Ok((bytes.concat(), fake.asked(blob.digest.as_str())))
}

#[tokio::test]
async fn a_blob_survives_fifty_cuts() {
    const PIECE: usize = 256 << 10;
    let content = noise(51 * PIECE);
    let mut registry = Registry { ranges: true, cut: PIECE, ..Registry::default() };
    let blob = registry.blob(media_type::OCI_LAYER_GZIP, content.clone());
    let (bytes, asked) = read(registry, &blob, 0).await.unwrap();
    assert!(bytes == content);
    assert!(asked >= 51, "{asked}");
}

#[tokio::test]
async fn reading_goes_on_from_any_byte_whether_ranges_are_honoured_or_not() {
    for ranges in [true, false] {
        let content = noise(1_000);
        let mut registry = Registry { ranges, ..Registry::default() };
        let blob = registry.blob(media_type::OCI_LAYER_GZIP, content.clone());
        for from in [0, 1, 999, 1_000] {
            let (bytes, _) = read(registry.clone(), &blob, from).await.unwrap();
            assert!(bytes == content[usize::try_from(from).unwrap()..], "{ranges} {from}");
        }
    }
}

#[tokio::test]
async fn a_registry_that_refuses_ranges_is_asked_for_the_whole_at_once() {
    for status in [400, 403, 405, 416, 501] {
        let content = noise(1_000);
        let mut registry = Registry { refusal: Some(status), ..Registry::default() };
        let blob = registry.blob(media_type::OCI_LAYER_GZIP, content.clone());
        let (bytes, asked) = read(registry, &blob, 400).await.unwrap();
        assert!(bytes == content[400..], "{status}");
        assert_eq!(asked, 2, "{status}");
    }
}

#[tokio::test]
async fn a_blob_that_is_shorter_than_its_descriptor_says_or_missing_is_an_error() {
    let mut registry = Registry { ranges: true, ..Registry::default() };
    let mut blob = registry.blob(media_type::OCI_LAYER_GZIP, noise(100));
    blob.size = 101;
    let error = read(registry.clone(), &blob, 0).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Verification, "{error}");
    registry.blobs.clear();
    let error = read(registry, &blob, 0).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
}

#[tokio::test]
async fn the_layers_of_a_source_are_verified_as_they_pass() {
    let mut registry = Registry { ranges: true, cut: 5, ..Registry::default() };
    image(&mut registry, "linux/amd64", "v1");
    for lie in [false, true] {
        if lie {
            let layer = registry.blobs.iter_mut().find(|(_, bytes)| &bytes[..] == b"linux/amd64").unwrap();
            *layer.1 = "linux/amd65".into();
        }
        registry.cut = if lie { 0 } else { 5 };
        // A configuration of that length would be cut, too.
        let cut = std::mem::take(&mut registry.cut);
        let opened = registry.clone().serve().await;
        let found = open(&opened, ":v1", &Options::default()).await.unwrap();
        let cutting = Registry { cut, ..registry.clone() }.serve().await;
        let remote = crate::remote::RemoteImage { blobs: Blobs::new(cutting.repository.clone()), ..found };
        let source = remote.source();
        let wanted: HashSet<LayerKey> = source.image().layers().iter().map(crate::source::Layer::key).collect();
        let mut feed = source.feed(wanted);
        let Some(Ok(Item::Blob(blob, mut content))) = feed.recv().await else { panic!() };
        assert_eq!(blob.size, 11);
        let mut ended = Ok(Vec::new());
        while let (Some(block), Ok(bytes)) = (content.next().await, &mut ended) {
            match block {
                Ok(block) => bytes.extend_from_slice(&block),
                Err(error) => ended = Err(error),
            }
        }
        match lie {
            false => assert_eq!(ended.unwrap(), b"linux/amd64"),
            true => assert_eq!(ended.unwrap_err().kind(), Kind::Verification),
        }
        assert!(feed.recv().await.is_none());
    }
}
