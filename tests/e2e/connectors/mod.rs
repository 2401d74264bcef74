//! Connectors: credentials that are stored sealed, and shown to nobody.

mod asked;
mod changes;
mod implicit;
mod office;
mod proof;
mod stored;
mod types;

use std::fs;

use serde_json::json;

use crate::support::crhost::Home;
use crate::support::guest;

/// A password whose raw, URL-encoded and Base64 forms all differ.
const SECRET: &str = "correct/horse+battery?staple";

const REGISTER: [&str; 5] = ["connector", "register", "prod", "--type=vault", "--auth-method=password"];

/// A home that has the flavor `vault`, and files with credentials outside of crhost's folder.
pub(super) fn home() -> Home {
    let home = Home::new();
    register_flavor(&home, guest::build_with_cargo("vault").to_str().unwrap());
    fs::write(home.path("password"), format!("{SECRET}\n")).unwrap();
    fs::write(home.path("key.json"), key_file()).unwrap();
    home
}

pub(super) fn register_flavor(home: &Home, component: &str) {
    home.ok(&["flavor", "register", component, "--yes"]);
}

pub(super) fn key_file() -> String {
    json!({"client_email": "robot@vault.example.com", "private_key": SECRET}).to_string()
}
