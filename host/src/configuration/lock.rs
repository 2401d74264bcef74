//! The lock: the digests of the components that a file's flavors and policies have.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::ConfigurationError;
use super::file::{parse, read_text};
use crate::files::atomic::{Access, Pending};
use crate::image::Digest;

/// The lock of a file. It is in git beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Lock {
    /// Flavors by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) flavors: BTreeMap<String, Locked>,
    /// Policies by the names that the file gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) policies: BTreeMap<String, Locked>,
}

/// A component of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Locked {
    /// Its source, as the file has it.
    pub(super) source: String,
    /// The artifact that it was fetched from, with its digest; absent for a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    /// The digest of the component.
    pub(super) digest: Digest,
}

/// The first line of a lock.
const HEAD: &str = "# Written by `crhost apply`: the components that are reviewed with this file, by their digests.\n";

/// The lock of a configuration file: beside it, with the ending `.lock`.
#[must_use]
pub(crate) fn lock_of(file: &Path) -> PathBuf {
    file.with_extension("lock")
}

impl Lock {
    /// The lock of a file; an empty one if there is none.
    ///
    /// # Errors
    /// When it can't be read, or is malformed.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigurationError> {
        match path.exists() {
            true => parse(&read_text(path)?, &path.display().to_string()),
            false => Ok(Self::default()),
        }
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// When it can't be written; the old one stays then.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ConfigurationError> {
        // Never fails: texts by name make TOML.
        let text = format!("{HEAD}\n{}", toml::to_string(self).unwrap_or_default());
        let written = Pending::beside(path, Access::Umask).and_then(|pending| pending.replace(text.as_bytes()));
        written.map_err(|reason| ConfigurationError::File {
            path: path.into(),
            action: "written",
            reason: crate::text::Foreign(reason).to_string().into(),
            hint: "run the command where you may write beside the configuration file, or with `--locked`",
        })
    }
}
