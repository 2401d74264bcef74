//! `crhost flavor inspect`: what a file is, and nothing registered.

use std::fs;

use super::{home, home_with};
use crate::support::programs::components;
use crate::support::programs::guest;

#[test]
fn a_flavor_is_shown_with_what_it_would_ask_for() {
    let home = home();
    let shown = home.ok(&["flavor", "inspect", "./it.wasm", "-o", "json"]).json();
    assert_eq!((&shown["kind"], &shown["description"]["name"]), (&"flavor".into(), &"prober".into()));
    assert_eq!(shown["asks"][0]["pattern"], "https://granted.example");
    let mut exports = shown["exports"].as_array().unwrap().iter().map(|export| export.as_str().unwrap());
    assert!(exports.any(|export| export.starts_with("crhost:flavor/flavor@0.1.")), "{shown}");
    assert!(shown["producers"]["language"][0].as_str().unwrap().starts_with("Rust"), "{shown}");
    let text = home.ok(&["flavor", "inspect", "./it.wasm"]).stdout;
    for words in ["Asks to send:", "Made with", "OPTION", "URI examples  localhost:5000"] {
        assert!(text.contains(words), "`{words}` is missing: {text}");
    }
    home.fails(3, &["flavor", "describe", "prober"]);
    // A name goes on being one.
    assert_eq!(home.ok(&["flavor", "inspect", "aws", "-o", "json"]).json()["name"], "aws");
    home.fails(3, &["flavor", "inspect", "prober"]).says("there is no flavor named `prober`");
}

#[test]
fn a_policy_is_shown_as_one() {
    let home = home_with(&fs::read(guest::build_with_cargo("judge")).unwrap());
    let shown = home.ok(&["flavor", "inspect", "./it.wasm", "-o", "json"]).json();
    assert_eq!((&shown["kind"], &shown["description"]["name"]), (&"policy".into(), &"judge".into()));
}

#[test]
fn what_is_no_component_of_ours_is_named() {
    let whole =
        |export: &str| components::whole(&format!(r#"(component (instance $i) (export "{export}" (instance $i)))"#));
    for (bytes, words) in [
        (b"hello".to_vec(), "it is text, expected a WebAssembly component"),
        (components::whole("(module)"), "it is a WebAssembly core module"),
        (whole("wasi:cli/run@0.2.0"), "it is a command: it exports `wasi:cli/run`"),
        (whole("acme:shop/till@1.0.0"), "it is a component of another world: it exports `acme:shop/till@1.0.0`"),
        (components::whole("(component)"), "it is a component but no flavor"),
        (b"\x7fELF\x02".to_vec(), "it is a native program"),
    ] {
        let home = home_with(&bytes);
        let refused = home.fails(7, &["flavor", "inspect", "it.wasm"]).says(words);
        assert!(!refused.hint().is_empty(), "{}", *refused);
    }
}
