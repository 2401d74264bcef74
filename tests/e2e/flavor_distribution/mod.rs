//! Flavors in registries: published, registered from there, updated, rolled back, signed and found.

mod artifacts;
mod index;
mod origins;
mod published;
mod signatures;
mod updates;
mod versions;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::programs::components;
use crate::support::programs::crhost::Home;

/// The name of the test's flavor.
const FLAVOR: &str = "drawback";

/// A flavor of a version, which has five characters, that does otherwise what `text` says.
fn flavor(version: &str, text: &str) -> Vec<u8> {
    assert_eq!(version.len(), 5);
    components::flavor(&format!(r#"(data (i32.const 32) "{version}") {text}"#))
}

/// A flavor of a version with an option `team`, which a registry may have.
fn with_option(version: &str) -> Vec<u8> {
    // Name, summary, kind 0 for text, no default, not required; the list of one at 1044.
    let option = r#"(data (i32.const 5000) "team") (data (i32.const 5100) (i32 5000 4 48 13 0 0 0 0 0 0 0))
                    (data (i32.const 1044) (i32 5100 1))"#;
    flavor(version, option)
}

/// Writes a component to a file of a home.
fn write(home: &Home, file: &str, component: &[u8]) {
    fs::write(home.path(file), component).unwrap();
}

/// Publishes a component; gives the digest of its manifest.
#[track_caller]
fn publish(home: &Home, component: &[u8], repository: &str, more: &[&str]) -> String {
    write(home, "published.wasm", component);
    let published = home.ok(&[&["flavor", "publish", "published.wasm", repository, "-o", "json"], more].concat());
    published.json()["digest"].as_str().unwrap().to_owned()
}

/// What is registered under the test flavor's name.
#[track_caller]
fn described(home: &Home) -> Value {
    home.ok(&["flavor", "describe", FLAVOR, "-o", "json"]).json()
}

#[track_caller]
fn version(home: &Home) -> String {
    described(home)["version"].as_str().unwrap().to_owned()
}

/// A key of the test vectors, which other programs made.
fn vector(name: &str) -> String {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/src/signature/vectors");
    vectors.join(name).to_str().unwrap().to_owned()
}
