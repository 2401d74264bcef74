//! A flavor's options: which values a user may set, and what holds where none is set.

use std::collections::BTreeMap;

use super::{Description, FlavorName, OptionSpec};
use crate::error::{Explain, Kind};
use crate::text::{printable, quoted};

/// Options that a flavor can't take.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionError {
    /// An option that the flavor does not know.
    #[error("flavor `{flavor}` has no option `{name}`")]
    Unknown {
        /// The flavor.
        flavor: FlavorName,
        /// What was given.
        name: String,
        /// What it knows.
        known: Vec<String>,
    },
    /// An option that the flavor needs.
    #[error("flavor `{flavor}` needs the option `{name}`")]
    Missing {
        /// The flavor.
        flavor: FlavorName,
        /// The option.
        name: String,
        /// What it is for.
        summary: String,
    },
}

impl Explain for OptionError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown { known, .. } if known.is_empty() => "this flavor has no options".to_owned(),
            Self::Unknown { known, .. } => format!("its options are {}", quoted(known)),
            Self::Missing { name, summary, .. } => format!("give it with `--option {name}=…`: {summary}"),
        })
    }
}

/// Finds fault with options that the flavor does not describe, or that it needs and that are not there.
///
/// # Errors
/// When there is one.
pub(crate) fn check(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    known(flavor, options)?;
    let missing = |option: &&OptionSpec| {
        option.required && option.default.is_none() && !options.contains_key(option.name.as_str())
    };
    match flavor.options.iter().find(missing) {
        Some(option) => Err(Box::new(OptionError::Missing {
            flavor: flavor.name.clone(),
            name: option.name.to_string(),
            summary: option.summary.clone(),
        })),
        None => Ok(()),
    }
}

/// Finds fault with options that the flavor does not describe.
///
/// # Errors
/// When there is one.
pub(crate) fn known(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), Box<OptionError>> {
    let known = |name: &str| flavor.options.iter().any(|option| option.name.as_str() == name);
    match options.keys().find(|name| !known(name)) {
        Some(name) => {
            let known = flavor.options.iter().map(|option| option.name.to_string()).collect();
            Err(Box::new(OptionError::Unknown { flavor: flavor.name.clone(), name: printable(name, 80), known }))
        }
        None => Ok(()),
    }
}

/// The values that hold, in the order in which the flavor describes its options.
#[must_use]
pub(crate) fn with_defaults(flavor: &Description, options: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let value = |option: &OptionSpec| options.get(option.name.as_str()).or(option.default.as_ref()).cloned();
    flavor.options.iter().filter_map(|option| Some((option.name.to_string(), value(option)?))).collect()
}
