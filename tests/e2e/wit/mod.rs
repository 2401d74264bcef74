//! The contract in `wit/`: every tool that people build flavors with has to read it, and the bindings of the SDK have
//! to be those that it gives.

mod frozen;
mod native;
mod printed;
mod reference;

use std::fs;

use wit_bindgen_core::{Files, WorldGenerator};

use crate::support::programs::crhost::repository;

#[test]
fn the_parser_of_cargo_component_reads_all_worlds() {
    let mut resolve = wit_parser_cargo_component::Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    for world in [
        "guest",
        "guest-with-connectors",
        "guest-with-cleanup",
        "guest-with-id-tokens",
        "guest-with-commands",
        "guest-with-key-wrapping",
        "policy",
    ] {
        let found = resolve.select_world(package, Some(world)).unwrap();
        assert_eq!(resolve.worlds[found].name, world);
    }
}

#[test]
fn the_bindings_of_the_sdk_are_those_of_the_contract() {
    let bindings = native::with_calls(&String::from_utf8(bindings()).unwrap()).into_bytes();
    for (name, fresh) in [("bindings.rs", bindings), ("policy_bindings.rs", policy_bindings())] {
        let file = repository().join("flavors/sdk/src").join(name);
        if std::env::var_os("CRHOST_BLESS").is_some() {
            fs::write(&file, &fresh).unwrap();
        }
        let known = fs::read(&file).unwrap();
        assert!(known == fresh, "{} is stale: run this test with CRHOST_BLESS=1", file.display());
    }
}

#[test]
fn the_first_numbers_of_the_sdk_are_those_of_the_contract() {
    let read = |file: &str| fs::read_to_string(repository().join(file)).unwrap();
    let version = |text: &str, before: &str, after: &str| {
        let (_, rest) = text.split_once(before).unwrap();
        rest.split_once(after).unwrap().0.to_owned()
    };
    let contract = version(&read("wit/types.wit"), "\npackage crhost:flavor@", ";");
    let sdk = version(&read("flavors/sdk/Cargo.toml"), "\nversion = \"", "\"");
    let series = |version: &str| version.rsplit_once('.').unwrap().0.to_owned();
    assert_eq!(series(&sdk), series(&contract));
    // Its page says which contract this version is for.
    let page = read("flavors/sdk/README.md");
    assert!(page.contains(&format!("This version is for `crhost:flavor@{contract}`")), "{contract}");
}

#[test]
fn the_bindings_of_the_templates_are_those_of_the_contract() {
    let c = wit_bindgen_c::Opts::default().build();
    // The object file says of which world a component is; the project has `wasm-tools` say that.
    assert_fresh_bindings(c, "examples/templates/c/generated", |name| !name.ends_with(".o"));
    // As the generator writes them, whether there is a `gofmt` or not.
    let go = wit_bindgen_go::Opts { format: wit_bindgen_go::Format::False, ..wit_bindgen_go::Opts::default() }.build();
    // The project's own finds the runtime of the bindings beside it.
    assert_fresh_bindings(go, "examples/templates/go", |name| name != "go.mod");
}

/// Compares a project's bindings with those that a generator makes, or writes them.
#[track_caller]
fn assert_fresh_bindings(mut generator: Box<dyn WorldGenerator>, directory: &str, is_kept: fn(&str) -> bool) {
    let mut resolve = wit_bindgen_core::wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    let world = resolve.select_world(&[package], Some("guest")).unwrap();
    let mut files = Files::default();
    generator.generate(&mut resolve, world, &mut files).unwrap();
    for (name, fresh) in files.iter().filter(|(name, _)| is_kept(name)) {
        let file = repository().join(directory).join(name);
        if std::env::var_os("CRHOST_BLESS").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, fresh).unwrap();
        }
        let known = fs::read(&file).unwrap_or_default();
        assert!(known == fresh, "{} is stale: run this test with CRHOST_BLESS=1", file.display());
    }
}

/// Whatever holds a secret's handle can't be compared.
const NOT_COMPARED: [&str; 13] = [
    "field-value",
    "connector",
    "part",
    "secret-value",
    "value",
    "json",
    "body",
    "request",
    "received",
    "wrapped-key",
    "password",
    "basic",
    "credential",
];

fn bindings() -> Vec<u8> {
    generated(
        "guest-with-key-wrapping",
        wit_bindgen_rust::Opts {
            export_macro_name: Some("export_guest".to_owned()),
            default_bindings_module: Some("crhost_flavor::bindings".to_owned()),
            additional_derive_ignore: NOT_COMPARED.map(String::from).to_vec(),
            ..wit_bindgen_rust::Opts::default()
        },
    )
}

/// What a policy imports is what a flavor imports, so that both use the same modules of the SDK.
fn policy_bindings() -> Vec<u8> {
    let imported = |name: &str| {
        let path = format!("crate::bindings::crhost::flavor::{name}");
        (format!("crhost:flavor/{name}@0.1.1"), wit_bindgen_rust::WithOption::Path(path))
    };
    generated(
        "policy",
        wit_bindgen_rust::Opts {
            export_macro_name: Some("export_policy_guest".to_owned()),
            default_bindings_module: Some("crhost_flavor::policy_bindings".to_owned()),
            with: ["secrets", "http", "clock", "log"].map(imported).to_vec(),
            ..wit_bindgen_rust::Opts::default()
        },
    )
}

fn generated(world: &str, options: wit_bindgen_rust::Opts) -> Vec<u8> {
    let mut resolve = wit_bindgen_core::wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    let options = wit_bindgen_rust::Opts {
        format: true,
        pub_export_macro: true,
        runtime_path: Some("crate::rt".to_owned()),
        generate_all: false,
        additional_derive_attributes: vec!["PartialEq".to_owned(), "Eq".to_owned()],
        ..options
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).unwrap();
    let mut files = files.iter();
    let (_, bindings) = files.next().unwrap();
    assert!(files.next().is_none(), "more than one file of bindings");
    bindings.to_vec()
}
