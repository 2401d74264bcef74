//! The hidden command of `crhost` that runs a jq filter: the child process of `--jq`, which limits itself.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use clap::Args;
use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, compile, load};
use jaq_json::Val;
use jaq_json::write::Pp;

use crate::flavor::compile::limit_this_process;
use crate::text::{escape_json, escape_line};

/// The name of the command.
pub(super) const COMMAND: &str = "filter-json";

/// The exit code of a filter that is invalid or fails; standard error has the reason in one line.
pub(super) const REFUSED: u8 = 10;

/// The exit code of a filter with a longer answer than [`OUTPUT`].
pub(super) const TOO_MUCH: u8 = 11;

/// Processor time that a filter may take, in seconds: those for results take milliseconds.
pub(super) const SECONDS: u64 = 5;

/// Memory that a filter may take, in bytes: results are a few MiB at most.
pub(super) const MEMORY: u64 = 256 << 20;

/// The longest answer, in bytes.
pub(super) const OUTPUT: usize = 4 << 20;

/// Functions of jq that a filter has no business with: it gets the result of a command and nothing else.
const ABSENT: [&str; 1] = ["env"];

/// Formats that jq has and the library leaves to its own program ("Format strings and escaping" of jq's manual).
const FORMATS: &str = r#"
def @tsv: map(
  if . == null then "" elif isstring then
    gsub("\\\\"; "\\\\") | gsub("\t"; "\\t") | gsub("\n"; "\\n") | gsub("\r"; "\\r")
  else tostring end) | join("\t");
def @csv: map(
  if . == null then "" elif isstring then "\"" + gsub("\""; "\"\"") + "\"" else tostring end) | join(",");
"#;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Parse the filter, and run it on nothing
    #[arg(long)]
    check: bool,

    /// The filter
    filter: String,
}

/// Why there is no answer.
enum Failure {
    Refused(String),
    TooMuch,
}

/// Runs a filter over the JSON on standard input.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let answer = limit_this_process(MEMORY, Some(SECONDS))
        .map_err(|error| Failure::Refused(error.to_string()))
        .and_then(|()| if arguments.check { check(&arguments.filter) } else { answer(&arguments.filter) });
    match answer {
        Ok(answer) => match io::stdout().write_all(&answer) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(Failure::TooMuch) => ExitCode::from(TOO_MUCH),
        Err(Failure::Refused(reason)) => {
            let _ = write!(io::stderr(), "{reason}");
            ExitCode::from(REFUSED)
        }
    }
}

type Filter = jaq_core::Filter<JustLut<Val>>;

fn check(filter: &str) -> Result<Vec<u8>, Failure> {
    parsed(filter).map(|_| Vec::new()).map_err(Failure::Refused)
}

fn answer(filter: &str) -> Result<Vec<u8>, Failure> {
    let refused = |reason: &dyn std::fmt::Display| Failure::Refused(reason.to_string());
    let mut json = Vec::new();
    io::stdin().read_to_end(&mut json).map_err(|error| refused(&error))?;
    let input = jaq_json::read::parse_single(&json).map_err(|error| refused(&error))?;
    let filter = parsed(filter).map_err(Failure::Refused)?;
    let context = Ctx::<JustLut<Val>>::new(&filter.lut, Vars::new([]));
    let (mut values, mut size) = (Vec::new(), 0);
    for value in filter.id.run((context, input)) {
        let value = match value.map_err(|ended| ended.get_err()) {
            Ok(value) => value,
            Err(Ok(error)) => return Err(refused(&error)),
            // `halt`, which ends a filter early.
            Err(Err(_)) => break,
        };
        let value = Answer::from(value);
        // Counted before it is escaped, which takes longer than most filters.
        size += value.text().len() + 1;
        if size > OUTPUT {
            return Err(Failure::TooMuch);
        }
        values.push(value);
    }
    Ok(values.iter().map(Answer::shown).collect::<String>().into_bytes())
}

/// A value that a filter gave.
enum Answer {
    /// A string, which is shown as it is.
    Text(String),
    /// The JSON of any other value.
    Json(String),
}

impl From<Val> for Answer {
    fn from(value: Val) -> Self {
        match value {
            Val::TStr(bytes) | Val::BStr(bytes) => Self::Text(String::from_utf8_lossy(&bytes).into_owned()),
            other => {
                let mut json = Vec::new();
                // Into memory, which takes everything.
                let _ = jaq_json::write::write(&mut json, &Pp::default(), 0, &other);
                Self::Json(String::from_utf8_lossy(&json).into_owned())
            }
        }
    }
}

impl Answer {
    fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Json(text) => text,
        }
    }

    /// The value with the end of its line, without what could harm a terminal.
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => {
                let line = |line: &str| line.split('\t').map(escape_line).collect::<Vec<_>>().join("\t") + "\n";
                text.split('\n').map(line).collect()
            }
            Self::Json(json) => escape_json(json) + "\n",
        }
    }
}

/// The filter, or the first thing that is wrong with it.
fn parsed(code: &str) -> Result<Filter, String> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let formats = load::parse(FORMATS, |parser| parser.defs()).unwrap_or_default();
    let definitions = definitions.chain(formats);
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let functions = functions.filter(|(name, ..)| !ABSENT.contains(name));
    let arena = Arena::default();
    let modules = Loader::new(definitions).load(&arena, File { code, path: () });
    let modules = modules.map_err(|errors| first(errors, |error| of_loading(error)))?;
    let filter = Compiler::default().with_funs(functions).compile(modules);
    filter.map_err(|errors| first(errors, |error| of_names(error)))
}

fn first<E>(errors: load::Errors<&str, (), E>, words: impl Fn(E) -> String) -> String {
    errors.into_iter().next().map(|(_, error)| words(error)).unwrap_or_default()
}

fn of_loading(error: load::Error<&str>) -> String {
    let expected = |expected: &str, at: &str| match at.trim() {
        "" => format!("expected {expected} at its end"),
        at => format!("expected {expected} at `{}`", at.chars().take(20).collect::<String>()),
    };
    let reason = match error {
        load::Error::Io(errors) => errors.into_iter().next().map(|(path, error)| format!("`{path}`: {error}")),
        load::Error::Lex(errors) => errors.into_iter().next().map(|(what, at)| expected(what.as_str(), at)),
        load::Error::Parse(errors) => errors.into_iter().next().map(|(what, at)| expected(what.as_str(), at)),
    };
    reason.unwrap_or_default()
}

fn of_names(errors: Vec<compile::Error<&str>>) -> String {
    let first = errors.into_iter().next();
    first.map(|(name, sort)| format!("there is no {} `{name}`", sort.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_is_wrong_is_answered_in_one_line() {
        for (filter, words) in [
            (".[", "expected closing bracket"),
            (".a |", "at its end"),
            ("nosuch", "there is no filter `nosuch`"),
            ("$x", "there is no variable `$x`"),
            ("env", "there is no filter `env`"),
            ("$ENV", "there is no variable `$ENV`"),
            ("input", "there is no filter `input`"),
            ("import \"a\" as a; .", "module loading"),
        ] {
            let reason = parsed(filter).err().unwrap();
            assert!(reason.contains(words) && !reason.contains('\n'), "{filter}: {reason}");
        }
    }

    #[test]
    fn filters_that_users_of_jq_write_are_known() {
        for filter in [
            ".registries[].name",
            ".[] | select(.uri | test(\"ghcr\")) | .name",
            "map(.name) | join(\",\")",
            ".[] | [.name, .uri] | @tsv",
            "length",
            "sort_by(.name)[0] // empty",
            ".[] | [.name, .uri] | @csv",
            "now | todate",
            "halt",
        ] {
            assert!(parsed(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn strings_are_shown_as_they_are_without_what_harms_a_terminal() {
        let shown = |json: &str| Answer::from(jaq_json::read::parse_single(json.as_bytes()).unwrap()).shown();
        assert_eq!(shown(r#""a\tb\nc\u001b[2J""#), "a\tb\nc\\u{1b}[2J\n");
        assert_eq!(shown(r#"{"a":[1,null,"b"]}"#), "{\"a\":[1,null,\"b\"]}\n");
        assert_eq!(shown("null"), "null\n");
    }
}
