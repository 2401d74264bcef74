//! What reads the layers of an opened image.

use super::{archive, daemon, elsewhere, layout, storage};

/// Reads the layers of an image, by where they are.
pub(super) enum Reader {
    /// In an archive of `docker save`.
    Archive(archive::Archive),
    /// In a daemon.
    Daemon(Box<daemon::Reader>),
    /// In the storage of Podman and buildah.
    Storage(storage::StoredImage),
    /// In a layout.
    Layout(layout::Layout),
    /// On another machine.
    Elsewhere(elsewhere::Blobs),
}
