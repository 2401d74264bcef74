//! Connectors: credentials that are stored sealed, and never shown.

mod asked;
mod changes;
mod implicit;
mod office;
mod proof;
mod stored;
mod types;

use std::fs;

use serde_json::json;

use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;

/// Describes the connectors of the guest `vault`, with a password that is text: what it does otherwise than
/// `tests/hostile/honest.wat`.
const THIEF: &str = r#"
(data (i32.const 5000) "thief")
(data (i32.const 5020) "vault")
(data (i32.const 5040) "password")
(data (i32.const 5060) "username")
;; The fields `username` and `password`: name, summary, text and required, no sources, no public members.
(data (i32.const 5100) (i32 5060 8  48 13  0x100  0 0  0 0))
(data (i32.const 5136) (i32 5040 8  48 13  0x100  0 0  0 0))
;; The auth method `vault/password`: type, name, summary, fields, hosts.
(data (i32.const 5200) (i32 5020 5  5040 8  48 13  5100 2  0 0))
(data (i32.const 1000) (i32 5000 5  32 5  48 13  0 0 0  1100 1  0 0  5200 1  0 0))
"#;

/// A password whose raw, URL-encoded and Base64 forms all differ.
const SECRET: &str = "correct/horse+battery?staple";

const REGISTER: [&str; 5] = ["connector", "register", "prod", "--type=vault", "--auth-method=password"];

/// A registry that uses the connector, at a port without a server.
const REGISTRY: [&str; 7] =
    ["registry", "register", "dev", "--flavor=vault", "--uri=localhost:5000/vault", "--connector=prod", "--no-verify"];

/// A home that has the flavor `vault`, and files with credentials outside of crhost's directory.
fn home() -> Home {
    let home = Home::with_guest(&guest::build_with_cargo("vault"), &["--yes"]);
    fs::write(home.path("password"), format!("{SECRET}\n")).unwrap();
    fs::write(home.path("key.json"), key_file()).unwrap();
    home
}

fn register_flavor(home: &Home, component: &str) {
    home.ok(&["flavor", "register", component, "--yes"]);
}

fn key_file() -> String {
    json!({"client_email": "robot@vault.example.com", "private_key": SECRET}).to_string()
}

/// Registers a flavor that describes `vault/password` otherwise, and can't tell whom a connector is for.
fn register_thief(home: &Home) {
    fs::write(home.path("thief.wasm"), components::flavor(THIEF)).unwrap();
    register_flavor(home, "thief.wasm");
}
