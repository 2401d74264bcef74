//! From the host's types to the contract's: the parameters of calls.

use wasmtime::Store;

use super::bindings::crhost::flavor::types;
use super::bindings::exports::crhost::flavor::flavor as wit;
use crate::flavor::model::{
    ConnectorView, CredentialContext, FieldValue, ImageView, Purpose, PushContext, RegistryContext,
};
use crate::flavor::sandbox::SandboxState;

/// The parameters of the functions about a push.
///
/// # Errors
/// When the store holds too many handles.
pub(super) fn push_context(
    store: &mut Store<SandboxState>,
    context: PushContext<'_>,
) -> wasmtime::Result<(types::Registry, Option<types::Connector>, types::Image)> {
    let PushContext { registry, connector, image: pushed } = context;
    let (registry, connector) = registry_context(store, RegistryContext { registry, connector })?;
    Ok((registry, connector, image(pushed)))
}

/// The parameters of the function that gives credentials.
///
/// # Errors
/// When the store holds too many handles.
pub(super) fn credential_context(
    store: &mut Store<SandboxState>,
    context: CredentialContext<'_>,
) -> wasmtime::Result<(types::Registry, Option<types::Connector>, Option<types::Image>)> {
    let CredentialContext { registry, connector, image, .. } = context;
    let (registry, connector) = registry_context(store, RegistryContext { registry, connector })?;
    Ok((registry, connector, image.map(self::image)))
}

/// A registry and its connector, with which the parameters of all functions about a registry begin.
///
/// # Errors
/// When the store holds too many handles.
pub(super) fn registry_context(
    store: &mut Store<SandboxState>,
    RegistryContext { registry, connector }: RegistryContext<'_>,
) -> wasmtime::Result<(types::Registry, Option<types::Connector>)> {
    let registry = types::Registry {
        name: registry.name.clone(),
        uri: registry.uri.to_string(),
        options: registry.options.clone(),
    };
    let connector = connector.map(|connector| self::connector(store, connector)).transpose()?;
    Ok((registry, connector))
}

/// What credentials are for.
pub(super) fn purpose(purpose: Purpose) -> wit::Purpose {
    match purpose {
        Purpose::Pull => wit::Purpose::Pull,
        Purpose::Push => wit::Purpose::Push,
        Purpose::Delete => wit::Purpose::Delete,
        Purpose::Listing => wit::Purpose::Listing,
    }
}

/// An image.
fn image(image: &ImageView) -> types::Image {
    types::Image {
        host: image.host().to_string(),
        repository: image.repository().to_string(),
        tag: image.tag().map(ToString::to_string),
        digest: image.digest().map(ToString::to_string),
    }
}

/// A connector; its secrets become handles, which live as long as the store.
///
/// # Errors
/// When the store holds too many handles.
pub(super) fn connector(store: &mut Store<SandboxState>, view: &ConnectorView) -> wasmtime::Result<types::Connector> {
    let mut fields = Vec::with_capacity(view.fields.len());
    for (name, value) in &view.fields {
        let value = match value {
            FieldValue::Text(text) => types::FieldValue::Text(text.clone()),
            FieldValue::Secret(secret) => types::FieldValue::Secret(store.data_mut().table.push(secret.clone())?),
        };
        fields.push((name.clone(), value));
    }
    Ok(types::Connector { method: view.method.clone(), fields })
}
