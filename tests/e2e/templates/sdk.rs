//! The SDK as a crate that others may have from a registry of crates.

use crate::support::programs::guest;

#[test]
fn the_sdk_is_packaged_whole() {
    let listed = guest::cargo_of_sdk(&["package", "--list", "--allow-dirty"]).stdout;
    for file in ["Cargo.toml", "README.md", "src/lib.rs", "src/bindings.rs", "src/testing/mod.rs"] {
        assert!(listed.lines().any(|line| line == file), "no {file} in\n{listed}");
    }
    guest::cargo_of_sdk(&["package", "--no-verify", "--allow-dirty", "--offline", "--quiet"]);
}
