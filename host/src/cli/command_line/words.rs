//! What can be read from the words of the command line although they are wrong: the form of output, whether a push is
//! to tell events, and the command.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::ValueEnum;

use crate::cli::output::Format;
use crate::environment::{EnvVars, Environment};

/// The form of output that is asked for, anywhere on the command line or by the variable. Of several values, JSON wins,
/// and a value that is none leaves it to the variable: the command line is wrong then.
pub(super) fn format(words: &[OsString], environment: &Environment) -> Format {
    let mut given = given(words, "--output", Some('o'));
    if !given.iter().any(|value| ["json", "table", "name"].contains(&value.as_str())) {
        given.extend(environment.text(EnvVars::CRHOST_OUTPUT).map(Cow::into_owned));
    }
    if given.iter().any(|value| value == "json") { Format::Json } else { Format::Table }
}

/// The value of an option that takes one of these words, anywhere on the command line or by its variable; the last one
/// counts, and the default where none is valid: the command line is wrong then.
pub(super) fn choice<T: ValueEnum + Default>(
    words: &[OsString],
    environment: &Environment,
    option: &str,
    variable: &str,
) -> T {
    let parse = |value: &str| T::from_str(value, false).ok();
    let given = given(words, option, None).iter().rev().find_map(|value| parse(value));
    given.or_else(|| parse(&environment.text(variable)?)).unwrap_or_default()
}

/// Whether this is a push that is to tell events, so that what is wrong with its words is the last one.
pub(super) fn tells_events(crhost: &clap::Command, words: &[OsString], environment: &Environment) -> bool {
    let is_quiet = options(words).any(|word| word == "--quiet" || word == "-q");
    let mut given = given(words, "--progress", None);
    if given.is_empty() {
        given.extend(environment.text(EnvVars::CRHOST_PROGRESS).map(Cow::into_owned));
    }
    !is_quiet && given.iter().any(|value| value == "json") && called(crhost, words).1.get_name() == "push"
}

/// The words behind the program's name, up to `--`.
fn options(words: &[OsString]) -> impl Iterator<Item = Cow<'_, str>> {
    words.iter().skip(1).map(|word| word.to_string_lossy()).take_while(|word| word != "--")
}

/// The values of an option.
fn given(words: &[OsString], long: &str, short: Option<char>) -> Vec<String> {
    let mut words = options(words);
    let mut values = Vec::new();
    while let Some(word) = words.next() {
        let short = || word.strip_prefix('-')?.trim_start_matches(['i', 'q', 'v', 'y']).strip_prefix(short?);
        let value = word.strip_prefix(long).or_else(short);
        match value {
            Some("") => values.extend(words.next().map(Cow::into_owned)),
            Some(value) => values.push(value.trim_start_matches('=').to_owned()),
            None => {}
        }
    }
    values
}

/// The command that the words name, with its full name.
pub(super) fn called<'a>(crhost: &'a clap::Command, words: &[OsString]) -> (String, &'a clap::Command) {
    let (mut name, mut called) = (crhost.get_name().to_owned(), crhost);
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(below) = called.find_subcommand(word).filter(|below| below.get_name() != "help") {
            name = format!("{name} {}", below.get_name());
            called = below;
        }
    }
    (name, called)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn json_is_asked_for_in_any_spelling_and_at_any_place() {
        let unset = Environment::default();
        for line in [
            "crhost -o json",
            "crhost push nothere --badflag -ojson",
            "crhost -o=json registry nosuch",
            "crhost registry nosuch --output json",
            "crhost push x -qo json",
            "crhost --output=json -vv",
            "crhost -vvojson",
            "crhost -o table push -o json",
        ] {
            assert_eq!(format(&words(line), &unset), Format::Json, "{line}");
        }
        for line in ["crhost", "crhost push json", "crhost push -- -o json", "crhost -o", "crhost -o table --to json"] {
            assert_eq!(format(&words(line), &unset), Format::Table, "{line}");
        }
    }

    #[test]
    fn a_push_tells_events_where_it_is_asked_to_and_no_other_command_does() {
        let crhost = crate::cli::arguments::Arguments::command(|_| true);
        let (unset, json) = (Environment::default(), Environment::from_iter([("CRHOST_PROGRESS", "json")]));
        for line in ["crhost push --progress json --nosuch", "crhost -v push x --progress=json"] {
            assert!(tells_events(&crhost, &words(line), &unset), "{line}");
        }
        assert!(tells_events(&crhost, &words("crhost push --jobs x"), &json));
        for line in ["crhost registry list", "crhost push x -q", "crhost push x --progress plain", "crhost"] {
            assert!(!tells_events(&crhost, &words(line), &json), "{line}");
        }
        for line in ["crhost push x", "crhost push x --progress", "crhost push -- --progress json"] {
            assert!(!tells_events(&crhost, &words(line), &unset), "{line}");
        }
    }

    #[test]
    fn the_variable_asks_for_json_unless_the_command_line_says_otherwise() {
        let json = Environment::from_iter([("CRHOST_OUTPUT", "json")]);
        assert_eq!(format(&words("crhost nosuch"), &json), Format::Json);
        assert_eq!(format(&words("crhost push -o xml"), &json), Format::Json);
        assert_eq!(format(&words("crhost -o json push -o xml"), &Environment::default()), Format::Json);
        assert_eq!(format(&words("crhost nosuch -o table"), &json), Format::Table);
    }
}
