//! How the push to one of its registries ended.

use super::error::PushError;
use super::report::Report;
use crate::image::Tag;
use crate::text::Escaped;

/// How the push to one registry ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The registry's name, or its URI if it is not registered.
    pub(crate) registry: Escaped,
    /// The image's whole name there.
    pub(crate) image: Escaped,
    /// The same without tag and digest.
    pub(crate) name: Escaped,
    /// The tags that the image is to have there.
    pub(crate) wanted: Vec<Tag>,
    /// The tags that this push has moved there, whatever came afterwards.
    pub(crate) moved: Vec<Tag>,
    /// Whether the registry was reached and its repository opened.
    pub(crate) opened: bool,
    /// What was pushed, or why not.
    pub(crate) result: Result<Report, PushError>,
}
