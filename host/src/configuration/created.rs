//! What a registration of a plan is that is new: a reader judges by it where secrets would go.

use crate::store::{ConnectorRecord, Difference, PolicyRecord, RegistryRecord};

/// A registry: where it is, and what is used there.
pub(super) fn registry(new: &RegistryRecord) -> Vec<Difference> {
    let (uri, options) = (new.uri.to_string(), new.options.iter());
    let connector = new.connector.as_ref().map(ToString::to_string);
    let options = options.map(|(name, value)| (format!("option `{name}`"), Some(value.clone())));
    let parts = [
        ("flavor".to_owned(), Some(new.flavor.clone())),
        ("URI".to_owned(), Some(uri)),
        ("connector".to_owned(), connector),
        ("plain HTTP".to_owned(), new.insecure.then(|| "allowed".to_owned())),
    ];
    of(parts.into_iter().chain(options))
}

/// A connector. Places that its fields are read from are told as what it may do.
pub(super) fn connector(new: &ConnectorRecord) -> Vec<Difference> {
    let parts = [("type", &new.connector_type), ("auth method", &new.method)];
    of(parts.map(|(part, value)| (part.to_owned(), Some(value.clone()))).into_iter())
}

/// A policy: what it is, and when it is asked.
pub(super) fn policy(new: &PolicyRecord) -> Vec<Difference> {
    let actions: Vec<&str> = new.actions.iter().map(AsRef::as_ref).collect();
    let uris: Vec<&str> = new.registries.iter().map(|scope| scope.uri.as_str()).collect();
    let options = new.options.iter().map(|(name, value)| (format!("option `{name}`"), Some(value.clone())));
    let some = |texts: Vec<&str>| (!texts.is_empty()).then(|| texts.join(", "));
    let parts = [
        ("origin".to_owned(), Some(new.origin.clone())),
        ("asked about".to_owned(), some(actions)),
        ("registries".to_owned(), some(uris)),
        ("enabled".to_owned(), (!new.enabled).then(|| "no".to_owned())),
    ];
    of(parts.into_iter().chain(options))
}

fn of(parts: impl Iterator<Item = (String, Option<String>)>) -> Vec<Difference> {
    parts.filter_map(|(part, value)| Difference::of(&part, None, value.as_deref())).collect()
}
