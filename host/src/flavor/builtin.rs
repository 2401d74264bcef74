//! The built-in flavors: components like any other, which are admitted and limited as all others are.
//!
//! Their descriptions are embedded beside them: a command that only shows what there is compiles and runs none of them.
//! `host/descriptions/NAME.json` is the answer of the component's `describe`; a test holds the two together, and
//! renews the file with `CRHOST_BLESS=1`, as `cargo xtask docs` does.

use std::sync::OnceLock;

use super::abi;
use super::error::AdmissionError;
use super::facts::ComponentFacts;
#[cfg(test)]
use super::loaded::Known;
use super::model::Description;
use crate::image::Digest;

/// A built-in flavor.
pub(crate) struct BuiltIn {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its component.
    pub(crate) component: &'static [u8],
    /// Its description as JSON; absent for a component that was built elsewhere and is not one of crhost's own.
    description: Option<&'static str>,
    /// The digest of its component, once it was asked for.
    digest: &'static OnceLock<Digest>,
    /// Its description, once it was asked for: a file of hundreds of connectors asks for all of them at each.
    parsed: &'static OnceLock<Option<Description>>,
}

/// All of them, sorted by name. The build script writes the list.
pub(crate) static BUILTIN: &[BuiltIn] = &include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// A built-in policy: what users can register by its name alone.
pub(crate) struct BuiltInPolicy {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its component.
    pub(crate) component: &'static [u8],
}

/// All built-in policies, sorted by name.
pub(crate) static POLICIES: &[BuiltInPolicy] = &include!(concat!(env!("OUT_DIR"), "/builtin_policies.rs"));

/// The built-in policy of a name.
#[must_use]
pub(crate) fn find_policy(name: &str) -> Option<&'static BuiltInPolicy> {
    POLICIES.iter().find(|built_in| built_in.name == name)
}

/// The built-in flavor of a name.
#[must_use]
pub(crate) fn find(name: &str) -> Option<&'static BuiltIn> {
    BUILTIN.iter().find(|built_in| built_in.name == name)
}

/// Whether a component has the bytes of a built-in one, wherever it was read.
pub(super) fn is_built_in(component: &[u8]) -> bool {
    let mut components = BUILTIN.iter().map(|one| one.component).chain(POLICIES.iter().map(|one| one.component));
    components.any(|built_in| built_in == component)
}

impl BuiltIn {
    /// The digest of its component, which is hashed once in a process.
    #[must_use]
    pub(crate) fn digest(&self) -> &Digest {
        self.digest.get_or_init(|| Digest::of(self.component))
    }

    /// Its component, as one that was admitted before.
    #[cfg(test)]
    pub(super) fn known(&self) -> Known<'_> {
        Known { bytes: self.component, digest: self.digest() }
    }

    /// Its description, unless it has to be asked for it.
    #[must_use]
    pub(crate) fn description(&self) -> Option<Description> {
        let parse = || serde_json::from_str(self.description?).ok();
        self.parsed.get_or_init(parse).clone()
    }

    /// What is known of its component without running it.
    ///
    /// # Errors
    /// When it is no flavor.
    pub(crate) fn facts(&self) -> Result<ComponentFacts, AdmissionError> {
        Ok(ComponentFacts {
            contract: abi::contract_of(self.component)?,
            digest: self.digest().clone(),
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
}
