//! Registries that the user has registered: how they come in, and which of them an image belongs to.
//!
//! Rules that hold for every kind of registry are here; what is special about one kind is its flavor's to say.

mod error;
mod select;
mod uri;

use std::collections::BTreeMap;

pub use error::RegistryError;
pub use select::{Target, Wish, select};

use crate::flavor::{AcceptedUri, Catalog, CatalogError, Flavor, RegistryView, grantee, options};
use crate::grant::Grant;
use crate::store::{FlavorRecord, Name, RegistryRecord, Store};

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
    /// What the flavor may reach for this registry, besides what it may for all.
    pub grants: Vec<Grant>,
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
    let Registration { name, flavor, uri, options, grants, connector } = registration;
    let (component, record) = catalog.get(&flavor).await?;
    options::check(component.description(), &options)?;
    let accepted = component.validate_uri(&uri).await;
    catalog.keep_runs(&component);
    let AcceptedUri { uri: canonical, mut warnings } = accepted?;
    warnings.extend(uri::compare(&uri, &canonical, &component.description().name)?);
    let registry = RegistryRecord { name, flavor, uri: canonical, options, connector };
    // Opened as for a push, so that what would fail there fails here.
    crate::connector::of(store, &registry, component.description())?;
    store.add_registry(&registry, grantee(&record), &grants)?;
    Ok((registry, warnings))
}

/// A registry as its flavor sees it, with the defaults of options that the user did not set, and what the flavor may reach
/// for it.
///
/// # Errors
/// When the store can't be read.
pub fn view(
    catalog: &Catalog<'_>,
    registry: &RegistryRecord,
    flavor: &Flavor,
    record: &FlavorRecord,
) -> Result<RegistryView, CatalogError> {
    Ok(RegistryView {
        name: registry.name.to_string(),
        uri: registry.uri.clone(),
        options: options::with_defaults(flavor.description(), &registry.options),
        grants: catalog.registry_grants(record, &registry.name)?,
    })
}
