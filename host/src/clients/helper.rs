//! The answers of crhost as a credential helper.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};

use super::error::ClientError;
use super::find::registry_of;
use super::named::none_on;
use super::server::ServerUrl;
use crate::access::{self, Access, AccessContext, RegistryLogin};
use crate::catalog::{Catalog, recorded};
use crate::connector::{self, Registration};
use crate::environment::Environment;
use crate::flavor::Purpose;
use crate::store::{ConnectorRecord, IfTaken, Name, RegistryRecord, Store, StoreError, StoredKind, StoredValue};

/// Type and method of connectors that hold a user name and a password.
const PASSWORD: (&str, &str) = ("docker", "password");

/// What is known of a server without running a flavor.
pub(crate) enum Found {
    /// No registry is registered there.
    Unknown,
    /// Credentials that were given before.
    Kept(RegistryLogin),
    /// The registry, whose flavor has to be asked.
    Ask(Box<RegistryRecord>),
}

/// Looks for kept credentials of a server. Nothing is compiled, sent or written.
///
/// # Errors
/// When the store can't be read, the registry's connector can't be used, or several registries are meant.
pub(crate) fn find_kept(store: &Store, environment: &Environment, server: &ServerUrl) -> Result<Found, ClientError> {
    let Some(registry) = registered(store, server)? else { return Ok(Found::Unknown) };
    Ok(match access::kept(store, environment, &registry, Purpose::Push)? {
        Some(login) => Found::Kept(login),
        None => Found::Ask(Box::new(registry)),
    })
}

/// Credentials of a registry from its flavor.
///
/// # Errors
/// When the flavor can't be loaded, refuses or fails, or the connector can't be used.
pub(crate) async fn ask(context: AccessContext<'_>, registry: &RegistryRecord) -> Result<RegistryLogin, ClientError> {
    Ok(Access::to(context, registry).await?.registry_login().await?)
}

/// The servers that credentials can be asked for, each with its user name as far as that is not secret.
///
/// # Errors
/// When the store can't be read.
pub(crate) fn list(store: &Store) -> Result<BTreeMap<String, String>, ClientError> {
    let mut servers = BTreeMap::new();
    for registry in store.registries()? {
        let server = match registry.uri.path() {
            Some(_) if !registry.uri.host().is_default_registry() => registry.uri.to_string(),
            _ => registry.uri.host().credential_key().to_owned(),
        };
        let connector = registry.connector.as_ref().map(|name| store.connector(name)).transpose()?;
        servers.insert(server, connector.and_then(|connector| username(&connector)).unwrap_or_default());
    }
    Ok(servers)
}

/// Stores a login as the connector of the registry on its server. The client has proved it.
///
/// # Errors
/// When no registry is registered there, its flavor takes no password, or the user gave it another connector.
pub(crate) async fn store_login(
    store: &Store,
    catalog: &Catalog<'_>,
    environment: &Environment,
    server: &ServerUrl,
    (username, secret): (String, SecretString),
) -> Result<(), ClientError> {
    let registry = registered(store, server)?.ok_or_else(|| none_on(store, server))?;
    let name = login_name(&registry.name)?;
    if let Some(connector) = registry.connector.clone().filter(|connector| *connector != name) {
        return Err(ClientError::HasConnector { registry: registry.name, connector });
    }
    let (connector_type, method) = PASSWORD;
    let described = recorded(store, &registry.flavor).map_err(access::AccessError::from)?;
    if described.is_some_and(|flavor| flavor.description.auth_method(connector_type, method).is_none()) {
        return Err(ClientError::NoPassword { registry: registry.name, flavor: registry.flavor.into() });
    }
    if !registry.confirmed {
        return Err(ClientError::NotConfirmed { registry: registry.name, uri: registry.uri.to_string().into() });
    }
    let fields = BTreeMap::from([
        ("username".to_owned(), SecretString::from(username).into()),
        ("password".to_owned(), secret.into()),
    ]);
    let others = |name: &Name| -> Result<bool, StoreError> {
        Ok(store.registries_of_connector(name)?.iter().any(|user| *user != registry.name))
    };
    if store.has_connector(&name)? && others(&name)? {
        return Err(ClientError::Taken { registry: registry.name, connector: name });
    }
    let registration = Registration {
        name: name.clone(),
        connector_type: connector_type.to_owned(),
        method: Some(method.to_owned()),
        flavor: Some(registry.flavor.clone()),
        fields,
        id_token_from: None,
        allow_commands: Vec::new(),
        allow_implicit: false,
        prove: None,
    };
    connector::register(store, catalog, environment, registration, IfTaken::Replace).await?;
    let connected = RegistryRecord { connector: Some(name), ..registry.clone() };
    if connected != registry {
        store.update_registry(&registry, &connected)?;
    }
    Ok(())
}

/// Forgets the login of a server. There need not be one.
///
/// # Errors
/// When the registry there has a connector that is no login.
pub(crate) fn erase(store: &Store, server: &ServerUrl) -> Result<(), ClientError> {
    let Some(registry) = registered(store, server)? else { return Ok(()) };
    let name = login_name(&registry.name)?;
    match registry.connector.clone() {
        None => Ok(()),
        Some(connector) if connector != name => Err(ClientError::HasConnector { registry: registry.name, connector }),
        Some(_) => {
            store.update_registry(&registry, &RegistryRecord { connector: None, ..registry.clone() })?;
            Ok(store.remove_connector(&name)?)
        }
    }
}

/// The registered registry of a server; `None` where none is registered there.
///
/// # Errors
/// When the store can't be read, or several registries are as good.
pub(crate) fn registered(store: &Store, server: &ServerUrl) -> Result<Option<RegistryRecord>, ClientError> {
    let (registries, current) = (store.registries()?, store.current_registry()?);
    Ok(registry_of(&registries, server, current.as_ref())?.cloned())
}

/// The name of the connector that keeps the login of a registry. A connector of the user has another name, and no login
/// or logout touches it.
fn login_name(registry: &Name) -> Result<Name, StoreError> {
    const START: &str = "docker-login-";
    // A name has at most 63 characters. Another registry's login of the same name is not taken for this one's.
    let end: String = registry.as_str().chars().take(63 - START.len()).collect();
    format!("{START}{end}").parse().map_err(|_| StoreError::Damaged(format!("registry `{registry}`").into()))
}

/// The user name in a connector with a password.
fn username(connector: &ConnectorRecord) -> Option<String> {
    let field = connector.fields.iter().find(|field| field.name == "username" && field.kind == StoredKind::Text)?;
    match &field.value {
        StoredValue::Given(value) => Some(value.expose_secret().to_owned()),
        StoredValue::Implicit(_) => None,
    }
}
