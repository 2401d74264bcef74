//! The file of a sync: which repositories are kept alike, and how. A format of crhost's own, in YAML.
//!
//! Everything in it is parsed once, into types that can't be wrong. A key that is not known is an error, since a filter
//! that is misspelt would copy, or delete, what it should not.

mod error;
mod mirror;
mod place;
mod repository;

use std::path::Path;

use serde::Deserialize;

pub(crate) use error::FileError;
use mirror::Choices;
pub(crate) use mirror::Mirror;
pub(crate) use place::Place;
pub(crate) use repository::Wanted;

use crate::bounded;
use crate::format_version::Version;

/// Most bytes of a file: with 100 bytes for each, ten thousand repositories.
const MAX_BYTES: usize = 1024 * 1024;

/// A file.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct MirrorFile {
    /// The version of this format: 1.
    #[expect(dead_code, reason = "checked while it is read")]
    version: Version,
    /// What holds for all mirrors that don't say otherwise.
    #[serde(default)]
    defaults: Choices,
    /// The mirrors.
    mirrors: Vec<Mirror>,
}

impl MirrorFile {
    /// Reads a file; `-` is standard input.
    ///
    /// # Errors
    /// When it can't be read, or is no such file.
    pub(crate) fn read(path: &Path) -> Result<Self, FileError> {
        let read = match path.to_str() {
            Some("-") => bounded::read(std::io::stdin().lock(), MAX_BYTES),
            _ => std::fs::File::open(path)
                .map_err(bounded::ReadError::Failed)
                .and_then(|file| bounded::read(file, MAX_BYTES)),
        };
        let bytes = read.map_err(|reason| FileError::unreadable(path, reason))?;
        let text = String::from_utf8(bytes).map_err(|_| FileError::not_text(path))?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Parses the text of a file that errors call `name`.
    ///
    /// # Errors
    /// With the line and the key of what is wrong.
    pub(crate) fn parse(text: &str, name: &str) -> Result<Self, FileError> {
        let file: Self = serde_saphyr::from_str(text).map_err(|error| FileError::of_yaml(name, text, &error))?;
        for mirror in file.mirrors() {
            mirror.check().map_err(|problem| FileError::of_mirror(name, &mirror, problem))?;
        }
        match file.mirrors.is_empty() {
            true => Err(FileError::empty(name)),
            false => Ok(file),
        }
    }

    /// The mirrors, with what the defaults say.
    pub(crate) fn mirrors(&self) -> impl Iterator<Item = Mirror> {
        self.mirrors.iter().map(|mirror| mirror.with_defaults(&self.defaults))
    }
}

#[cfg(test)]
mod tests;
