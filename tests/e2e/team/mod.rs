//! A team's file: what is registered is in git, is applied to a store as a whole, and is all that runs without a store
//! need.

mod applied;
mod exported;
mod guide;
mod locked;
mod refused;
mod shards;
mod stateless;
mod together;

use std::fs;

use serde_json::Value;

use crate::support::programs::crhost::Home;

/// Writes the file `crhost.toml` of a home.
fn write(home: &Home, text: &str) {
    fs::write(home.path("crhost.toml"), format!("version = 1\n{text}")).unwrap();
}

/// The plan of the file, as `ACTION PART NAME`.
#[track_caller]
fn planned(home: &Home, more: &[&str]) -> Vec<String> {
    changes(&home.ok(&[&["apply", "--dry-run", "-o", "json"], more].concat()).json())
}

/// The changes of a result, as `ACTION PART NAME`.
fn changes(result: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = result["changes"].as_array().unwrap().iter();
    changes.map(|one| ["action", "part", "name"].map(|member| text(&one[member])).join(" ")).collect()
}

/// A registry and its connector, whose password is in a variable.
fn with_login(name: &str, uri: &str) -> String {
    format!(
        "[registries.{name}]\nflavor = 'default'\nuri = '{uri}'\nconnector = '{name}-login'\n\
         [connectors.{name}-login]\ntype = 'docker'\nauth-method = 'password'\n\
         fields = {{ username = 'alice', password = '@env:TEAM_PASSWORD' }}\n"
    )
}
