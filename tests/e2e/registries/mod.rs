//! Registries that are registered, changed and verified, with connectors that open them and such that do not.

mod change;
mod connect;
mod endpoints;
mod plain_http;
mod typed;
mod verify;

use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::registry::{PASSWORD, USER};

/// A password that opens nothing.
const WRONG: &str = "not-hers-at-all";

/// A home with the flavor `vault`, and two connectors of it: `good` opens the test registries, `bad` does not.
fn home() -> Home {
    let mut home = Home::with_guest(&guest::build_with_cargo("vault"), &["--yes"]);
    home.set("VAULT_GOOD", PASSWORD);
    home.set("VAULT_BAD", WRONG);
    for (name, variable) in [("good", "VAULT_GOOD"), ("bad", "VAULT_BAD")] {
        let (user, password) = (format!("--username={USER}"), format!("--password=@env:{variable}"));
        home.ok(&["connector", "register", name, "--type=vault", "--auth-method=password", &user, &password]);
    }
    home
}

/// A URI that the flavor `vault` takes.
fn vault(host: &str) -> String {
    format!("{host}/vault")
}

/// Registers a registry of the flavor `vault`, unproved.
fn register(home: &Home, name: &str, host: &str, more: &[&str]) {
    let uri = vault(host);
    home.ok(&[&["registry", "register", name, "--flavor=vault", "--no-verify", "--uri", &uri], more].concat());
}

/// The connector of a registry, as a program is told.
fn connector_of(home: &Home, name: &str) -> serde_json::Value {
    home.ok(&["registry", "describe", name, "-o", "json"]).json()["connector"].clone()
}
