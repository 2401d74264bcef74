//! The form of a layer in a registry, by its media type.

use crate::image::media_type;
use crate::push::compress::Compression;

/// How a layer is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As a tar archive.
    Plain,
    /// Compressed with gzip.
    Gzip,
    /// Compressed with zstd.
    Zstd,
}

/// Docker's names of forms that crhost itself never writes.
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";
const DOCKER_LAYER_ZSTD: &str = "application/vnd.docker.image.rootfs.diff.tar.zstd";

impl Form {
    /// The form of a media type; `None` for what can't be used here: encrypted layers, foreign ones, anything unknown.
    pub(super) fn of(layer: &str) -> Option<Self> {
        match layer {
            media_type::OCI_LAYER | DOCKER_LAYER => Some(Self::Plain),
            media_type::OCI_LAYER_GZIP | media_type::DOCKER_LAYER_GZIP => Some(Self::Gzip),
            media_type::OCI_LAYER_ZSTD | DOCKER_LAYER_ZSTD => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The form that a push gives to layers. Levels are no other form: they are about the effort of the one who
    /// compresses, and every program has its own.
    pub(super) fn wanted(compression: Compression) -> Self {
        match compression {
            Compression::Gzip(_) | Compression::Auto => Self::Gzip,
            Compression::Zstd(_) => Self::Zstd,
            Compression::None => Self::Plain,
        }
    }
}
