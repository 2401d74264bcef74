//! What the documents show is true: links lead somewhere, commands parse, paths exist, and each kind of registry is
//! registered as its section says. The documents' Rust is compiled by the SDK's doctests.

mod commands;
mod links;
mod registries;
mod security;
mod variables;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::programs::crhost::repository;

/// A Markdown file of the repository.
struct Document {
    /// Its path, relative to the repository's root.
    path: PathBuf,
    text: String,
}

/// All Markdown files, in order.
fn documents() -> Vec<Document> {
    let mut found = Vec::new();
    collect(repository(), &mut found);
    found.sort();
    let document = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        Document { path: path.strip_prefix(repository()).unwrap().to_owned(), text }
    };
    found.into_iter().map(document).collect()
}

fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap()) {
        let (path, name) = (entry.path(), entry.file_name());
        // Of a link, the file that it leads to is found by itself.
        if entry.file_type().unwrap().is_dir() {
            // What is built, and Git's own files.
            if name != "target" && name != ".git" {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// A document by its path.
fn document(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}
