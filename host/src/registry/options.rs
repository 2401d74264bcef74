//! A flavor's options: which values a user may set, and what holds where none is set.

use std::collections::BTreeMap;

use super::error::RegistryError;
use crate::flavor::{Description, OptionSpec};

/// Finds fault with options that the flavor does not describe, or that it needs and that are not there.
pub(super) fn check(flavor: &Description, options: &BTreeMap<String, String>) -> Result<(), RegistryError> {
    let known = |name: &str| flavor.options.iter().any(|option| option.name.as_str() == name);
    if let Some(name) = options.keys().find(|name| !known(name)) {
        let known = flavor.options.iter().map(|option| option.name.to_string()).collect();
        return Err(RegistryError::UnknownOption { flavor: flavor.name.clone(), name: name.clone(), known });
    }
    let missing = |option: &&OptionSpec| {
        option.required && option.default.is_none() && !options.contains_key(option.name.as_str())
    };
    match flavor.options.iter().find(missing) {
        Some(option) => Err(RegistryError::MissingOption {
            flavor: flavor.name.clone(),
            name: option.name.to_string(),
            summary: option.summary.clone(),
        }),
        None => Ok(()),
    }
}

/// The values that hold, in the order in which the flavor describes its options.
pub(super) fn with_defaults(flavor: &Description, options: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let value = |option: &OptionSpec| options.get(option.name.as_str()).or(option.default.as_ref()).cloned();
    flavor.options.iter().filter_map(|option| Some((option.name.to_string(), value(option)?))).collect()
}
