//! What the contract promises and types can't say is checked when a flavor is registered.

use std::fs;

use crate::support::programs::components;
use crate::support::programs::crhost::Home;

/// Asserts that a flavor is refused when it is registered, and that its test says the same.
#[track_caller]
fn assert_broken(text: &str, rule: &str, words: &str) {
    let home = Home::new();
    fs::write(home.path("it.wasm"), components::flavor(text)).unwrap();
    let refused = home.fails(7, &["flavor", "register", "it.wasm", "--yes"]);
    refused.says("breaks what the contract promises").says(words).says("`crhost flavor test");
    let tested = home.run(&["flavor", "test", "it.wasm"]);
    assert!(tested.stdout.contains(&format!("failed   {rule}")), "{tested}");
    assert!(tested.stdout.contains(words), "{tested}");
    home.fails(3, &["flavor", "describe", "drawback"]);
}

#[test]
fn an_example_that_is_refused() {
    let text = r#"(data (i32.const 64) "localhost wrong")
        (func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
          (i32.store8 (i32.const 2000) (i32.const 1))
          (i32.store (i32.const 2008) (i32.const 48))
          (i32.store (i32.const 2012) (i32.const 13))
          (i32.const 2000))"#;
    assert_broken(text, "examples-accepted", "of `describe` is not accepted: flavor `drawback`: A test flavor");
}

#[test]
fn a_canonical_form_that_becomes_another() {
    // Each time with one letter more.
    let text = r#"(data (i32.const 64) "localhost:5000")
        (func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param $uri i32) (param $length i32) (result i32)
          (memory.copy (i32.const 5000) (local.get $uri) (local.get $length))
          (i32.store16 (i32.add (i32.const 5000) (local.get $length)) (i32.const 0x612f))
          (i32.store (i32.const 2004) (i32.const 5000))
          (i32.store (i32.const 2008) (i32.add (local.get $length) (i32.const 2)))
          (i32.const 2000))"#;
    assert_broken(text, "canonical-form", "`localhost:5000/a` becomes `localhost:5000/a/a` the second time");
}

#[test]
fn a_flavor_without_a_summary() {
    assert_broken(r#"(data (i32.const 1020) "\00")"#, "describe-complete", "the flavor has no summary");
}
