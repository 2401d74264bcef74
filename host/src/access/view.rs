//! A registry as its flavor sees it.

use crate::flavor::{Description, Flavor, OptionSpec, RegistryView};
use crate::grant::Grant;
use crate::store::RegistryRecord;

/// A registry, stored or not, with the defaults of options that the user did not set, and what the flavor may reach for it.
#[must_use]
pub fn view(registry: &RegistryRecord, flavor: &Flavor, grants: Vec<Grant>) -> RegistryView {
    RegistryView {
        name: registry.name.to_string(),
        uri: registry.uri.clone(),
        options: options(registry, flavor.description()),
        grants,
    }
}

/// The values that hold, in the order in which the flavor describes its options.
fn options(registry: &RegistryRecord, description: &Description) -> Vec<(String, String)> {
    let value = |option: &OptionSpec| registry.options.get(option.name.as_str()).or(option.default.as_ref()).cloned();
    description.options.iter().filter_map(|option| Some((option.name.to_string(), value(option)?))).collect()
}
