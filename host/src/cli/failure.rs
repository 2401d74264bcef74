//! How a failure is shown: one line of what was wrong, a hint, an exit code.

use std::process::ExitCode;

use serde_json::json;

use super::output::{self, Format};
use crate::error::{Explain, Kind};

/// A failure, ready to be shown.
pub(super) struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

impl Failure {
    pub(super) fn general(message: impl Into<String>) -> Self {
        Self { kind: Kind::General, message: message.into(), hint: None }
    }

    /// Ctrl-C.
    pub(super) fn interrupted() -> Self {
        Self { kind: Kind::Interrupted, message: "interrupted".to_owned(), hint: None }
    }

    pub(super) fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: Some(hint.into()) }
    }

    /// Shows it and gives the exit code.
    pub(super) fn show(&self, format: Format) -> ExitCode {
        match (format, self.kind) {
            // Who did it need not be told what is wrong.
            (_, Kind::Interrupted) => {
                output::end_question();
                output::say(&self.message, "");
            }
            (Format::Table, _) => {
                output::say("error", &self.message);
                if let Some(hint) = &self.hint {
                    output::say_line("");
                    output::say("hint", hint);
                }
            }
            (Format::Json, _) => {
                let error = json!({ "code": self.kind.code(), "message": self.message, "hint": self.hint });
                output::say_line(&json!({ "error": error }).to_string());
            }
        }
        ExitCode::from(self.kind.exit_code())
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { kind: error.kind(), message: without_full_stop(error.to_string()), hint: error.hint() }
    }
}

/// Registries and providers, whose own words are often the last ones of a line, end theirs with a full stop.
fn without_full_stop(mut line: String) -> String {
    if line.ends_with('.') && !line.ends_with("..") {
        line.pop();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::without_full_stop;

    #[test]
    fn a_line_ends_without_a_full_stop_whoever_wrote_its_end() {
        for (line, shown) in
            [("no: Try again.", "no: Try again"), ("no: wait...", "no: wait..."), ("no", "no"), ("", "")]
        {
            assert_eq!(without_full_stop(line.to_owned()), shown);
        }
    }
}
