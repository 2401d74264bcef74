//! The bytes of a component with their origin, before anything is known of them.

use std::path::Path;

use super::error::CatalogError;
use crate::flavor;

/// A component that may be a flavor.
pub(crate) struct Component {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// What it is called until its own name is known.
    pub(crate) label: String,
    /// Its origin, as it is stored and shown.
    pub(crate) origin: String,
}

impl Component {
    /// Reads the component in a file.
    ///
    /// # Errors
    /// When it can't be read, or is too large.
    pub(crate) fn read(file: &Path) -> Result<Self, CatalogError> {
        let bytes = flavor::read(file).map_err(|reason| CatalogError::Read { path: file.into(), reason })?;
        let label = file.display().to_string();
        // The stored origin is absolute, to be right in any working directory.
        let origin = std::path::absolute(file).map_or_else(|_| label.clone(), |path| path.display().to_string());
        Ok(Self { bytes, label, origin })
    }
}
