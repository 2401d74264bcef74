//! The user's request to pull.

use std::io;
use std::time::Duration;

use super::destination::Destination;
use crate::registry::{self, RemoteName};
use crate::source::Options;

/// The image, its destination, and the manner of the pull.
pub(crate) struct Request {
    /// The image.
    pub(crate) name: RemoteName,
    /// The registry for names without a host, in the place of the one that is stored as in use.
    pub(crate) in_use: Option<registry::Destination>,
    /// Where it goes; by default, into the Docker daemon.
    pub(crate) destination: Option<Destination>,
    /// Where an archive for standard output is written.
    pub(crate) output: Box<dyn io::Write + Send>,
    /// Which image of an index, or all.
    pub(crate) options: Options,
    /// Whether plain HTTP may be spoken to the registry of this pull, though that is not stored with it.
    pub(crate) insecure: bool,
    /// Whether nothing is read but manifests, and nothing written.
    pub(crate) dry_run: bool,
    /// The longest time for the whole pull; by default, it may go on as long as bytes move.
    pub(crate) timeout: Option<Duration>,
    /// Layers that are received at once.
    pub(crate) jobs: Option<usize>,
}
