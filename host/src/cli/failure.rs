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

    pub(super) fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: Some(hint.into()) }
    }

    /// What is wrong, in one line.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Shows it and gives the exit code.
    pub(super) fn show(&self, format: Format) -> ExitCode {
        match format {
            Format::Table => {
                output::say("error", &self.message);
                if let Some(hint) = &self.hint {
                    output::say_line("");
                    output::say("hint", hint);
                }
            }
            Format::Json => {
                let error = json!({ "code": self.kind.code(), "message": self.message, "hint": self.hint });
                output::say_line(&json!({ "error": error }).to_string());
            }
        }
        ExitCode::from(self.kind.exit_code())
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { kind: error.kind(), message: error.to_string(), hint: error.hint() }
    }
}
