//! The modules of a crate, each in a file, and the arrows between them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::paths::{self, Contents};
use super::rules::GENERATED;
use crate::failure::{Failure, Result};

/// The path of a module in its crate, without `crate`: empty for the root.
pub(crate) type ModulePath = Vec<String>;

/// A crate's modules with what they import.
pub(crate) struct Graph {
    /// The crate's directory, relative to the repository.
    pub(crate) krate: PathBuf,
    /// Each module with the modules that it refers to, itself left out.
    pub(crate) arrows: BTreeMap<ModulePath, BTreeSet<ModulePath>>,
}

/// Reads a crate from its root file. Tests (`#[cfg(test)]`) are left out, modules and all.
///
/// # Errors
/// When a file is missing or is not Rust.
pub(crate) fn read(root: &Path, krate: &Path) -> Result<Graph> {
    let sources = root.join(krate).join("src");
    let file = ["lib.rs", "main.rs"].map(|name| sources.join(name)).into_iter().find(|file| file.is_file());
    let file = file.ok_or_else(|| Failure::new(format!("`{}` has no lib.rs and no main.rs", sources.display())))?;
    let mut modules = BTreeMap::new();
    load(Vec::new(), &file, &sources, &mut modules)?;
    for generated in GENERATED.iter().filter_map(|file| Path::new(file).strip_prefix(krate.join("src")).ok()) {
        let path: ModulePath = generated.with_extension("").iter().map(|name| name.display().to_string()).collect();
        // What a generator writes is not ours to straighten.
        modules.entry(path).and_modify(|contents| contents.references.clear());
    }
    let arrows = modules.iter().map(|(path, contents)| (path.clone(), targets(path, contents, &modules))).collect();
    Ok(Graph { krate: krate.to_owned(), arrows })
}

/// Reads a module and those below it. `directory` is where the files of its children are.
fn load(path: ModulePath, file: &Path, directory: &Path, modules: &mut BTreeMap<ModulePath, Contents>) -> Result<()> {
    let text = fs::read_to_string(file).map_err(Failure::io("read", file))?;
    let contents = paths::read(&text)
        .map_err(|error| Failure::new(format!("`{}` can't be read as Rust: {error}", file.display())))?;
    for child in &contents.children {
        let below = directory.join(child);
        let flat = directory.join(format!("{child}.rs"));
        let file = if flat.is_file() { flat } else { below.join("mod.rs") };
        let mut path = path.clone();
        path.push(child.clone());
        load(path, &file, &below, modules)?;
    }
    modules.insert(path, contents);
    Ok(())
}

/// The modules that a module's paths lead to.
fn targets(path: &ModulePath, contents: &Contents, modules: &BTreeMap<ModulePath, Contents>) -> BTreeSet<ModulePath> {
    let resolve = |reference: &[String]| {
        let mut at = path.clone();
        let mut rest = reference;
        // A path that begins with the name of a child leads there; `crate`, `self` and `super` say where they begin.
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.clear(),
                "super" => drop(at.pop()),
                "self" => {}
                _ => break,
            }
            rest = others;
        }
        for segment in rest {
            at.push(segment.clone());
            if !modules.contains_key(&at) {
                at.pop();
                break;
            }
        }
        at
    };
    contents.references.iter().map(|reference| resolve(reference)).filter(|target| target != path).collect()
}
