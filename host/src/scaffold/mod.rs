//! New projects of flavor authors, from templates that are part of the program.
//!
//! `examples/templates/LANGUAGE` is a whole project of a flavor named `my-registry`, but for what all languages share; the
//! new one has another name and is otherwise the same. A project in Rust gets the sources of the SDK beside it, one in
//! another language the contract.

mod error;
mod language;
mod name;
mod sources;
mod write;

use std::path::Path;

pub(crate) use error::ScaffoldError;
pub(crate) use language::Language;
pub(crate) use name::ProjectName;
use sources::project;

/// Writes a new project into a directory that does not exist yet, and gives the paths of its files below it, sorted.
///
/// # Errors
/// When the directory exists, or can't be written; nothing is left there then.
pub(crate) fn create(
    name: &ProjectName,
    language: Language,
    directory: &Path,
) -> Result<Vec<String>, Box<ScaffoldError>> {
    let files = project(name, language);
    write::whole(directory, &files)?;
    Ok(files.into_iter().map(|file| file.path).collect())
}

#[cfg(test)]
mod tests;
