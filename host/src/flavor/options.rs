//! A flavor's options: the values that a user may set, and the defaults.

use std::collections::BTreeMap;

use super::kebab_name::{FlavorName, KebabName};
use super::model::{Description, OptionSpec};
use crate::error::Explain;
use crate::text::{Escaped, quoted};

/// Why options don't fit a flavor.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(crate) enum OptionError {
    /// An option that the flavor does not know.
    #[error("flavor `{flavor}` has no option `{name}`")]
    #[explain(hint = known_hint(known))]
    Unknown {
        /// The flavor.
        flavor: FlavorName,
        /// The name that was given.
        name: Escaped,
        /// The flavor's options.
        known: Vec<KebabName>,
    },
    /// An option that the flavor needs.
    #[error("flavor `{flavor}` needs the option `{name}`")]
    #[explain(hint = "give it with `--option {name}=…`: {summary}")]
    Missing {
        /// The flavor.
        flavor: FlavorName,
        /// The option.
        name: KebabName,
        /// The option's summary.
        summary: Escaped,
    },
}

fn known_hint(known: &[KebabName]) -> String {
    match known {
        [] => "this flavor has no options".to_owned(),
        known => format!("its options are {}", quoted(known)),
    }
}

/// Checks that the flavor describes all options that are given, and that all that it needs are given.
///
/// # Errors
/// The first option that does not fit.
pub(crate) fn check(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    known(flavor, options)?;
    let missing = |option: &&OptionSpec| {
        option.required && option.default.is_none() && !options.contains_key(option.name.as_str())
    };
    match flavor.options.iter().find(missing) {
        Some(option) => Err(Box::new(OptionError::Missing {
            flavor: flavor.name.clone(),
            name: option.name.clone(),
            summary: option.summary.as_str().into(),
        })),
        None => Ok(()),
    }
}

/// Checks that the flavor describes all options that are given.
///
/// # Errors
/// The first that it does not.
pub(crate) fn known(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    let known = |name: &str| flavor.options.iter().any(|option| option.name.as_str() == name);
    match options.keys().find(|name| !known(name)) {
        Some(name) => {
            let known = flavor.options.iter().map(|option| option.name.clone()).collect();
            Err(Box::new(OptionError::Unknown { flavor: flavor.name.clone(), name: Escaped::new(name, 80), known }))
        }
        None => Ok(()),
    }
}

/// The given values and the defaults of the others, in the order in which the flavor describes its options.
#[must_use]
pub(crate) fn with_defaults(flavor: &Description, options: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let value = |option: &OptionSpec| options.get(option.name.as_str()).or(option.default.as_ref()).cloned();
    flavor.options.iter().filter_map(|option| Some((option.name.to_string(), value(option)?))).collect()
}
