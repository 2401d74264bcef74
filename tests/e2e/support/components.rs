//! Components that no good compiler makes, from the texts in `tests/hostile/`.
//!
//! `components/` holds whole components. `flavors/` holds core modules, which become components here, against `wit/` as it
//! is now: they have the contract's types, and what they do is theirs.

use std::fs;
use std::path::PathBuf;

use wit_bindgen_core::wit_parser::Resolve;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use super::crhost::repository;

/// The folder of whole components.
pub(crate) const COMPONENTS: &str = "components";
/// The folder of flavors' core modules.
pub(crate) const FLAVORS: &str = "flavors";

/// The names of all texts in a folder, sorted.
pub(crate) fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(texts(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The component of a text, as bytes.
#[track_caller]
pub(crate) fn component(folder: &str, name: &str) -> Vec<u8> {
    let bytes = wat::parse_file(texts(folder).join(format!("{name}.wat"))).unwrap();
    if folder == FLAVORS { flavor(bytes) } else { bytes }
}

/// A core module as a component of the world `guest`.
#[track_caller]
fn flavor(mut module: Vec<u8>) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(repository().join("wit")).unwrap();
    let world = resolve.select_world(&[package], Some("guest")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

fn texts(folder: &str) -> PathBuf {
    repository().join("tests/hostile").join(folder)
}
