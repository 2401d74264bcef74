//! Errors of clap in crhost's form: one line with the value and what was expected, and a hint.

use std::error::Error as _;
use std::ffi::OsString;
use std::num::{IntErrorKind, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{advice, words};
use crate::cli::failure::Failure;
use crate::cli::selection::members::Members;
use crate::error::Kind;

/// The failure that an error of clap stands for. A value from a variable is said to be the variable's.
pub(super) fn failure(
    crhost: &clap::Command,
    error: &clap::Error,
    words: &[OsString],
    variable: Option<&str>,
) -> Failure {
    let unknown = unknown_command(error);
    let known = words.iter().take_while(|word| unknown.is_none_or(|unknown| *word != unknown)).cloned();
    let (name, command) = words::called(crhost, &known.collect::<Vec<_>>());
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => format!("`{name}` has no command `{}`", unknown.unwrap_or_default()),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            format!("`{name}` needs a command")
        }
        ErrorKind::UnknownArgument => match argument(error).unwrap_or_default() {
            option if option.starts_with('-') => format!("`{name}` has no option `{option}`"),
            word => format!("`{name}` takes no further argument, and not `{word}`"),
        },
        ErrorKind::MissingRequiredArgument => {
            format!("`{name}` needs {}", quoted(&texts(error, ContextKind::InvalidArg), ", "))
        }
        ErrorKind::ArgumentConflict => conflict(error),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error, variable),
        ErrorKind::NoEquals => format!("`{}` takes its value after `=`", option(error)),
        ErrorKind::InvalidUtf8 => "a word of the command line is not UTF-8 text".to_owned(),
        _ => first_line(error),
    };
    let hint = hint(error, &name, command, words).unwrap_or_else(|| format!("`{name} --help` tells more"));
    Failure::new(Kind::Usage, message, hint)
}

/// The word that is no command.
pub(super) fn unknown_command(error: &clap::Error) -> Option<&str> {
    text(error, ContextKind::InvalidSubcommand)
}

/// The argument that an error is about, as clap shows it: `--jobs <N>`.
pub(super) fn argument(error: &clap::Error) -> Option<&str> {
    text(error, ContextKind::InvalidArg)
}

/// The option or argument that an error is about, without the name of its value.
fn option(error: &clap::Error) -> &str {
    bare(argument(error).unwrap_or_default())
}

fn bare(argument: &str) -> &str {
    let first = argument.split([' ', '=', '[']).next().filter(|first| !first.is_empty()).unwrap_or(argument);
    first.trim_matches(['<', '>', '.'])
}

fn conflict(error: &clap::Error) -> String {
    let option = option(error);
    let others = texts(error, ContextKind::PriorArg);
    match others.as_slice() {
        [] => format!("`{option}` is given twice, or beside an option that excludes it"),
        [other] if bare(other) == option => format!("`{option}` is given twice"),
        others => format!("`{option}` excludes {}", quoted(others, ", ")),
    }
}

/// A value that is not valid, with what was expected.
fn invalid_value(error: &clap::Error, variable: Option<&str>) -> String {
    let (value, option) = (text(error, ContextKind::InvalidValue).unwrap_or_default(), option(error));
    let valid = texts(error, ContextKind::ValidValue);
    let reason = match error.source() {
        Some(reason) => match reason.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
            Some(IntErrorKind::PosOverflow) => "expected a smaller number".to_owned(),
            Some(_) => "expected a whole number".to_owned(),
            None => reason.to_string(),
        },
        None if valid.is_empty() => "expected a value".to_owned(),
        None => format!("expected {}", quoted(&valid, " or ")),
    };
    match (variable, reason.starts_with("expected")) {
        (Some(variable), true) => format!("the environment variable `{variable}` is `{value}`, {reason}"),
        (Some(variable), false) => format!("the environment variable `{variable}`: {reason}"),
        (None, true) if value.is_empty() => format!("`{option}` has no value, {reason}"),
        (None, true) => format!("`{value}` is invalid for `{option}`, {reason}"),
        (None, false) => format!("`{option}`: {reason}"),
    }
}

fn hint(error: &clap::Error, name: &str, command: &clap::Command, words: &[OsString]) -> Option<String> {
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = unknown_command(error)?;
            if let Some(advice) = advice::for_command(name, word, words) {
                return Some(advice);
            }
            match texts(error, ContextKind::SuggestedSubcommand).last() {
                Some(near) => Some(format!("did you mean `{name} {near}`?")),
                // `crhost train:v3`: the command was left out.
                None if name == "crhost" && word.contains([':', '/']) => {
                    Some(format!("`crhost push {word}` pushes an image"))
                }
                None if name == "crhost" => Some(format!(
                    "`crhost --help` lists its commands; a program `crhost-{word}` on the PATH would be one, too"
                )),
                None => Some(format!("`{name} --help` lists its commands")),
            }
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Some(format!("`{name} --help` lists its commands"))
        }
        ErrorKind::UnknownArgument => {
            if let Some(advice) = advice::for_option(name, option(error)) {
                return Some(advice);
            }
            if let Some(near) = text(error, ContextKind::SuggestedArg) {
                return Some(format!("did you mean `{near}`?"));
            }
            // Fields are arguments that clap does not know, and are taken from the one after NAME on.
            let has_fields = ["crhost connector register", "crhost connector update"].contains(&name);
            (has_fields && option(error).starts_with("--"))
                .then(|| format!("the connector's NAME comes before its fields: `{name} NAME --FIELD=VALUE`"))
        }
        ErrorKind::MissingRequiredArgument => {
            if let Some(advice) = advice::for_lack(name) {
                return Some(advice.to_owned());
            }
            let usage = command.clone().render_usage().to_string();
            let line = usage.trim_start_matches("Usage:").trim().lines().next()?.to_owned();
            Some(format!("`{line}`"))
        }
        ErrorKind::InvalidValue if option(error) == "--json" => {
            Some(format!("fields: {}", Members::of(name)?.listed()))
        }
        ErrorKind::InvalidValue => {
            text(error, ContextKind::SuggestedValue).map(|near| format!("did you mean `{near}`?"))
        }
        _ => None,
    }
}

fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn quoted(words: &[String], between: &str) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests;
