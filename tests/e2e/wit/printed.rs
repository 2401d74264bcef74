//! The contract as `crhost flavor wit` prints it, for the parsers that the tools of other languages have.

use std::fs;
use std::path::Path;

use wit_bindgen_core::wit_parser;

use crate::support::programs::crhost::{Home, repository};

/// The world of a text, or of a directory, as tools write it into a module.
fn encoded(path: &Path, world: &str) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_path(path).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let mut module = wat::parse_str("(module)").unwrap();
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false).unwrap();
    module
}

#[test]
fn the_printed_contract_is_the_one_of_the_repository() {
    let home = Home::new();
    let one = home.path("world.wit");
    fs::write(&one, home.ok(&["flavor", "wit"]).stdout).unwrap();
    home.ok(&["flavor", "wit", "--directory", "wit"]);
    for world in [
        "guest",
        "guest-with-connectors",
        "guest-with-cleanup",
        "guest-with-id-tokens",
        "guest-with-commands",
        "guest-with-key-wrapping",
        "policy",
    ] {
        let expected = encoded(&repository().join("wit"), world);
        assert!(encoded(&one, world) == expected, "{world}");
        assert!(encoded(&home.path("wit"), world) == expected, "{world}");
    }
    // The same again changes nothing; what the author changed, or another release, is not written over.
    home.ok(&["flavor", "wit", "--directory", "wit"]);
    fs::write(home.path("wit/flavor.wit"), "// mine").unwrap();
    home.fails(5, &["flavor", "wit", "--directory", "wit"]).says("`wit/flavor.wit`").says("--force");
    assert_eq!(fs::read_to_string(home.path("wit/flavor.wit")).unwrap(), "// mine");
    home.ok(&["flavor", "wit", "--directory", "wit", "--force"]);
    assert!(encoded(&home.path("wit"), "guest") == encoded(&one, "guest"));
    let mut resolve = wit_parser_cargo_component::Resolve::default();
    let (package, _) = resolve.push_path(&one).unwrap();
    assert!(resolve.select_world(package, Some("guest-with-cleanup")).is_ok());
}

#[test]
fn an_earlier_release_is_printed_as_it_is_frozen() {
    let home = Home::new();
    let old = home.path("old.wit");
    fs::write(&old, home.ok(&["flavor", "wit", "--contract", "0.1.0"]).stdout).unwrap();
    let frozen = repository().join("wit/since-v0.1");
    for world in ["guest", "guest-with-connectors"] {
        assert!(encoded(&old, world) == encoded(&frozen, world), "{world}");
    }
    home.fails(3, &["flavor", "wit", "--contract", "9.0.0"]).says("`0.1.1`, `0.1.0`");
}
