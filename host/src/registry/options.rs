//! A flavor's options: which values a user may set.

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
