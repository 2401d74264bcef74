//! A policy's answer of `describe`.

use serde::{Deserialize, Serialize};

use crate::flavor::kebab_name::KebabName;
use crate::flavor::model::description::OptionSpec;
use crate::grant::HostPattern;
use crate::grant::operation::Operation;

/// A policy's answer of `describe`. All texts are bounded, of one line, and safe to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyDescription {
    /// Its own name; users may register it under another one.
    pub(crate) name: KebabName,
    /// Its own version, not the contract's.
    pub(crate) version: semver::Version,
    /// What it demands, in one line.
    pub(crate) summary: String,
    /// Where to read more: an `https` URL.
    pub(crate) documentation: Option<String>,
    /// Its options; their names differ.
    pub(crate) options: Vec<OptionSpec>,
    /// The requests that it sends.
    pub(crate) operations: Vec<Operation>,
}

impl PolicyDescription {
    /// The hosts that it requests, each once. Hosts that the user has to write are left out.
    #[must_use]
    pub(crate) fn requested_hosts(&self) -> Vec<HostPattern> {
        let mut hosts: Vec<HostPattern> = Vec::new();
        for pattern in self.operations.iter().flat_map(|operation| &operation.hosts) {
            if pattern.may_be_requested() && !hosts.contains(pattern) {
                hosts.push(pattern.clone());
            }
        }
        hosts
    }
}
