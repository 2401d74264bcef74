//! A flavor as the store keeps it.

use std::path::Path;

use super::origin::remote_name;
use crate::flavor::{ComponentFacts, Description, Maker, builtin};
use crate::store::{FlavorRecord, Grantee, StoreError};

/// The origin of built-in flavors, as it is shown.
pub(crate) const BUILT_IN: &str = "built-in";

/// The key of a flavor's grants: its name, and the digest of its component. A built-in flavor has no digest there: its
/// grants hold for later builds of crhost.
#[must_use]
pub(crate) fn grantee(record: &FlavorRecord) -> Grantee<'_> {
    let digest = (record.origin != BUILT_IN).then_some(&record.digest);
    Grantee { flavor: &record.name, digest }
}

/// Whether a built-in flavor has this name.
pub(super) fn is_built_in(name: &str) -> bool {
    builtin::find(name).is_some()
}

/// Whose flavor it is that came from `origin`.
pub(super) fn maker(origin: &str) -> Maker {
    match origin {
        BUILT_IN => Maker::Crhost,
        origin if remote_name(origin).is_some() => Maker::Other,
        file => Maker::of_file(Path::new(file)),
    }
}

/// The record of a flavor with this description, whose component came from `origin`.
pub(super) fn record(description: &Description, component: ComponentFacts, origin: &str) -> FlavorRecord {
    let ComponentFacts { contract, digest, size } = component;
    FlavorRecord {
        name: description.name.to_string(),
        version: description.version.to_string(),
        contract: contract.to_string(),
        summary: description.summary.clone(),
        digest,
        size,
        origin: origin.to_owned(),
        // Never none: strings, numbers and lists always make JSON.
        description: serde_json::to_string(description).ok(),
        accepted_operations: Vec::new(),
    }
}

/// The description of a flavor from the time when it was registered, which holds whatever it would answer today.
pub(super) fn description(record: &FlavorRecord) -> Result<Option<Description>, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("flavor `{}` has a wrong description", record.name).into());
    record.description.as_deref().map(|json| serde_json::from_str(json).map_err(damaged)).transpose()
}
