//! Reasons why the storage of Podman and buildah can't be read.

use crate::error::Explain;
use crate::image::{Digest, Platform, near_hint};
use crate::text::{Escaped, quoted};

/// An image that can't be read in the storage.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum StorageError {
    /// The storage is not on this system.
    #[cfg(not(target_os = "linux"))]
    #[error("Podman's storage is in its virtual machine on this system")]
    #[explain(kind = Usage, hint = "push from its socket: `crhost push NAME`, with `DOCKER_HOST` as `podman machine inspect` shows it")]
    Elsewhere,
    /// No place is known for the storage.
    #[error("where Podman's storage is, is not known: neither `HOME` nor `XDG_DATA_HOME` is set")]
    #[explain(kind = NotFound, hint = "name it: `containers-storage:[overlay@/path/of/storage]NAME`")]
    Nowhere,
    /// The configuration file can't be used.
    #[error("`{path}` can't be used: {reason}")]
    #[explain(hint = "repair it, or name the storage: `containers-storage:[overlay@/path/of/storage]NAME`")]
    Configuration {
        /// The file.
        path: Escaped,
        /// Its mistake, or the operating system's reason.
        reason: Escaped,
    },
    /// There is no storage.
    #[error("there is no storage of Podman or buildah in `{root}`")]
    #[explain(
        kind = NotFound,
        hint = "`podman info --format '{{{{.Store.GraphRoot}}}}'` tells where it is: \
                `containers-storage:[overlay@/path/of/storage]NAME`"
    )]
    Absent {
        /// The directory.
        root: Escaped,
    },
    /// Another user's storage.
    #[error("the storage in `{root}` can't be read: {reason}")]
    #[explain(
        kind = Auth,
        hint = "run crhost as the user that the storage belongs to (root's with `sudo`), or `podman save NAME | crhost \
                push docker-archive:- --as NAME`"
    )]
    Denied {
        /// The directory.
        root: Escaped,
        /// The operating system's reason.
        reason: Escaped,
    },
    /// The storage is kept by a driver that is not understood.
    #[error("the storage in `{root}` is kept by the driver `{driver}`, and crhost reads `overlay` and `vfs`")]
    #[explain(kind = Usage, hint = "`podman save NAME | crhost push docker-archive:- --as NAME`")]
    Driver {
        /// The directory.
        root: Escaped,
        /// The driver.
        driver: Escaped,
    },
    /// The image is not there.
    #[error("the storage in `{root}` has no image `{name}`")]
    #[explain(kind = NotFound, hint = near_hint(near, "podman images"))]
    Unknown {
        /// The directory.
        root: Escaped,
        /// The image.
        name: Escaped,
        /// Names that may be meant.
        near: Vec<Escaped>,
    },
    /// Several images are meant.
    #[error("the storage in `{root}` has several images that `{name}` may mean")]
    #[explain(kind = Usage, hint = format!("it has {}", quoted(found)))]
    Ambiguous {
        /// The directory.
        root: Escaped,
        /// The name.
        name: Escaped,
        /// The images.
        found: Vec<Escaped>,
    },
    /// A list has no image for the platform.
    #[error("the list `{name}` has no image for {platform} in the storage")]
    #[explain(kind = NotFound, hint = "`podman manifest inspect NAME` tells what it names; choose with `--platform`")]
    Platform {
        /// The list.
        name: Escaped,
        /// The platform.
        platform: Platform,
    },
    /// The image can't be read there, or not any more.
    #[error("the image `{name}` can't be read in the storage in `{root}`: {reason}")]
    #[explain(hint = hint_to_damage(is_denied))]
    Image {
        /// The directory.
        root: Escaped,
        /// The image.
        name: Escaped,
        /// The cause.
        reason: Escaped,
        /// Whether the operating system denied access.
        is_denied: bool,
    },
    /// A layer's files can't be read to their end.
    #[error("layer {layer} can't be read in Podman's storage: {reason}")]
    #[explain(hint = hint_to_damage(is_denied))]
    Layer {
        /// Its diff id.
        layer: Digest,
        /// The cause.
        reason: Escaped,
        /// Whether the operating system denied access.
        is_denied: bool,
    },
}

fn hint_to_damage(is_denied: &bool) -> String {
    match is_denied {
        true => "files of a rootless storage belong to other ids: `podman unshare crhost push …` reads them",
        false => {
            "`podman save NAME | crhost push docker-archive:- --as NAME` has Podman read it; `podman pull` mends an image"
        }
    }
    .to_owned()
}
