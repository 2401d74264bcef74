//! The scanner's command line as the user writes it.

use std::ffi::OsString;
use std::path::Path;
use std::str::FromStr;

use crate::text::Printable;

/// Stands for the layout's path.
const LAYOUT: &str = "{}";

/// Stands for the path of the report.
const REPORT: &str = "{report}";

/// A program and its arguments. No shell reads them: quotes group words, and nothing else has a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScanCommand(Vec<String>);

/// A text that is no such command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum ScanCommandError {
    /// A quote has no end.
    #[error("a quote in it has no end")]
    Quote,
    /// There is no place for the image.
    #[error("expected `{{}}` where the path of the image's layout is to stand, as in `trivy image --input {{}}`")]
    NoPlace,
    /// There is no program.
    #[error("expected a program before `{{}}`, as in `trivy image --input {{}}`")]
    NoProgram,
}

impl FromStr for ScanCommand {
    type Err = ScanCommandError;

    fn from_str(text: &str) -> Result<Self, ScanCommandError> {
        let words = shlex::split(text).ok_or(ScanCommandError::Quote)?;
        let Some((program, arguments)) = words.split_first() else { return Err(ScanCommandError::NoProgram) };
        if program.is_empty() || program.contains(LAYOUT) {
            return Err(ScanCommandError::NoProgram);
        }
        match arguments.iter().any(|word| word.contains(LAYOUT)) {
            true => Ok(Self(words)),
            false => Err(ScanCommandError::NoPlace),
        }
    }
}

impl ScanCommand {
    /// The program.
    pub(super) fn program(&self) -> &str {
        self.0.first().map(String::as_str).unwrap_or_default()
    }

    /// Whether it writes a report.
    pub(crate) fn wants_report(&self) -> bool {
        self.0.iter().any(|word| word.contains(REPORT))
    }

    /// The arguments with these paths in their places. A path never becomes more than one argument.
    pub(super) fn arguments(&self, layout: &Path, report: Option<&Path>) -> Vec<OsString> {
        let words = self.0.iter().skip(1);
        words
            .map(|word| {
                let with_layout = replaced(word, LAYOUT, layout);
                match report {
                    Some(report) => replaced_in(&with_layout, REPORT, report),
                    None => with_layout,
                }
            })
            .collect()
    }
}

fn replaced(word: &str, place: &str, path: &Path) -> OsString {
    let mut parts = word.split(place);
    let mut argument = OsString::from(parts.next().unwrap_or_default());
    for part in parts {
        argument.push(path);
        argument.push(part);
    }
    argument
}

/// The same in an argument that has a path already, which is left as it is where it is no UTF-8.
fn replaced_in(argument: &OsString, place: &str, path: &Path) -> OsString {
    argument.to_str().map_or_else(|| argument.clone(), |word| replaced(word, place, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_stand_where_their_places_are_each_as_one_argument() {
        let command: ScanCommand = "grype 'oci-dir:{}' -o sarif --file {report} '; rm -rf /'".parse().unwrap();
        let arguments = command.arguments(Path::new("/tmp/a b"), Some(Path::new("/tmp/r")));
        assert_eq!(arguments, ["oci-dir:/tmp/a b", "-o", "sarif", "--file", "/tmp/r", "; rm -rf /"]);
        assert!(command.wants_report());
        assert_eq!(command.program(), "grype");
    }

    #[test]
    fn a_command_without_a_program_or_a_place_for_the_image_is_refused() {
        for (text, error) in [
            ("", ScanCommandError::NoProgram),
            ("{}", ScanCommandError::NoProgram),
            ("trivy image", ScanCommandError::NoPlace),
            ("trivy image --input '{}", ScanCommandError::Quote),
        ] {
            assert_eq!(text.parse::<ScanCommand>().unwrap_err(), error, "{text}");
        }
    }
}
