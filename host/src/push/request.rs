//! The user's request to push.

use std::path::Path;
use std::time::Duration;

use super::compress::Compression;
use super::evidence::Evidence;
use super::remote_layers::CacheFrom;
use super::scan::Scan;
use crate::image::{Reference, ReferenceError, Tag};
use crate::registry::{Destination, GivenName, RegistryError, Unregistered};
use crate::source::{Location, Options};
use crate::store::Name;
use crate::text::Escaped;

/// Who sends an image of the Docker daemon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum EngineChoice {
    /// Whoever suits it.
    #[default]
    Auto,
    /// crhost itself.
    Native,
    /// The daemon.
    Daemon,
}

/// A registry as the user chose it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    /// Its name (`--to`).
    pub(crate) to: Option<Name>,
    /// What is said of one that need not be registered; a name goes before it.
    pub(crate) unregistered: Unregistered,
}

/// The image, its targets, and the manner of the push.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The image.
    pub(crate) location: Location,
    /// The registries, at least one.
    pub(crate) registries: Vec<Choice>,
    /// Registries that could not be reached for another image of the same command, by what they are shown as.
    pub(crate) left_out: Vec<Escaped>,
    /// Whether no tag moves before every registry has everything.
    pub(crate) all_or_none: bool,
    /// The registry for names without a host, in the place of the one that is stored as in use.
    pub(crate) in_use: Option<Destination>,
    /// The name in the registry (`--as`).
    pub(crate) named: Option<GivenName>,
    /// Which image of the location, and how it is read.
    pub(crate) source: Options,
    /// Further tags for the image.
    pub(crate) tags: Vec<Tag>,
    /// Whether a tag that names this image already is left alone, however its layers are compressed there.
    pub(crate) if_changed: bool,
    /// Whether plain HTTP may be spoken to the registry of this push, though that is not stored with it.
    pub(crate) insecure: bool,
    /// Who sends an image of the Docker daemon.
    pub(crate) engine: EngineChoice,
    /// Whether nothing is uploaded.
    pub(crate) dry_run: bool,
    /// The longest time for the whole push; by default, it may go on as long as bytes move.
    pub(crate) timeout: Option<Duration>,
    /// Layers that are sent at once; by default, a number that suits this machine.
    pub(crate) jobs: Option<usize>,
    /// The compression of layers that the source has uncompressed.
    pub(crate) compression: Compression,
    /// What is done with the image in its registry before any tag moves.
    pub(crate) evidence: Evidence,
    /// The scan before the first byte is sent.
    pub(crate) scan: Option<Scan>,
    /// Images in registries that may have some of the layers.
    pub(crate) cache_from: CacheFrom,
}

impl Request {
    /// An option that only crhost's own pushes can keep: the daemon moves the tag as soon as it has sent the image.
    pub(super) fn option_before_tags(&self) -> Option<&'static str> {
        let Evidence { files, key, required } = &self.evidence;
        let given = [
            (self.scan.is_some(), "--scan"),
            (key.is_some(), "--sign"),
            (!files.is_empty(), "--sbom"),
            (required.is_some(), "--require-signature"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }
}

impl Request {
    /// Checks the name of a daemon's image before the daemon is asked, which has other words for an invalid one. An id
    /// is valid, and what names a file is for the source to explain.
    ///
    /// # Errors
    /// When it is no name.
    pub(super) fn check_name(&self) -> Result<(), RegistryError> {
        let Location::Daemon(name) = &self.location else { return Ok(()) };
        match name.parse::<Reference>() {
            Ok(_) | Err(ReferenceError::Id(_)) => Ok(()),
            Err(_) if Path::new(name).exists() => Ok(()),
            Err(reason) => Err(reason.into()),
        }
    }
}
