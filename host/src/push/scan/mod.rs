//! The user's scanner: it gets the image as an OCI layout, before the first byte of it is sent, and says yes or no.
//!
//! The layout has the very bytes that are pushed, since the push reads them from there afterwards. That costs disk
//! space for the whole image, and all of it is read and compressed even where the registry has its layers.

mod command;
pub(super) mod error;
mod layout;
mod program;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

pub(crate) use command::ScanCommand;

use super::compress::Compression;
use super::error::PushError;
use crate::environment::Environment;
use crate::image::Tag;
use crate::source::{Image, Location, Options, Source, SourceError};
use crate::supply_chain::ArtifactType;
use crate::text::Foreign;
use error::ScanError;

/// A scan before a push.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    /// The scanner.
    pub(crate) command: ScanCommand,
    /// The longest time that it may take.
    pub(crate) timeout: Duration,
    /// What its report is; without it, the report has to tell.
    pub(crate) report_type: Option<ArtifactType>,
    /// Shows a line of its output.
    pub(crate) show: fn(&str),
}

/// An image that its scanner let pass.
pub(super) struct Scanned {
    /// The image in its layout, which the push reads.
    pub(super) source: Source,
    /// The scanner's report, where it was to write one.
    pub(super) report: Option<PathBuf>,
    /// The layout and the report; they go when it is dropped.
    _directory: TempDir,
}

impl Scan {
    /// Writes the image into a private layout, and has the scanner judge it.
    ///
    /// # Errors
    /// When the image can't be read or written, or the scanner refuses it, fails, or takes too long.
    pub(super) async fn run(
        &self,
        source: &Source,
        tag: Option<&Tag>,
        compression: Compression,
        environment: &Environment,
    ) -> Result<Scanned, PushError> {
        let failed = |reason| ScanError::Layout(Foreign(reason));
        // For this user alone: mode 0700.
        let directory = tempfile::Builder::new().prefix("crhost-scan-").tempdir().map_err(failed)?;
        let layout = directory.path().join("layout");
        layout::write(source, tag, compression, &layout).await?;
        let report = self.command.wants_report().then(|| directory.path().join("report"));
        program::run(&self.command, self.timeout, self.show, &layout, report.as_deref()).await?;
        if let Some(report) = &report {
            ensure_report(report)?;
        }
        let options = Options { all_platforms: matches!(source.image(), Image::Index(_)), ..Options::default() };
        let location = Location::Layout { path: layout, reference: None };
        let no_daemon = async || Err(SourceError::Thread("a layout is in no daemon".into()));
        let source = Source::open(&location, &options, environment, no_daemon).await?;
        Ok(Scanned { source, report, _directory: directory })
    }
}

fn ensure_report(report: &Path) -> Result<(), ScanError> {
    match report.metadata() {
        Ok(found) if found.is_file() && found.len() > 0 => Ok(()),
        _ => Err(ScanError::NoReport),
    }
}
