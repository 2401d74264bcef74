//! The CI system that runs crhost, and how it is told something: which there are, and the lines that each takes.
//!
//! Nothing here writes. All texts are escaped for the system here, whoever wrote them: a line of a registry or an image
//! never becomes a command, an output or a variable.

mod azure;
mod github;
mod gitlab;
mod system;

use crate::text::Moment;
pub(super) use github::{code, outputs};
pub(super) use system::{Given, System, set, system};

/// A line that shows a problem where the system collects those; `word` is `error` or `warning`.
pub(super) fn annotation(word: &str, message: &str) -> Option<String> {
    match system() {
        System::Github => github::annotation(word, message),
        System::Azure => azure::issue(word, message),
        System::Gitlab | System::None => None,
    }
}

/// The lines that begin and end a part of the log that can be folded.
pub(super) fn group(title: &str) -> Option<(String, String)> {
    match system() {
        System::Github => Some(github::group(title)),
        System::Gitlab => Some(gitlab::section(title, Moment::now().0)),
        System::Azure => Some(azure::group(title)),
        System::None => None,
    }
}

/// The lines after which the system shows a secret in no log.
pub(super) fn masks(secret: &str) -> Vec<String> {
    match system() {
        System::Github => github::masks(secret),
        System::Azure => azure::masks(secret),
        System::Gitlab | System::None => Vec::new(),
    }
}

/// The lines that set the outputs of a step where the system takes those from the log.
pub(super) fn variables(values: &[(&str, String)]) -> Vec<String> {
    match system() {
        System::Azure => values.iter().map(|(name, value)| azure::variable(name, value)).collect(),
        System::Github | System::Gitlab | System::None => Vec::new(),
    }
}
