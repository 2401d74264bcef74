//! An image as an OCI layout on the disk (OCI image specification, "Image Layout"), with the bytes that a push sends.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::json;

use super::error::ScanError;
use crate::image::{Descriptor, Digest, Hasher, Tag, media_type};
use crate::push::block_channel::forward;
use crate::push::compress::{Compression, CompressionPool, Levels, compress};
use crate::push::error::PushError;
use crate::push::fan_out::{FanOut, fan_out};
use crate::push::hold_up::HoldUp;
use crate::push::manifest::assemble;
use crate::push::stop::Stop;
use crate::source::{Content, Image, ImageConfig, Item, Layer, LayerKey, Source, SourceError};
use crate::text::Foreign;

/// The annotation of a layout's index with an image's tag.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Writes the image of a source into a new directory.
pub(super) async fn write(
    source: &Source,
    tag: Option<&Tag>,
    compression: Compression,
    directory: &Path,
) -> Result<(), PushError> {
    let layout = Layout::create(directory)?;
    let layers = source.image().layers();
    let (blobs, fed_config) = layout.add_layers(source, &layers, compression).await?;
    let published = match source.image() {
        Image::Stored { manifest, config } => {
            layout.add(config)?;
            (manifest.media_type.clone(), manifest.bytes.clone())
        }
        Image::Layers { layers, config } => {
            let config = match config {
                ImageConfig::Known(config) => config.clone(),
                ImageConfig::InFeed { .. } => fed_config.ok_or(PushError::MissingConfig)?,
            };
            layout.add(&config)?;
            let manifest = assemble(layers, &config, |key| blobs.get(key))?;
            (manifest.media_type, manifest.bytes)
        }
        Image::Index(index) => {
            for child in &index.children {
                layout.add(&child.bytes)?;
                if let Some((_, config)) = &child.config {
                    layout.add(config)?;
                }
            }
            (index.media_type.clone(), index.bytes.clone())
        }
    };
    let (media_type, bytes) = published;
    layout.add(&bytes)?;
    layout.finish(&media_type, &bytes, tag)
}

struct Layout {
    directory: PathBuf,
    blobs: PathBuf,
}

impl Layout {
    fn create(directory: &Path) -> Result<Self, ScanError> {
        let blobs = directory.join("blobs").join("sha256");
        fs::create_dir_all(&blobs).map_err(failed)?;
        fs::write(directory.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).map_err(failed)?;
        Ok(Self { directory: directory.to_owned(), blobs })
    }

    /// Writes all layers but those that are stored elsewhere. Gives their blobs, and the configuration if it came with
    /// them.
    async fn add_layers(
        &self,
        source: &Source,
        layers: &[Layer],
        compression: Compression,
    ) -> Result<(HashMap<LayerKey, Descriptor>, Option<Bytes>), PushError> {
        let is_own = |layer: &&Layer| !matches!(layer, Layer::Blob(blob) if !blob.urls.is_empty());
        let mut missing: HashSet<LayerKey> = layers.iter().filter(is_own).map(Layer::key).collect();
        let (mut blobs, mut config) = (HashMap::new(), None);
        let needs_config = matches!(source.image(), Image::Layers { config: ImageConfig::InFeed { .. }, .. });
        if missing.is_empty() && !needs_config {
            return Ok((blobs, config));
        }
        let pool = CompressionPool::new(compression);
        let mut feed = source.feed(missing.clone());
        while let Some(item) = feed.recv().await {
            let (key, blob) = match item? {
                Item::Config(bytes) => {
                    config = Some(bytes);
                    continue;
                }
                Item::Blob(blob, content) => {
                    self.add_blob(&blob, content).await?;
                    (LayerKey::Blob(blob.digest.clone()), blob)
                }
                Item::Tar(content) => self.add_tar(content, &pool).await?,
            };
            missing.remove(&key);
            blobs.insert(key, blob);
        }
        match missing.into_iter().next() {
            Some(LayerKey::Blob(digest) | LayerKey::DiffId(digest)) => Err(PushError::MissingLayer(digest)),
            None => Ok((blobs, config)),
        }
    }

    /// Writes a blob as it is stored, and verifies its digest.
    async fn add_blob(&self, blob: &Descriptor, content: Content) -> Result<(), PushError> {
        let (mut output, written) = self.writer();
        let read = async {
            let read = forward(content, drop, &mut output).await;
            drop(output);
            read
        };
        let (read, written) = tokio::join!(read, written);
        let ((), written) = settle(read, written)?;
        let (expected, actual) = (blob.digest.clone(), self.keep(written)?);
        if expected == actual { Ok(()) } else { Err(SourceError::Digest { expected, actual }.into()) }
    }

    /// Compresses a layer, and writes the blob that it becomes.
    async fn add_tar(&self, content: Content, pool: &CompressionPool) -> Result<(LayerKey, Descriptor), PushError> {
        let (mut output, written) = self.writer();
        let compressed = async {
            let compressed = compress(content, pool, &Levels::new(pool.compression()), drop, &mut output).await;
            drop(output);
            compressed
        };
        let (compressed, written) = tokio::join!(compressed, written);
        let (compressed, written) = settle(compressed, written)?;
        self.keep(written)?;
        Ok((LayerKey::DiffId(compressed.diff_id), compressed.blob))
    }

    /// A temporary file that takes blocks. The future is its end, after the last block.
    fn writer(&self) -> (FanOut, impl Future<Output = Result<Written, ScanError>> + use<>) {
        let (output, mut ends) = fan_out(vec![HoldUp::new()], true);
        let (blocks, directory) = (ends.pop().map(|end| end.blocks), self.blobs.clone());
        let work = tokio::task::spawn_blocking(move || {
            let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
            let mut hasher = Hasher::new();
            let Some(mut blocks) = blocks else { return Err(failed(io::ErrorKind::BrokenPipe.into())) };
            while let Some(block) = blocks.blocking_recv() {
                hasher.update(&block);
                file.write_all(&block).map_err(failed)?;
            }
            Ok(Written { file, digest: hasher.finish() })
        });
        (output, async { work.await.map_err(|error| failed(io::Error::other(error)))? })
    }

    /// Gives a written file its place.
    fn keep(&self, written: Written) -> Result<Digest, ScanError> {
        let Written { file, digest } = written;
        file.persist(self.blobs.join(digest.hex())).map_err(|error| failed(error.error))?;
        Ok(digest)
    }

    /// Writes a small document.
    fn add(&self, bytes: &[u8]) -> Result<(), ScanError> {
        fs::write(self.blobs.join(Digest::of(bytes).hex()), bytes).map_err(failed)
    }

    /// Writes the index of the layout, with its only image.
    fn finish(&self, media_type: &str, bytes: &[u8], tag: Option<&Tag>) -> Result<(), PushError> {
        let mut image = Descriptor::new(media_type, Digest::of(bytes), bytes.len() as u64);
        image.annotations.extend(tag.map(|tag| (REF_NAME.to_owned(), tag.to_string())));
        let index = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": [image] });
        let mut file = File::create(self.directory.join("index.json")).map_err(failed)?;
        Ok(file.write_all(index.to_string().as_bytes()).map_err(failed)?)
    }
}

/// A blob on the disk, without its name.
struct Written {
    file: tempfile::NamedTempFile,
    digest: Digest,
}

fn failed(reason: io::Error) -> ScanError {
    ScanError::Layout(Foreign(reason))
}

/// What was read and written. Where the disk fails, reading stops for that reason.
fn settle<T>(read: Result<T, Stop>, written: Result<Written, ScanError>) -> Result<(T, Written), PushError> {
    match (read, written) {
        (Ok(value), Ok(written)) => Ok((value, written)),
        (Err(Stop::Source(error)), _) => Err(PushError::Source(error)),
        (Err(Stop::Encoder(reason)), _) => Err(PushError::Encoder(reason.into())),
        (_, Err(error)) => Err(error.into()),
        (Err(Stop::ReceiverGone | Stop::Behind), Ok(_)) => Err(failed(io::ErrorKind::BrokenPipe.into()).into()),
    }
}
