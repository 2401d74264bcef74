//! The failure of a command: one line with the error, a hint, an exit code.

use std::io::ErrorKind;
use std::process::ExitCode;

use serde::Serialize;

use super::output::{self, Format};
use super::signals::Signal;
use super::{event_stream, log_lines, screen, terminal};
use crate::error::{Explain, Kind};
use crate::text::{Escaped, Foreign};

/// A failure as JSON, on standard error.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ErrorOutput<'a> {
    /// The failure.
    error: ErrorBody<'a>,
}

/// The last event of a push that failed or was interrupted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase")]
pub(super) enum ErrorEvent<'a> {
    /// The end.
    Error {
        /// The failure.
        error: ErrorBody<'a>,
    },
}

/// The parts of a failure.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorBody<'a> {
    /// Its kind.
    code: Kind,
    /// What is wrong, in one line.
    message: &'a str,
    /// The next step.
    hint: Option<&'a str>,
    /// The exit code of the process.
    exit_code: u8,
}

/// A failure, ready to be shown.
pub(super) struct Failure {
    kind: Kind,
    message: Escaped,
    hint: Option<Escaped>,
    exit_code: u8,
    /// Whether the exit code says all, as the result does.
    is_told: bool,
}

impl Failure {
    /// A failure of no other kind, without a hint.
    pub(super) fn general(message: impl Into<Escaped>) -> Self {
        let kind = Kind::General;
        Self { kind, message: message.into(), hint: None, exit_code: kind.exit_code(), is_told: false }
    }

    /// The end of a command whose result is shown, and whose exit code tells what it found, as that of `diff` does.
    pub(super) fn found(message: impl Into<Escaped>) -> Self {
        Self { is_told: true, ..Self::general(message) }
    }

    /// The end by a signal.
    pub(super) fn interrupted(signal: Signal) -> Self {
        let message = signal.outcome().into();
        Self { kind: Kind::Interrupted, message, hint: None, exit_code: signal.exit_code(), is_told: false }
    }

    /// The failure of work that a signal may have ended.
    pub(super) fn of_work(error: impl Into<Self>, signal: Option<Signal>) -> Self {
        let failure = error.into();
        match signal {
            Some(signal) if failure.kind == Kind::Interrupted => Self::interrupted(signal),
            _ => failure,
        }
    }

    /// A failure with a hint.
    pub(super) fn new(kind: Kind, message: impl Into<Escaped>, hint: impl Into<Escaped>) -> Self {
        Self { kind, message: message.into(), hint: Some(hint.into()), exit_code: kind.exit_code(), is_told: false }
    }

    /// The failure of a command whose result could not be shown or written.
    pub(super) fn of_result() -> Option<Self> {
        if let Some(failure) = output::selection_failure() {
            return Some(Self::of(failure).with_message(|message| format!("{message} (the command itself is done)")));
        }
        // A reader that has gone away has all that it wants.
        let reason = output::write_failure().filter(|reason| reason.kind() != ErrorKind::BrokenPipe)?;
        let message = format!("the result can't be written to standard output: {}", Foreign(reason));
        let hint = "what the command did stays done; send its output where there is space";
        Some(Self::new(Kind::General, message, hint))
    }

    /// The failure that an error explains.
    pub(super) fn of(error: &impl Explain) -> Self {
        let kind = error.kind();
        let message = without_full_stop(error.to_string()).into();
        Self { kind, message, hint: error.hint(), exit_code: kind.exit_code(), is_told: false }
    }

    /// The same failure of another kind, with its exit code.
    pub(super) fn with_kind(self, kind: Kind) -> Self {
        Self { kind, exit_code: kind.exit_code(), ..self }
    }

    /// The same failure with another message.
    pub(super) fn with_message(self, message: impl FnOnce(&str) -> String) -> Self {
        Self { message: message(&self.message).into(), ..self }
    }

    /// Its kind.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The message and the hint.
    pub(super) fn words(&self) -> (&str, Option<&str>) {
        (&self.message, self.hint.as_deref())
    }

    /// Its parts, for JSON.
    pub(super) fn body(&self) -> ErrorBody<'_> {
        let (message, hint) = self.words();
        ErrorBody { code: self.kind, message, hint, exit_code: self.exit_code }
    }

    /// Its kind as JSON names it, its message and its exit code.
    pub(super) fn facts(&self) -> (String, &str, u8) {
        let kind = serde_json::to_value(self.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
        (kind.unwrap_or_default(), &self.message, self.exit_code)
    }

    /// Shows it and gives the exit code.
    pub(super) fn show(&self, format: Format) -> ExitCode {
        if self.kind == Kind::Interrupted {
            terminal::end_questions();
        }
        screen::close();
        if self.is_told {
            return ExitCode::from(self.exit_code);
        }
        let (message, hint) = self.words();
        let error = self.body();
        if event_stream::is_on() {
            output::say_event(ErrorEvent::Error { error });
            return ExitCode::from(self.exit_code);
        }
        if format != Format::Json
            && let Some(line) = log_lines::failure(self.kind, message, hint, self.exit_code)
        {
            output::say_raw(&line);
            return ExitCode::from(self.exit_code);
        }
        match (format, self.kind) {
            (Format::Json, _) => output::say_json(&ErrorOutput { error }),
            // The user ended it and needs no explanation.
            (_, Kind::Interrupted) => output::say(&self.message, ""),
            _ => {
                output::say("error", &self.message);
                if let Some(hint) = &self.hint {
                    output::say_line("");
                    output::say("hint", hint);
                }
                output::annotate_error(message, self.hint.as_deref());
            }
        }
        ExitCode::from(self.exit_code)
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

/// Messages of registries and services, which often end a line of ours, have a full stop.
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
