//! Hints of errors about registries.

use crate::image::RegistryUri;
use crate::store::Name;
use crate::text::{Escaped, quoted};

/// The next step where an image does not belong to the registry that was named.
pub(super) fn hint_to_push(to: Option<&Name>, uri: &RegistryUri, repository: &str) -> String {
    let to = to.map_or_else(String::new, |name| format!("--to {name} "));
    format!("`{to}--as {repository}` pushes it as `{uri}/{repository}`; a whole name needs no `--to`")
}

/// Never advises to move to another host: the flavor that answers with it may be the one that wants the credentials.
pub(super) fn hint_for_other_host(uri: &RegistryUri, is_default_port: bool) -> String {
    match is_default_port {
        true => format!("if that is the registry that you mean, write `{uri}`"),
        false => {
            format!("images and credentials would go to `{}`; use a flavor that leaves the host alone", uri.host())
        }
    }
}

/// The next step where a flavor reads a stored URI in another way.
pub(super) fn hint_for_other_uri(registry: &Name, kept: &RegistryUri, uri: &RegistryUri) -> String {
    match kept.host() == uri.host() {
        true => {
            format!("images would go to `{uri}`; only if you mean it: `crhost registry update {registry} --uri {uri}`")
        }
        false => hint_for_other_host(uri, false),
    }
}

/// The next step where credentials would go to a registry that the user did not type.
pub(super) fn hint_for_not_confirmed(connector: &Name, uri: &RegistryUri, registered: Option<&Name>) -> String {
    let command = registered.map_or_else(String::new, |name| format!("crhost registry update {name} "));
    let host = uri.host();
    format!("credentials of connector `{connector}` would go to `{host}`; only if you mean it: `{command}--uri {uri}`")
}

/// The next step where no connector fits a flavor.
pub(super) fn hint_for_methods(methods: &[Escaped]) -> String {
    if methods.is_empty() {
        return "this flavor uses no connectors".to_owned();
    }
    format!(
        "it takes {}; register one with `crhost connector register NAME --type TYPE --auth-method METHOD`",
        quoted(methods)
    )
}

/// The next step where an option has no value to remove.
pub(super) fn hint_for_options(set: &[Escaped]) -> String {
    match set {
        [] => "no option of it has one".to_owned(),
        set => format!("options with a value: {}", quoted(set)),
    }
}
