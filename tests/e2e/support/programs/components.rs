//! Components that no honest compiler makes, from the texts in `tests/hostile/`.
//!
//! A flavor's text is a part of a core module: what it does otherwise than `honest.wat`. Both together become a
//! component here, against the frozen `wit/since-v0.1`: they have the contract's types, and what they do is theirs.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use wit_bindgen_core::wit_parser::Resolve;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use crate::support::programs::binary::{number, section};
use crate::support::programs::crhost::repository;

const HONEST: &str = include_str!("../../../hostile/honest.wat");
const IMPORTS: &str = include_str!("../../../hostile/imports.wit");

/// The component of a flavor that does what `text` says, and is honest in all else.
#[track_caller]
pub(crate) fn flavor(text: &str) -> Vec<u8> {
    encode(text, &repository().join("wit/since-v0.1"), "guest", StringEncoding::UTF8)
}

/// The same, whose texts are in another encoding.
#[track_caller]
pub(crate) fn flavor_in(encoding: StringEncoding, text: &str) -> Vec<u8> {
    encode(text, &repository().join("wit/since-v0.1"), "guest", encoding)
}

/// A flavor for a contract that differs from this crhost's in one place, where it reads `edit` instead of `original`.
#[track_caller]
pub(crate) fn flavor_for_another_contract(world: &str, original: &str, edit: &str, text: &str) -> Vec<u8> {
    let contract = TempDir::new().unwrap();
    let mut edits = 0;
    let files = fs::read_dir(repository().join("wit/since-v0.1")).unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let wit = fs::read_to_string(&file).unwrap();
        edits += wit.matches(original).count();
        fs::write(contract.path().join(file.file_name().unwrap()), wit.replace(original, edit)).unwrap();
    }
    assert_eq!(edits, 1, "`{original}` is not there, or not only once");
    encode(text, contract.path(), world, StringEncoding::UTF8)
}

#[track_caller]
fn encode(text: &str, contract: &Path, world: &str, encoding: StringEncoding) -> Vec<u8> {
    let export = |piece: &str| Some(piece.split_once("(export ")?.1.split_once(')')?.0.to_owned());
    let (pieces, data): (Vec<&str>, Vec<&str>) = HONEST.split("\n\n").partition(|piece| export(piece).is_some());
    let is_missing = |piece: &&str| !text.contains(&format!("(export {})", export(piece).unwrap()));
    let pieces: Vec<&str> = pieces.into_iter().filter(is_missing).collect();
    let module = format!("(module\n{}\n{text}\n{}\n)", data.join("\n"), pieces.join("\n"));
    let mut module = wat::parse_str(&module).unwrap_or_else(|error| panic!("{error}\n{module}"));
    let mut resolve = Resolve::default();
    resolve.push_dir(contract).unwrap();
    let package = resolve.push_str("imports.wit", IMPORTS).unwrap();
    let world = resolve.select_world(&[package], Some(world)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, encoding, false).unwrap();
    ComponentEncoder::default().module(&module).unwrap().validate(true).encode().unwrap()
}

/// A component that is written out.
#[track_caller]
pub(crate) fn whole(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// A flavor in good faith that has a module beside its own, and never runs it.
#[track_caller]
pub(crate) fn beside_module(text: &str) -> Vec<u8> {
    crowded(flavor(""), text, 1, 0)
}

/// A component with many modules more, all alike, each of which is instantiated so many times.
#[track_caller]
pub(crate) fn crowded(mut component: Vec<u8>, module: &str, modules: usize, instances: usize) -> Vec<u8> {
    let module = wat::parse_str(module).unwrap();
    let first = sections(&component).filter(|section| *section == CORE_MODULES).count();
    for _ in 0..modules {
        component.extend(section(CORE_MODULES, &module));
    }
    let mut entries = number(modules * instances);
    for index in first..first + modules {
        // An instance of that module, with nothing to import.
        let entry = [&[0][..], &number(index), &[0]].concat();
        entries.extend(entry.repeat(instances));
    }
    component.extend(section(CORE_INSTANCES, &entries));
    component
}

/// Sections of a component.
const CORE_MODULES: u8 = 1;
const CORE_INSTANCES: u8 = 2;

/// The sections of a component, by their byte.
fn sections(component: &[u8]) -> impl Iterator<Item = u8> {
    // Behind the magic number and the version.
    let mut rest = &component[8..];
    std::iter::from_fn(move || {
        let (section, after) = rest.split_first()?;
        let end = after.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let length = after[..end].iter().rev().fold(0, |length, byte| length << 7 | usize::from(byte & 0x7f));
        rest = &after[end + length..];
        Some(*section)
    })
}
