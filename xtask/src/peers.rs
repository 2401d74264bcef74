//! The vendors' own clients and moto, as Python packages in a virtual environment of the tests: they judge our fakes,
//! and stand in for the clouds.

use crate::failure::Result;
use crate::{paths, python};

/// What is installed; the versions that the tests were written against.
const REQUIREMENTS: &str = include_str!("../../tests/peers/requirements.txt");

/// Installs what the list names, unless that was done for this very list.
pub(crate) fn provide() -> Result<()> {
    let _lock = paths::lock("peers")?;
    python::provide("Python peers", &paths::cache()?.join("peers"), REQUIREMENTS)
}
