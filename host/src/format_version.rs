//! The version of crhost's own file formats, of which there is one yet.

use serde::{Deserialize, Serialize};

/// The version of the format.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("const" = 1), extend("type" = "integer")))]
#[serde(try_from = "u64", into = "u64")]
pub(crate) struct Version;

impl TryFrom<u64> for Version {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        match version {
            1 => Ok(Self),
            other => Err(format!("version {other} of the format is not known, expected 1")),
        }
    }
}

impl From<Version> for u64 {
    fn from(_: Version) -> Self {
        1
    }
}
