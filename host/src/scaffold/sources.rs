//! The files of the templates, of the SDK and of the contract, as the build script embeds them.

use super::language::Language;
use super::name::ProjectName;

/// A file that is part of the program. They are not compressed: all of them are 1 MB, of a program of forty.
struct Source {
    /// Its path: below `templates/LANGUAGE/`, `templates/shared/`, `sdk/` or `wit/`, with slashes.
    path: &'static str,
    /// What it holds.
    bytes: &'static [u8],
}

/// All of them, sorted by path. The build script writes the list.
static SOURCES: &[Source] = &include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The name of the flavor that the templates are, in the forms that they use: as it is, in names of files and variables,
/// in names of environment variables, and as a user types it who shouts.
const PLACEHOLDERS: [&str; 4] = ["my-registry", "my_registry", "MY_REGISTRY", "MY-REGISTRY"];

/// A file of a new project.
pub(super) struct ProjectFile {
    /// Its path below the project's directory, with slashes.
    pub(super) path: String,
    /// What it holds.
    pub(super) bytes: Vec<u8>,
}

/// The files of a new project, sorted by path.
pub(super) fn project(name: &ProjectName, language: Language) -> Vec<ProjectFile> {
    let template = format!("templates/{}/", language.word());
    let snake = name.snake_case();
    let names = [name.as_str(), &snake, &snake.to_ascii_uppercase(), &name.as_str().to_ascii_uppercase()];
    let renamed =
        |text: &str| PLACEHOLDERS.iter().zip(names).fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    // The adapter that Go needs is no text, and has no name of ours in it.
    let named = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => renamed(text).into_bytes(),
        Err(_) => bytes.to_owned(),
    };
    let mut files: Vec<ProjectFile> = SOURCES
        .iter()
        .filter_map(|source| {
            let of_all = || source.path.strip_prefix("templates/shared/");
            if let Some(path) = source.path.strip_prefix(&template).or_else(of_all) {
                return Some(ProjectFile { path: renamed(path), bytes: named(source.bytes) });
            }
            let path = match language {
                Language::Rust => format!("crhost-flavor/{}", source.path.strip_prefix("sdk/")?),
                Language::Python | Language::JavaScript | Language::C | Language::Go => {
                    format!("wit/{}", source.path.strip_prefix("wit/")?)
                }
            };
            Some(ProjectFile { path, bytes: source.bytes.to_owned() })
        })
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}
