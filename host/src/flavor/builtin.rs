//! The built-in flavors: components like any other, which are admitted and limited as all others are.
//!
//! Their descriptions are embedded beside them: a command that only shows what there is compiles and runs none of them.
//! `host/descriptions/NAME.json` is the answer of the component's `describe`; a test holds the two together, and
//! renews the file with `CRHOST_BLESS=1`, as `cargo xtask docs` does.

use super::abi;
use super::error::AdmissionError;
use super::facts::ComponentFacts;
use super::model::Description;
use crate::image::{Digest, Host};

/// A built-in flavor.
pub(crate) struct BuiltIn {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its component.
    pub(crate) component: &'static [u8],
    /// Its description as JSON; absent for a component that was built elsewhere and is not one of crhost's own.
    description: Option<&'static str>,
}

/// The flavor for every registry that no other one knows.
const DEFAULT: &str = "default";

/// All of them, sorted by name. The build script writes the list.
pub(crate) static BUILTIN: &[BuiltIn] = &include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The built-in flavor of a name.
#[must_use]
pub(crate) fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILTIN.iter().find(|built_in| built_in.name == name)
}

/// Whether a component has the bytes of a built-in one, wherever it was read.
pub(super) fn is_built_in(component: &[u8]) -> bool {
    BUILTIN.iter().any(|built_in| built_in.component == component)
}

/// The built-in flavors that may know a host: those with an example of a URI below the same domain, without the flavor
/// that takes every registry. No component runs, so that this is a guess, which `validate-uri` of the few decides.
#[must_use]
pub(crate) fn claimants(host: &Host) -> Vec<&'static str> {
    let Some(domain) = domain(host.name()) else { return Vec::new() };
    let is_below = |example: &String| {
        let example = example.split(['/', ':']).next().unwrap_or_default();
        self::domain(example) == Some(domain)
    };
    let claims = |built_in: &&BuiltIn| {
        built_in.name != DEFAULT
            && built_in.description().is_some_and(|description| description.uri_examples.iter().any(is_below))
    };
    BUILTIN.iter().filter(claims).map(|built_in| built_in.name).collect()
}

/// The last two labels of a host's name. None for an address, a name of one label, and the names that documentation
/// uses for the hosts of others (RFC 2606).
fn domain(name: &str) -> Option<&str> {
    let start = name.rmatch_indices('.').nth(1).map_or(0, |(dot, _)| dot + 1);
    let domain = name.get(start..)?;
    let (first, last) = domain.split_once('.')?;
    let is_address = last.bytes().all(|byte| byte.is_ascii_digit());
    let is_documentation = first == "example" || last == "example";
    (!is_address && !is_documentation && !first.is_empty()).then_some(domain)
}

impl BuiltIn {
    /// Its description, unless it has to be asked for it.
    #[must_use]
    pub(crate) fn description(&self) -> Option<Description> {
        serde_json::from_str(self.description?).ok()
    }

    /// What is known of its component without running it.
    ///
    /// # Errors
    /// When it is no flavor.
    pub(crate) fn facts(&self) -> Result<ComponentFacts, AdmissionError> {
        Ok(ComponentFacts {
            contract: abi::contract_of(self.component)?,
            digest: Digest::of(self.component),
            size: self.component.len() as u64,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::{env, fs};

    use super::*;
    use crate::flavor::Runtime;

    #[tokio::test]
    async fn each_describes_itself_as_its_file_says() {
        let runtime = Runtime::new(None).unwrap();
        assert!(!BUILTIN.is_empty());
        for built_in in BUILTIN {
            let flavor = runtime.admit(built_in.name, built_in.component).await.unwrap();
            let description = flavor.description();
            assert_eq!(description.name.as_str(), built_in.name);
            assert!(!description.uri_examples.is_empty(), "{}", built_in.name);
            assert_eq!(flavor.facts(), built_in.facts().unwrap());
            if env::var_os("CRHOST_BLESS").is_some() {
                let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("descriptions").join(built_in.name);
                let json = serde_json::to_string_pretty(description).unwrap();
                fs::write(file.with_extension("json"), json + "\n").unwrap();
            } else {
                let embedded = built_in.description();
                assert_eq!(embedded.as_ref(), Some(description), "`CRHOST_BLESS=1` renews the file");
            }
        }
    }

    #[tokio::test]
    async fn each_accepts_its_own_examples() {
        let runtime = Runtime::new(None).unwrap();
        for BuiltIn { name, component, .. } in BUILTIN {
            let flavor = runtime.admit(name, component).await.unwrap();
            for example in &flavor.description().uri_examples {
                flavor.validate_uri(example).await.unwrap_or_else(|error| panic!("{name}: {example}: {error}"));
            }
        }
    }

    #[test]
    fn a_host_is_claimed_by_the_flavors_that_have_examples_of_its_domain() {
        for (host, flavors) in [
            ("ghcr.io", &["github"][..]),
            ("docker.io", &["dockerhub"]),
            ("quay.io", &["quay"]),
            ("registry.gitlab.com", &["gitlab"]),
            ("999999999999.dkr.ecr.ap-south-1.amazonaws.com", &["aws"]),
            ("acme.azurecr.io", &["azure"]),
            ("europe-docker.pkg.dev", &["gcp"]),
            ("localhost:5000", &[]),
            ("192.168.1.100:9000", &[]),
            ("[::1]:5000", &[]),
            ("registry.example.com", &[]),
            ("registry.acme.internal", &[]),
            ("io", &[]),
        ] {
            assert_eq!(claimants(&host.parse().unwrap()), flavors, "{host}");
        }
    }
}
