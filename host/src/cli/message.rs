//! The messages of `--output json`: with it, standard error is JSON, too (ADR 0021).

use serde::Serialize;

use crate::text::escape_json;

/// A message as JSON, on a line of standard error.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum Message<'a> {
    /// The user should know: something was skipped, or is not trusted.
    Warning(MessageBody<'a>),
    /// The next step after a warning.
    Hint(MessageBody<'a>),
    /// A step of the command.
    Note(MessageBody<'a>),
    /// A line of the log, with `-v` and below.
    Log(LogBody<'a>),
}

/// A line of the log.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LogBody<'a> {
    /// `error`, `info`, `debug` or `trace`.
    level: &'a str,
    /// The message, in one line.
    message: &'a str,
}

/// The parts of a message.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MessageBody<'a> {
    /// The message, in one line.
    message: &'a str,
}

impl<'a> Message<'a> {
    /// The message that stands behind this word in text.
    pub(super) fn new(word: &str, message: &'a str) -> Self {
        let body = MessageBody { message };
        match word {
            "warning" => Self::Warning(body),
            "hint" => Self::Hint(body),
            _ => Self::Note(body),
        }
    }
}

/// A line of the log as JSON; a warning is one as any other.
pub(super) fn log_line(level: &str, message: &str) -> String {
    let line = match level {
        "warning" => Message::new("warning", message),
        level => Message::Log(LogBody { level, message }),
    };
    // Structs of strings, which JSON can always represent.
    escape_json(&serde_json::to_string(&line).unwrap_or_default())
}
