//! From the host's types to the contract's: the parameters of calls.

use wasmtime::Store;

use super::bindings::crhost::flavor::types;
use crate::flavor::model::{ConnectorView, FieldValue, PushContext};
use crate::flavor::sandbox::SandboxState;

/// The parameters of the functions about a push.
///
/// # Errors
/// When the store holds too many handles.
pub(super) fn push_context(
    store: &mut Store<SandboxState>,
    context: PushContext<'_>,
) -> wasmtime::Result<(types::Registry, Option<types::Connector>, types::Image)> {
    let PushContext { registry, connector, image } = context;
    let registry = types::Registry {
        name: registry.name.clone(),
        uri: registry.uri.to_string(),
        options: registry.options.clone(),
    };
    let connector = connector.map(|connector| self::connector(store, connector)).transpose()?;
    let image = types::Image {
        host: image.host().to_string(),
        repository: image.repository().to_string(),
        tag: image.tag().map(ToString::to_string),
        digest: image.digest().map(ToString::to_string),
    };
    Ok((registry, connector, image))
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
