//! A registry as its flavor sees it.

use crate::flavor::{Description, RegistryView, options};
use crate::grant::Grant;
use crate::store::RegistryRecord;

/// A registry, stored or not, with the defaults of options that the user did not set, and the grants for it.
#[must_use]
pub(crate) fn registry_view(registry: &RegistryRecord, description: &Description, grants: Vec<Grant>) -> RegistryView {
    RegistryView {
        name: registry.name.to_string(),
        uri: registry.uri.clone(),
        options: options::with_defaults(&description.options, &registry.options),
        grants,
    }
}
