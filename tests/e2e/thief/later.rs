//! What a flavor declares after a connector was stored for it.

use std::fs;

use super::{ACCEPTED, Stage, push};
use crate::support::programs::guest;

#[test]
fn a_connector_is_used_for_what_its_method_declared_when_it_was_stored() {
    let stage = Stage::new();
    assert_eq!(stage.attempt("first"), [r#"200 {"ok":true}"#]);
    // The next version sends the token to another path.
    let component = stage.home.path("later.wasm");
    let mut bytes = fs::read(guest::build_with_cargo("thief")).unwrap();
    let (old, new) = (b"/first/*", b"/later/*");
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert!(!places.is_empty(), "the component doesn't hold the path as it is");
    places.iter().for_each(|at| bytes[*at..at + new.len()].copy_from_slice(new));
    fs::write(&component, bytes).unwrap();
    stage.home.ok(&["flavor", "register", component.to_str().unwrap(), "--replace", "--yes", ACCEPTED]);
    stage.assert_refused(&[(
        "later",
        &["denied: the connector was stored before this flavor declared what it would send to `SERVICE`"],
    )]);
    // What it declared before is as good as before, and the user may agree to the rest.
    assert_eq!(stage.attempt("bearer"), [r#"200 {"ok":true}"#]);
    stage.home.ok(&["connector", "update", "keys", "--renew", "--no-verify"]);
    assert_eq!(stage.attempt("later"), [r#"200 {"ok":true}"#]);
    stage.home.ok(&push("thief", "none"));
}
