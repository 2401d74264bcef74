//! An image in a file or directory: what lies there decides how it is read.

use std::path::Path;

use super::archive::{self, Files};
use super::archive_file::ArchiveFile;
use super::error::SourceError;
use super::layout::{self, Layout};
use super::opened::Opened;
use super::options::Options;
use super::reader::Reader;
use super::selection::{Selection, is_archive_name};
use crate::image::Digest;

/// Whether the user said that it is a layout, or left it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// `oci:` or `oci-archive:`.
    Layout,
    /// `docker-archive:`, or a path alone.
    Any,
}

/// Opens the image that `reference` means.
///
/// # Errors
/// If there is none, it is damaged, or is not for the platform.
pub(super) fn open(
    path: &Path,
    reference: Option<&str>,
    expected: Expected,
    options: &Options,
) -> Result<Opened<Reader>, SourceError> {
    let selection = Selection::new(reference);
    if path.is_dir() {
        return match expected {
            Expected::Any if !is_layout(path) => {
                let reason = "it is a directory, and has no `index.json`".into();
                Err(SourceError::NoArchive { path: path.into(), reason })
            }
            _ => open_layout(Layout::open(path)?, &selection, options),
        };
    }
    open_archive(Files::find(path)?, &selection, expected, options)
}

/// Opens the image in an archive that a program of this machine wrote.
///
/// # Errors
/// As for [`open`].
pub(super) fn open_written(file: ArchiveFile, options: &Options) -> Result<Opened<Reader>, SourceError> {
    open_archive(Files::of(file)?, &Selection::Only, Expected::Layout, options)
}

fn open_archive(
    files: Files,
    selection: &Selection<'_>,
    expected: Expected,
    options: &Options,
) -> Result<Opened<Reader>, SourceError> {
    let is_docker = archive::is_docker(&files)?;
    if !is_docker || expected == Expected::Layout && files.has("index.json") {
        return open_layout(Layout::of_archive(files)?, selection, options);
    }
    if options.all_platforms {
        return Err(SourceError::OnePlatform(files.path().into()));
    }
    if files.has("index.json") {
        // Before anything is unpacked, what is in the archive is compared as far as its documents tell.
        let entry = archive::chosen(&files, selection)?;
        let config = files.document(&entry.config)?.map(|config| Digest::of(&config));
        if let Some(config) = config
            && let Some((image, layout)) = layout::compressed(&files, &config, options.platform.as_ref())?
        {
            let (name, suggestions) = (selection.name().map(ToOwned::to_owned), entry.repo_tags);
            return Ok(Opened { name, suggestions, image, reader: Reader::Layout(layout) });
        }
    }
    let opened = archive::open(files, selection, options.platform.as_ref())?;
    Ok(opened.map(Reader::Archive))
}

fn open_layout(layout: Layout, selection: &Selection<'_>, options: &Options) -> Result<Opened<Reader>, SourceError> {
    let opened = match options.all_platforms {
        true => layout::open_all(layout, selection),
        false => layout::open(layout, selection, options.platform.as_ref()),
    };
    Ok(opened?.map(Reader::Layout))
}

/// Whether a directory has a layout's index.
fn is_layout(path: &Path) -> bool {
    path.join("index.json").exists()
}

/// Refuses a name that is that of an archive here, and no path: the daemon would not know it.
///
/// # Errors
/// If there is such a file.
pub(super) fn ensure_not_here(name: &str) -> Result<(), SourceError> {
    match is_archive_name(name) && Path::new(name).is_file() {
        true => Err(SourceError::Here { path: name.into(), what: "file", kind: "docker-archive" }),
        false => Ok(()),
    }
}

/// The error for a name that the daemon does not know, but is one of a layout here.
pub(super) fn here(name: &str) -> Option<SourceError> {
    let is_here = is_layout(Path::new(name));
    is_here.then(|| SourceError::Here { path: name.into(), what: "layout", kind: "oci" })
}
