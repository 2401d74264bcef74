//! The server that the environment names: whether it answers and knows this machine.

use super::finding::{Check, Finding};
use crate::environment::Environment;
use crate::server_client::ServerClient;
use crate::text::quoted_few;

/// Asks the server what this machine may use; nothing where none is named.
pub(super) async fn asked(environment: &Environment) -> Vec<Finding> {
    let server = match ServerClient::of(environment) {
        Ok(None) => return Vec::new(),
        Ok(Some(server)) => server,
        Err(error) => return vec![Finding::failed(Check::Server, &error)],
    };
    vec![match server.registries().await {
        Ok(registries) if registries.is_empty() => {
            let found = format!("`{}` knows this machine, and no rule lets it use a registry", server.shown());
            let next = "whoever runs the server adds a rule; `crhost server explain` says what is against it";
            Finding::warning(Check::Server, found, next)
        }
        Ok(registries) => {
            let names: Vec<String> = registries.into_iter().map(|registry| registry.name).collect();
            let found = format!("`{}` knows this machine, and lets it use {}", server.shown(), quoted_few(&names));
            Finding::ok(Check::Server, found)
        }
        Err(error) => Finding::failed(Check::Server, &error),
    }]
}
