//! Where crhost keeps what it keeps.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

/// The folders of one user: data that must last, and a cache that may go at any time.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    data: PathBuf,
    cache: PathBuf,
}

/// No folder to keep anything in.
#[derive(Debug, thiserror::Error)]
#[error("there is no home folder: expected HOME or CRHOST_HOME to be set")]
pub(crate) struct NoHome;

impl Home {
    /// `CRHOST_HOME` with everything below it, or the folders of the XDG base directory specification.
    ///
    /// # Errors
    /// When neither is known.
    pub(crate) fn find() -> Result<Self, NoHome> {
        match std::env::var_os("CRHOST_HOME").filter(|home| !home.is_empty()) {
            Some(home) => Ok(Self::at(Path::new(&home))),
            None => {
                let xdg = etcetera::choose_base_strategy().map_err(|_| NoHome)?;
                Ok(Self { data: xdg.data_dir().join("crhost"), cache: xdg.cache_dir().join("crhost") })
            }
        }
    }

    /// Everything below one folder.
    #[must_use]
    pub(crate) fn at(folder: &Path) -> Self {
        Self { data: folder.to_owned(), cache: folder.join("cache") }
    }

    /// What must last.
    #[must_use]
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Compiled flavors.
    #[must_use]
    pub(crate) fn compiled(&self) -> PathBuf {
        self.cache.join("compiled")
    }

    /// The images of the registry for development.
    #[must_use]
    pub(crate) fn served(&self) -> PathBuf {
        self.data.join("serve")
    }
}
