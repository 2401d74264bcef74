//! The place of an image, as it is given on the command line.

use std::fmt;
use std::fs::File;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use super::open_archive::OpenArchive;
use super::selection;
use super::storage::location::StorageLocation;
use crate::text::{Escaped, Printable};

/// `NAME`, `docker-daemon:NAME`, `docker-archive:PATH[:NAME]`, `oci:PATH[:REFERENCE]`, `oci-archive:PATH[:REFERENCE]`
/// or `containers-storage:[[DRIVER@ROOT+RUN]]NAME`, as skopeo and podman write them (containers-transports(5)), or a
/// path that begins with `/`, `./` or `../`, or `-` for standard input. A path ends at its first colon. What lies there
/// decides how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// An image of the Docker daemon.
    Daemon(String),
    /// A file that `docker save` wrote, or whatever image a path leads to.
    Archive {
        /// The file, plain or compressed.
        path: PathBuf,
        /// Which of its images.
        reference: Option<String>,
    },
    /// An image in the storage of Podman and buildah.
    Storage(StorageLocation),
    /// A directory in the form of the OCI image layout, or a tar archive of one.
    Layout {
        /// The directory or file.
        path: PathBuf,
        /// Which of its images.
        reference: Option<String>,
    },
    /// An image of an archive that is open already.
    Open(OpenArchive),
    /// The only image of an archive that a program of this machine wrote for this push.
    Written(Written),
}

/// A file without a name, and its writer.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The file.
    pub(super) file: Arc<File>,
    /// The program's name for users.
    pub(super) writer: Escaped,
}

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }
}

impl Eq for Written {}

/// A text that is not a location.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum LocationError {
    /// Unknown transport.
    #[error(
        "`{0}:` is no kind of source: expected an image's name, `docker-archive:FILE`, `oci:DIRECTORY`, \
         `oci-archive:FILE` or `containers-storage:NAME`"
    )]
    Transport(Escaped),
    /// What stands in brackets before the name is no storage.
    #[error("`{0}` is no storage: expected `containers-storage:[DRIVER@/ROOT+/RUN]NAME`, each part of it optional")]
    Storage(Escaped),
    /// No name after the colon.
    #[error("`{0}` names no image")]
    Empty(Escaped),
}

/// Transports of containers-transports(5) that crhost does not support. Written out, so that they are not taken for
/// names.
const FOREIGN: [&str; 3] = ["docker", "dir", "tarball"];

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let split = |rest: &str| {
            let (path, reference) = selection::split(rest);
            let reference = reference.map(ToOwned::to_owned);
            if path.is_empty() || reference.as_deref() == Some("") {
                Err(LocationError::Empty(text.into()))
            } else {
                Ok((PathBuf::from(path), reference))
            }
        };
        if selection::is_path(text) {
            return split(text).map(|(path, reference)| Self::Archive { path, reference });
        }
        match text.split_once(':') {
            Some(("oci" | "oci-archive", rest)) => {
                split(rest).map(|(path, reference)| Self::Layout { path, reference })
            }
            Some(("docker-archive", rest)) => split(rest).map(|(path, reference)| Self::Archive { path, reference }),
            Some(("containers-storage", rest)) => match StorageLocation::parse(rest) {
                Some(location) if location.name.is_empty() => Err(LocationError::Empty(text.into())),
                Some(location) => Ok(Self::Storage(location)),
                None => Err(LocationError::Storage(text.into())),
            },
            Some(("docker-daemon", "")) => Err(LocationError::Empty(text.into())),
            Some(("docker-daemon", rest)) => Ok(Self::Daemon(rest.to_owned())),
            // `docker:tag` may be an image's name; `docker://…` can't be.
            Some((transport, rest)) if FOREIGN.contains(&transport) && rest.contains('/') => {
                Err(LocationError::Transport(transport.into()))
            }
            _ if text.is_empty() => Err(LocationError::Empty(text.into())),
            _ => Ok(Self::Daemon(text.to_owned())),
        }
    }
}

impl Location {
    /// An archive that a program wrote, whose name for users is `writer`.
    #[must_use]
    pub(crate) fn written(file: Arc<File>, writer: Escaped) -> Self {
        Self::Written(Written { file, writer })
    }

    /// Whether it is a file or directory of this machine, and no name of a daemon's image.
    #[must_use]
    pub(crate) fn is_file(&self) -> bool {
        !matches!(self, Self::Daemon(_))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, path, reference) = match self {
            Self::Daemon(name) => return f.write_str(name),
            Self::Written(written) => return write!(f, "the archive of {}", written.writer),
            Self::Storage(location) => return location.fmt(f),
            Self::Open(archive) => return archive.fmt(f),
            Self::Archive { path, reference } => ("docker-archive", path, reference),
            Self::Layout { path, reference } => ("oci", path, reference),
        };
        write!(f, "{kind}:{}", path.display())?;
        reference.iter().try_for_each(|reference| write!(f, ":{reference}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_says_where_an_image_is() {
        let some = |text: &str| Some(text.to_owned());
        for (text, location) in [
            ("train:v3", Location::Daemon("train:v3".to_owned())),
            ("localhost:5000/x", Location::Daemon("localhost:5000/x".to_owned())),
            ("docker-daemon:train:v3", Location::Daemon("train:v3".to_owned())),
            ("oci:./layout:v3", Location::Layout { path: "./layout".into(), reference: some("v3") }),
            ("oci:layout", Location::Layout { path: "layout".into(), reference: None }),
            ("oci-archive:oci.tar:v3", Location::Layout { path: "oci.tar".into(), reference: some("v3") }),
            ("./img/train.tar", Location::Archive { path: "./img/train.tar".into(), reference: None }),
            ("/img/train.tar:@1", Location::Archive { path: "/img/train.tar".into(), reference: some("@1") }),
            ("docker-archive:-", Location::Archive { path: "-".into(), reference: None }),
            ("-", Location::Archive { path: "-".into(), reference: None }),
            ("docker-archive:./a.tar", Location::Archive { path: "./a.tar".into(), reference: None }),
            ("containers-storage:train:v3", Location::Storage(StorageLocation::named("train:v3"))),
            (
                "docker-archive:/a.tar:train:v3",
                Location::Archive { path: "/a.tar".into(), reference: some("train:v3") },
            ),
        ] {
            assert_eq!(text.parse::<Location>().unwrap(), location, "{text}");
        }
    }

    #[test]
    fn what_says_nowhere_is_refused() {
        for bad in [
            "containers-storage:",
            "containers-storage:[x",
            "containers-storage:[/root]",
            "",
            "oci:",
            "oci::v3",
            "oci:x:",
            "docker-archive:",
            "docker-daemon:",
            "docker://a/b",
            "dir:/x",
        ] {
            assert!(bad.parse::<Location>().is_err(), "{bad}");
        }
    }
}
