//! Where a pulled image goes, as users type it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::Explain;
use crate::image::{Reference, ReferenceError, Tag};
use crate::text::Escaped;

/// Longest name of an image in a layout, in bytes: a whole reference has less.
const MAX_NAME: usize = 512;

/// Where a pulled image goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// The Docker daemon, under a name; by default, the image's own.
    Daemon(Option<Reference>),
    /// An OCI layout in a directory.
    Layout(Named<String>),
    /// An OCI layout in a tar archive.
    OciArchive(Named<String>),
    /// A tar archive in the form of `docker save`.
    DockerArchive(Named<Reference>),
    /// Standard output, as an archive in the form of `docker save`.
    Output,
}

/// A path, and the name that the image gets there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named<N> {
    /// The directory or file.
    pub(crate) path: PathBuf,
    /// The name; by default, the image's tag in an OCI layout, and its whole name in an archive of Docker.
    pub(crate) name: Option<N>,
}

/// A text that is no destination.
#[derive(Debug, Clone, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum DestinationError {
    /// No known form.
    #[error(
        "`{0}` is no destination: expected oci:DIRECTORY[:NAME], oci-archive:FILE[:NAME], docker-archive:FILE[:NAME] \
         or `-`"
    )]
    #[explain(hint = near(_0.as_str()))]
    Unknown(Escaped),
    /// A form without its path.
    #[error("`{0}:` names no path")]
    NoPath(&'static str),
    /// A name that would be ambiguous or invisible.
    #[error("`{0}` is no name for an image in a layout: expected letters, digits and `-._:@/+`, at most 512")]
    Name(Escaped),
    /// A name that Docker does not take.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
}

impl FromStr for Destination {
    type Err = DestinationError;

    fn from_str(text: &str) -> Result<Self, DestinationError> {
        if text == "-" {
            return Ok(Self::Output);
        }
        match text.split_once(':') {
            Some(("oci", rest)) => Ok(Self::Layout(named("oci", rest, layout_name)?)),
            Some(("oci-archive", rest)) => Ok(Self::OciArchive(named("oci-archive", rest, layout_name)?)),
            Some(("docker-archive", rest)) => Ok(Self::DockerArchive(named("docker-archive", rest, whole_name)?)),
            // As skopeo writes it.
            Some(("docker-daemon", "")) => Ok(Self::Daemon(None)),
            Some(("docker-daemon", name)) => Ok(Self::Daemon(Some(whole_name(name)?))),
            _ => Err(DestinationError::Unknown(text.into())),
        }
    }
}

/// The path and the name of `PATH[:NAME]`. A path ends at its first colon.
fn named<N>(
    kind: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<N, DestinationError>,
) -> Result<Named<N>, DestinationError> {
    let (path, name) = match text.split_once(':') {
        Some((path, name)) => (path, Some(parse(name)?)),
        None => (text, None),
    };
    if path.is_empty() { Err(DestinationError::NoPath(kind)) } else { Ok(Named { path: path.into(), name }) }
}

/// A name in a layout (image-spec, "Pre-Defined Annotation Keys", `ref.name`).
fn layout_name(text: &str) -> Result<String, DestinationError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:@/+".contains(&byte);
    match !text.is_empty() && text.len() <= MAX_NAME && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(DestinationError::Name(Escaped::new(text, MAX_NAME))),
    }
}

/// A name of Docker; without a tag, with `latest`.
pub(crate) fn whole_name(text: &str) -> Result<Reference, DestinationError> {
    let name: Reference = text.parse()?;
    let tag = name.tag().cloned().unwrap_or_else(Tag::latest);
    Ok(Reference::new(name.host().clone(), name.repository().clone(), Some(tag), None))
}

/// The next step for a text that is no destination.
fn near(text: &str) -> String {
    let path = Path::new(text);
    let is_archive = path.extension().is_some_and(|extension| extension == "tar");
    match text {
        _ if is_archive => format!("an archive is `docker-archive:{text}` or `oci-archive:{text}`"),
        "docker" | "daemon" => "for the Docker daemon, leave the destination out, or use `--to-daemon`".to_owned(),
        _ if text.starts_with("docker://") => "from one registry to another, use `crhost copy`".to_owned(),
        _ => format!("a directory is `oci:{text}`; without a destination, the image goes into the Docker daemon"),
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daemon(_) => f.write_str("the Docker daemon"),
            Self::Layout(named) => write!(f, "oci:{}", named.path.display()),
            Self::OciArchive(named) => write!(f, "oci-archive:{}", named.path.display()),
            Self::DockerArchive(named) => write!(f, "docker-archive:{}", named.path.display()),
            Self::Output => f.write_str("standard output"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(path: &str, name: Option<&str>) -> Named<String> {
        Named { path: path.into(), name: name.map(ToOwned::to_owned) }
    }

    #[test]
    fn a_destination_is_a_kind_a_path_and_perhaps_a_name() {
        let parse = |text: &str| text.parse::<Destination>().unwrap();
        assert_eq!(parse("oci:out"), Destination::Layout(layout("out", None)));
        assert_eq!(parse("oci:/a/b:v1"), Destination::Layout(layout("/a/b", Some("v1"))));
        assert_eq!(parse("oci:out:ghcr.io/a/b:v1"), Destination::Layout(layout("out", Some("ghcr.io/a/b:v1"))));
        assert_eq!(parse("oci-archive:x.tar"), Destination::OciArchive(layout("x.tar", None)));
        let Destination::DockerArchive(named) = parse("docker-archive:x.tar:train") else { panic!() };
        assert_eq!(named.name.unwrap().to_string(), "docker.io/library/train:latest");
        assert_eq!(parse("-"), Destination::Output);
        assert_eq!(parse("docker-daemon:"), Destination::Daemon(None));
    }

    #[test]
    fn what_is_no_destination_is_refused_with_the_next_step() {
        for (text, hint) in [
            ("out.tar", "docker-archive:out.tar"),
            ("./out", "oci:./out"),
            ("docker://ghcr.io/a/b", "crhost copy"),
            ("daemon", "--to-daemon"),
        ] {
            let error = text.parse::<Destination>().unwrap_err();
            assert!(error.hint().unwrap().contains(hint), "{text}: {error}");
        }
        for text in ["oci:", "oci-archive::x", "oci:out:", "oci:out:a b", "docker-archive:x.tar:UPPER"] {
            assert!(text.parse::<Destination>().is_err(), "{text}");
        }
    }
}
