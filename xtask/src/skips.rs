//! What tests left out, because this machine lacks something. A test appends a line to a file that it is told of, since
//! cargo shows nothing that a passing test prints.

use std::collections::BTreeMap;
use std::fs;

use tempfile::NamedTempFile;

use crate::failure::{Failure, Result};

/// Names the file to the tests.
const VARIABLE: &str = "CRHOST_TEST_SKIPS";

/// The skips of one run.
pub(crate) struct Skips(NamedTempFile);

impl Skips {
    /// None yet.
    pub(crate) fn new() -> Result<Self> {
        let file = NamedTempFile::new();
        Ok(Self(file.map_err(|error| Failure::new(format!("cannot create a temporary file: {error}")))?))
    }

    /// Tells the tests of a command where to write theirs.
    pub(crate) fn collect_from(&self, tests: &mut std::process::Command) {
        tests.env(VARIABLE, self.0.path());
    }

    /// Lists them on stderr, each with its number.
    pub(crate) fn print(&self) -> Result<()> {
        let text = fs::read_to_string(self.0.path()).map_err(Failure::io("read", self.0.path()))?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for line in text.lines() {
            *counts.entry(line).or_default() += 1;
        }
        eprintln!("\n{} skipped", text.lines().count());
        for (line, count) in counts {
            eprintln!("{count:8}  {line}");
        }
        Ok(())
    }
}
