//! The files of the templates, of the SDK and of the contract, as the build script embeds them.

use super::language::Language;
use super::name::ProjectName;

/// A file that is part of the program. They are not compressed: all of them are 1 MB, of a program of forty.
struct Source {
    /// Its path: below `templates/LANGUAGE/`, `sdk/` or `wit/`, with slashes.
    path: &'static str,
    /// What it holds.
    text: &'static str,
}

/// All of them, sorted by path. The build script writes the list.
static SOURCES: &[Source] = &include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// The name of the flavor that the templates are, in the forms that they use: as it is, in names of files and variables,
/// and in names of environment variables.
const PLACEHOLDERS: [&str; 3] = ["my-registry", "my_registry", "MY_REGISTRY"];

/// A file of a new project.
pub(super) struct ProjectFile {
    /// Its path below the project's directory, with slashes.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

/// The files of a new project, sorted by path.
pub(super) fn project(name: &ProjectName, language: Language) -> Vec<ProjectFile> {
    let template = format!("templates/{}/", language.word());
    let snake = name.snake_case();
    let names = [name.as_str(), &snake, &snake.to_ascii_uppercase()];
    let renamed =
        |text: &str| PLACEHOLDERS.iter().zip(names).fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let mut files: Vec<ProjectFile> = SOURCES
        .iter()
        .filter_map(|source| {
            if let Some(path) = source.path.strip_prefix(&template) {
                return Some(ProjectFile { path: renamed(path), text: renamed(source.text) });
            }
            let path = match language {
                Language::Rust => format!("crhost-flavor/{}", source.path.strip_prefix("sdk/")?),
                Language::Python | Language::JavaScript | Language::C => {
                    format!("wit/{}", source.path.strip_prefix("wit/")?)
                }
            };
            Some(ProjectFile { path, text: source.text.to_owned() })
        })
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}
