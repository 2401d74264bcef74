//! An image in a file or directory: what lies there decides how it is read.

use std::path::Path;
use std::sync::Arc;

use super::archive::{self, Files};
use super::archive_file::ArchiveFile;
use super::error::SourceError;
use super::expected::Expected;
use super::layout::{self, Layout};
use super::named::ImageNames;
use super::open_archive::OpenArchive;
use super::opened::Opened;
use super::options::Options;
use super::reader::Reader;
use super::selection::{Selection, is_archive_name};
use crate::image::Digest;

/// What is open while the images of a source are listed.
pub(super) enum Held {
    /// Nothing: the layout is a directory.
    Directory,
    /// The archive.
    Archive(Arc<Files>),
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
        return open_layout(directory(path, expected)?, &selection, options);
    }
    open_archive(Files::find(path)?, &selection, expected, options)
}

/// Opens one of several images of an open archive.
///
/// # Errors
/// As for [`open`].
pub(super) fn open_beside(archive: &OpenArchive, options: &Options) -> Result<Opened<Reader>, SourceError> {
    open_archive(archive.files(), &Selection::new(Some(archive.reference())), archive.expected(), options)
}

/// The names of the images in a file or directory, and what is open for them.
///
/// # Errors
/// If there are no images, or they can't be listed.
pub(super) fn names(path: &Path, expected: Expected) -> Result<(ImageNames, Held), SourceError> {
    if path.is_dir() {
        return Ok((layout::image_names(&directory(path, expected)?)?, Held::Directory));
    }
    let files = Files::find(path)?;
    let names = match is_docker(&files, expected)? {
        true => archive::names(&files)?,
        false => layout::image_names(&Layout::documents_of(files.clone()))?,
    };
    Ok((names, Held::Archive(Arc::new(files))))
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
    if !is_docker(&files, expected)? {
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

/// Whether an archive is read in the form of `docker save`: it may hold a layout as well.
fn is_docker(files: &Files, expected: Expected) -> Result<bool, SourceError> {
    Ok(archive::is_docker(files)? && (expected == Expected::Any || !files.has("index.json")))
}

/// The layout in a directory.
fn directory(path: &Path, expected: Expected) -> Result<Layout, SourceError> {
    match expected {
        Expected::Any if !is_layout(path) => {
            let reason = "it is a directory, and has no `index.json`".into();
            Err(SourceError::NoArchive { path: path.into(), reason })
        }
        _ => Layout::open(path),
    }
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
