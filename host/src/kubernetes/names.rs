//! Names of Kubernetes' objects, by its rules (`validation.go` in `k8s.io/apimachinery/pkg/util/validation`).

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::store::Name;
use crate::text::{Escaped, Printable};

/// The name under which a cluster knows who changed something.
pub(super) const FIELD_MANAGER: &str = "crhost";

/// Longest label of a DNS name in bytes (RFC 1123, section 2.1): a namespace's name is one.
const MAX_LABEL: usize = 63;
/// Longest name in bytes that is a DNS subdomain, as most objects have one.
const MAX_SUBDOMAIN: usize = 253;
/// Longest name of a CronJob in bytes, to which 11 are added for each Job (`ValidateCronJobCreate`).
const MAX_WORKLOAD: usize = 52;
/// Characters of an invalid name that an error shows.
const MAX_SHOWN: usize = 80;

/// The name of a Secret or a service account: labels of lower-case letters, digits and `-`, joined by `.`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct ObjectName(String);

/// The name of a namespace: one label of lower-case letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub(crate) struct Namespace(String);

/// The name of a workload and of its objects: a label that begins with a letter, as that of a Service, and short enough
/// for what controllers add to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct WorkloadName(String);

/// A text that Kubernetes refuses as a name.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum NameError {
    /// No DNS subdomain.
    #[error(
        "`{0}` is no name in Kubernetes: expected lower-case letters, digits, `-` and `.`, a letter or digit at both \
         ends of each part, at most 253"
    )]
    Object(Escaped),
    /// No DNS label.
    #[error(
        "`{0}` is no namespace in Kubernetes: expected lower-case letters, digits and `-`, a letter or digit at both \
         ends, at most 63"
    )]
    Namespace(Escaped),
    /// No name of a workload.
    #[error(
        "`{0}` is no name of a workload in Kubernetes: expected lower-case letters, digits and `-`, first a letter, last \
         a letter or digit, at most {MAX_WORKLOAD}"
    )]
    Workload(Escaped),
}

impl ObjectName {
    /// The name of a Secret for one registry, or for several.
    #[must_use]
    pub(crate) fn of_secret(registries: &[Name]) -> Self {
        let [registry] = registries else { return Self("crhost-pull".to_owned()) };
        let lower = registry.as_str().to_ascii_lowercase();
        let name: String = lower.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        Self(format!("crhost-{}", name.trim_end_matches('-')))
    }
}

/// Lower-case letters, digits and `-`, of which `-` is not at an end (RFC 1123, section 2.1).
fn is_label(text: &str) -> bool {
    let is_edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    is_edge(text.bytes().next())
        && is_edge(text.bytes().last())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl FromStr for ObjectName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_valid = text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_label);
        if is_valid { Ok(Self(text.to_owned())) } else { Err(NameError::Object(Escaped::new(text, MAX_SHOWN))) }
    }
}

impl FromStr for Namespace {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_valid = text.len() <= MAX_LABEL && is_label(text);
        if is_valid { Ok(Self(text.to_owned())) } else { Err(NameError::Namespace(Escaped::new(text, MAX_SHOWN))) }
    }
}

impl FromStr for WorkloadName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_valid =
            text.len() <= MAX_WORKLOAD && is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase());
        if is_valid { Ok(Self(text.to_owned())) } else { Err(NameError::Workload(Escaped::new(text, MAX_SHOWN))) }
    }
}

/// Lower-case letters, digits, `-` and `.`.
impl Printable for ObjectName {}
impl Printable for WorkloadName {}
impl Printable for Namespace {}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for WorkloadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_kubernetes_takes() {
        let (label, subdomain) = ("a".repeat(63), format!("{}.a", "a".repeat(251)));
        for good in ["a", "0", "pull-secret", "a.b-c.d", "1.2", &subdomain] {
            assert!(good.parse::<ObjectName>().is_ok(), "{good}");
        }
        for good in ["a", "team-1", &label] {
            assert!(good.parse::<Namespace>().is_ok(), "{good}");
        }
        let (long_label, long_subdomain) = ("a".repeat(64), "a".repeat(254));
        for bad in ["", "A", "a_b", "-a", "a-", ".a", "a.", "a..b", "a.-b", "a b", "ä", "a/b", "a\n", &long_subdomain]
        {
            assert!(bad.parse::<ObjectName>().is_err(), "{bad}");
            assert!(bad.parse::<Namespace>().is_err(), "{bad}");
        }
        for bad in ["a.b", &long_label] {
            assert!(bad.parse::<Namespace>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_workload_has_room_for_what_controllers_add() {
        assert!("a".repeat(52).parse::<WorkloadName>().is_ok());
        for bad in ["", "0a", "a.b", "a-", &"a".repeat(53)] {
            assert!(bad.parse::<WorkloadName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_name_of_a_registry_makes_a_name_of_a_secret() {
        let longest = "x".repeat(63);
        for (registry, secret) in
            [("prod", "crhost-prod"), ("My.Registry_2-eu", "crhost-my-registry-2-eu"), ("a_", "crhost-a")]
        {
            assert_eq!(ObjectName::of_secret(&[registry.parse().unwrap()]).to_string(), secret);
        }
        for name in ["0", "a._-", longest.as_str()] {
            let secret = ObjectName::of_secret(&[name.parse().unwrap()]);
            assert!(secret.to_string().parse::<ObjectName>().is_ok(), "{secret}");
        }
        assert_eq!(ObjectName::of_secret(&["a".parse().unwrap(), "b".parse().unwrap()]).to_string(), "crhost-pull");
    }
}
