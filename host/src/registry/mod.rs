//! Registries that the user has registered: how they come in, and which of them an image belongs to.
//!
//! Rules that hold for every kind of registry are here; what is special about one kind is its flavor's to say.

mod error;
mod options;
mod select;

use std::collections::BTreeMap;

pub use error::RegistryError;
pub use select::{Target, Wish, select};

use crate::flavor::{Catalog, RegistryView};
use crate::store::{Name, RegistryRecord, Store};

/// What a user gives to register a registry.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The user's name for it.
    pub name: Name,
    /// The name of its flavor.
    pub flavor: String,
    /// Its URI, in any form that the flavor takes.
    pub uri: String,
    /// Values for the flavor's options.
    pub options: BTreeMap<String, String>,
    /// The connector that its flavor is to be given.
    pub connector: Option<Name>,
}

/// Registers a registry once its flavor has accepted its URI. Gives what was stored, and the flavor's warnings.
///
/// # Errors
/// When the name is taken, the flavor is unknown, the flavor refuses the URI or an option, or it can't use the connector;
/// nothing is stored then.
pub async fn register(
    store: &Store,
    catalog: &Catalog<'_>,
    registration: Registration,
) -> Result<(RegistryRecord, Vec<String>), RegistryError> {
    let Registration { name, flavor, uri, options, connector } = registration;
    let (component, _) = catalog.get(&flavor).await?;
    options::check(component.description(), &options)?;
    let accepted = component.validate_uri(&uri).await?;
    let registry = RegistryRecord { name, flavor, uri: accepted.uri, options, connector };
    // Opened as for a push, so that what would fail there fails here.
    crate::connector::of(store, &registry, component.description())?;
    store.add_registry(&registry)?;
    Ok((registry, accepted.warnings))
}

/// A registry as its flavor sees it: with the defaults of options that the user did not set.
#[must_use]
pub fn view(registry: &RegistryRecord, description: &crate::flavor::Description) -> RegistryView {
    RegistryView {
        name: registry.name.to_string(),
        uri: registry.uri.clone(),
        options: options::with_defaults(description, &registry.options),
        grants: Vec::new(),
    }
}
