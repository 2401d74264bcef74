//! Changes of a registered registry, with the same checks as at registration.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Place};
use super::error::RegistryError;
use super::registration::Registration;
use super::typed_uri::TypedUri;
use crate::catalog::Catalog;
use crate::flavor::Description;
use crate::store::{ConnectorSummary, Name, RegistryRecord, Store};
use crate::text::Escaped;

/// The changes to make.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// A new URI, in any form that the flavor accepts.
    pub(crate) uri: Option<TypedUri>,
    /// New values of options.
    pub(crate) options: BTreeMap<String, String>,
    /// Options whose values are removed, so that the flavor's defaults hold again.
    pub(crate) without: Vec<String>,
    /// A new connector.
    pub(crate) connector: Option<Name>,
    /// Whether plain HTTP is allowed from now on.
    pub(crate) insecure: Option<bool>,
}

/// Has the flavor of a registry accept a change. [`Candidate::store`] makes it.
///
/// # Errors
/// When there is no such registry, and as for [`register`](super::register::register).
pub(crate) async fn update(
    store: &Store,
    catalog: &Catalog<'_>,
    name: &Name,
    change: Change,
) -> Result<Candidate, RegistryError> {
    let old = store.registry(name)?;
    let (flavor, record) = catalog.get(&old.flavor).await?;
    let registration = Registration { grants: catalog.registry_grants(&record, name)?, ..changed(&old, change)? };
    Candidate::inspect(store, catalog, (flavor, record), registration, Place::Of(old)).await
}

fn changed(old: &RegistryRecord, change: Change) -> Result<Registration, RegistryError> {
    let RegistryRecord { name, flavor, uri, mut options, connector, confirmed, .. } = old.clone();
    for option in change.without {
        if options.remove(&option).is_none() {
            let set = options.into_keys().map(Escaped::from).collect();
            return Err(RegistryError::NotSet { registry: name, name: Escaped::new(&option, 80), set });
        }
    }
    options.extend(change.options);
    let connector = change.connector.or(connector);
    let uri = change.uri.unwrap_or_else(|| TypedUri::stored(&uri, confirmed));
    Ok(Registration { name, flavor, uri, options, grants: Vec::new(), connector, insecure: change.insecure })
}

/// The stored connectors that the flavor of a registry can use.
///
/// # Errors
/// When there is no such registry, or no such connector.
pub(crate) async fn fitting_connectors(
    store: &Store,
    catalog: &Catalog<'_>,
    name: &Name,
) -> Result<Vec<ConnectorSummary>, RegistryError> {
    let (flavor, _) = catalog.get(&store.registry(name)?.flavor).await?;
    let description = flavor.description();
    let mut connectors = store.connectors()?;
    connectors.retain(|connector| description.auth_method(&connector.connector_type, &connector.method).is_some());
    if connectors.is_empty() { Err(none_fits(name, description)) } else { Ok(connectors) }
}

fn none_fits(registry: &Name, description: &Description) -> RegistryError {
    RegistryError::NoFittingConnector {
        registry: registry.clone(),
        flavor: description.name.clone(),
        methods: description.auth_methods.iter().map(Escaped::of).collect(),
    }
}
