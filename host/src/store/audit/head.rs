//! The last row of the chain.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::image::Digest;
use crate::text::Printable;

/// A row's number and its hash, by which everything up to it is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AuditHead {
    /// The row's number, from 1; 0 before the first.
    pub(crate) sequence: i64,
    /// Its hash, in lower-case hexadecimal digits.
    pub(crate) hash: String,
}

impl AuditHead {
    /// What the first row follows.
    pub(crate) fn start() -> Self {
        Self { sequence: 0, hash: "0".repeat(64) }
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.hash)
    }
}

/// A number and hexadecimal digits.
impl Printable for AuditHead {}

impl FromStr for AuditHead {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "expected `SEQUENCE:HASH`, as `crhost audit verify` prints it";
        let (sequence, hash) = text.split_once(':').ok_or(EXPECTED)?;
        let sequence = sequence.parse().ok().filter(|sequence| *sequence >= 0).ok_or(EXPECTED)?;
        let digest: Digest = format!("sha256:{hash}").parse().map_err(|_| EXPECTED)?;
        Ok(Self { sequence, hash: digest.hex().to_owned() })
    }
}
