//! The crates that are in the program: those of the host, and those of the flavors that it embeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::{capture, command};
use crate::failure::{Failure, Result};

/// The target that flavors are built for.
const FLAVOR_TARGET: &str = "wasm32-unknown-unknown";

/// All of them, by their names with versions.
pub(super) struct Dependencies(BTreeMap<String, Crate>);

/// A crate.
pub(super) struct Crate {
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its licence, as SPDX has it.
    pub(super) licence: String,
    /// Its authors.
    pub(super) authors: Vec<String>,
    /// Where it is developed.
    pub(super) repository: Option<String>,
    /// Its sources.
    pub(super) directory: PathBuf,
    /// Whether it is from a registry, and not of this repository.
    pub(super) is_third_party: bool,
    /// What it uses itself, by names with versions.
    pub(super) uses: BTreeSet<String>,
}

impl Dependencies {
    /// What cargo says of the workspaces.
    pub(super) fn read(root: &Path, target: &str) -> Result<Self> {
        let mut all = BTreeMap::new();
        let host = metadata(&root.join("Cargo.toml"), target)?;
        add(&mut all, &host, &|name| name == "crhost")?;
        let flavors = metadata(&root.join("flavors/Cargo.toml"), FLAVOR_TARGET)?;
        add(&mut all, &flavors, &|_| true)?;
        Ok(Self(all))
    }

    /// Each with its name and version.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Crate)> {
        self.0.iter().map(|(id, dependency)| (id.as_str(), dependency))
    }
}

fn metadata(manifest: &Path, target: &str) -> Result<Value> {
    let arguments = ["metadata", "--format-version=1", "--locked", "--filter-platform", target, "--manifest-path"];
    let text = capture(command("cargo", arguments).arg(manifest))?;
    serde_json::from_str(&text).map_err(|error| Failure::new(format!("cargo's metadata can't be read: {error}")))
}

/// Adds the workspace's members of which this is true, and all that they use but for building and testing.
fn add(all: &mut BTreeMap<String, Crate>, metadata: &Value, is_root: &dyn Fn(&str) -> bool) -> Result<()> {
    let by_id = |values: Vec<Value>| values.into_iter().map(|value| (text(&value, "id"), value)).collect();
    let packages: BTreeMap<String, Value> = by_id(list(metadata, "/packages"));
    let nodes: BTreeMap<String, Value> = by_id(list(metadata, "/resolve/nodes"));
    let members = list(metadata, "/workspace_members");
    let members = members.iter().filter_map(Value::as_str).filter_map(|id| packages.get(id));
    let roots = members.filter(|package| is_root(&text(package, "name")));
    let mut waiting: Vec<String> = roots.map(|package| text(package, "id")).collect();
    if waiting.is_empty() {
        return Err(Failure::new("cargo's metadata names no crate of this repository"));
    }
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let (Some(package), Some(node)) = (packages.get(&id), nodes.get(&id)) else { continue };
        if !seen.insert(id) {
            continue;
        }
        let is_linked = |used: &Value| list(used, "/dep_kinds").iter().any(|kind| text(kind, "kind").is_empty());
        let used = list(node, "/deps");
        let used: Vec<String> = used.iter().filter(|used| is_linked(used)).map(|used| text(used, "pkg")).collect();
        let known = all.entry(key(package)).or_insert_with(|| Crate::of(package));
        known.uses.extend(used.iter().filter_map(|id| packages.get(id)).map(key));
        waiting.extend(used);
    }
    Ok(())
}

impl Crate {
    /// What cargo says of it.
    fn of(package: &Value) -> Self {
        let repository = text(package, "repository");
        Self {
            name: text(package, "name"),
            version: text(package, "version"),
            // A slash was the way to write it once.
            licence: text(package, "license").split('/').map(str::trim).collect::<Vec<_>>().join(" OR "),
            authors: list(package, "/authors").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            repository: (!repository.is_empty()).then_some(repository),
            directory: PathBuf::from(text(package, "manifest_path")).parent().map(PathBuf::from).unwrap_or_default(),
            is_third_party: !text(package, "source").is_empty(),
            uses: BTreeSet::new(),
        }
    }
}

/// A package by its name and version.
fn key(package: &Value) -> String {
    format!("{}@{}", text(package, "name"), text(package, "version"))
}

/// A member that is a text; an empty one where there is none.
fn text(value: &Value, member: &str) -> String {
    value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The elements of a list.
fn list(value: &Value, pointer: &str) -> Vec<Value> {
    value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
}
