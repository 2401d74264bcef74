//! The contract in `wit/`: every tool that people build flavors with has to read it, and the bindings of the SDK have
//! to be those that it gives.

mod frozen;
mod reference;

use std::fs;

use wit_bindgen_core::{Files, WorldGenerator as _};

use crate::support::programs::crhost::repository;

#[test]
fn the_parser_of_cargo_component_reads_all_worlds() {
    let mut resolve = wit_parser_cargo_component::Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    for world in ["guest", "guest-with-connectors", "guest-with-cleanup"] {
        let found = resolve.select_world(package, Some(world)).unwrap();
        assert_eq!(resolve.worlds[found].name, world);
    }
}

#[test]
fn the_bindings_of_the_sdk_are_those_of_the_contract() {
    let file = repository().join("flavors/sdk/src/bindings.rs");
    let fresh = bindings();
    if std::env::var_os("CRHOST_BLESS").is_some() {
        fs::write(&file, &fresh).unwrap();
    }
    let known = fs::read(&file).unwrap();
    assert!(known == fresh, "{} is stale: run this test with CRHOST_BLESS=1", file.display());
}

fn bindings() -> Vec<u8> {
    let mut resolve = wit_bindgen_core::wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    let world = resolve.select_world(&[package], Some("guest-with-cleanup")).unwrap();
    let options = wit_bindgen_rust::Opts {
        format: true,
        pub_export_macro: true,
        export_macro_name: Some("export_guest".to_owned()),
        default_bindings_module: Some("crhost_flavor::bindings".to_owned()),
        runtime_path: Some("crate::rt".to_owned()),
        generate_all: false,
        additional_derive_attributes: vec!["PartialEq".to_owned(), "Eq".to_owned()],
        // Whatever holds a secret's handle can't be compared.
        additional_derive_ignore: [
            "field-value",
            "connector",
            "part",
            "secret-value",
            "value",
            "json",
            "body",
            "request",
            "password",
            "basic",
            "credential",
        ]
        .map(String::from)
        .to_vec(),
        ..wit_bindgen_rust::Opts::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).unwrap();
    let mut files = files.iter();
    let (_, bindings) = files.next().unwrap();
    assert!(files.next().is_none(), "more than one file of bindings");
    bindings.to_vec()
}
