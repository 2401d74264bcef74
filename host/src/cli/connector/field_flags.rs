//! Field flags: the fields of a connector are flags whose names only flavors know, so clap can't parse them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::sync::LazyLock;

use clap::builder::OsStringValueParser;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use super::error::FieldError;
use crate::flavor::limits;
use crate::text::Escaped;

/// The words of the command line that are not crhost's own flags. Without `Debug`: they may be secrets.
pub(in super::super) struct FieldFlags(Vec<OsString>);

/// The ids of positional arguments for one word each. A single argument for many words would, from its first word on,
/// also take crhost's own flags; with one argument per word, clap recognises those anywhere.
static POSITIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    // A field takes two words at most: `--name value`.
    (0..2 * limits::LIST_ENTRIES).map(|number| format!("word-{number}")).collect()
});

impl FieldFlags {
    /// The fields with their unread values, by name; in names, `_` counts as `-`.
    pub(super) fn fields(self) -> Result<BTreeMap<String, String>, FieldError> {
        let mut words = self.0.into_iter().map(|word| word.into_string().map_err(|_| FieldError::NotText));
        let mut fields = BTreeMap::new();
        while let Some(word) = words.next().transpose()? {
            let flag = word.strip_prefix("--").ok_or(FieldError::Stray)?;
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => match words.next().transpose()? {
                    Some(value) if !value.starts_with("--") => (flag, value),
                    _ => return Err(FieldError::NoValue(Escaped::new(flag, 80))),
                },
            };
            let name = name.replace('_', "-");
            if fields.insert(name.clone(), value).is_some() {
                return Err(FieldError::Twice(Escaped::new(&name, 80)));
            }
        }
        Ok(fields)
    }
}

impl Args for FieldFlags {
    fn augment_args(command: Command) -> Command {
        let position = |name: &'static String| {
            let parser = OsStringValueParser::new();
            Arg::new(name.as_str()).value_parser(parser).allow_hyphen_values(true).hide(true)
        };
        command.args(POSITIONS.iter().map(position))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FieldFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(POSITIONS.iter().filter_map(|name| matches.get_one(name).cloned()).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// As `register` takes them, beside a name and a flag of its own.
    #[derive(Parser)]
    struct Register {
        name: String,
        #[arg(short = 't', long = "type")]
        connector_type: Option<String>,
        #[command(flatten)]
        fields: FieldFlags,
    }

    fn parse(line: &str) -> Register {
        let words = ["register", "prod"].into_iter().chain(line.split_whitespace());
        let parsed = Register::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(parsed.name, "prod");
        parsed
    }

    fn fields(line: &str) -> Result<Vec<(String, String)>, FieldError> {
        Ok(parse(line).fields.fields()?.into_iter().collect())
    }

    #[test]
    fn fields_are_flags_and_stand_anywhere_among_crhost_s_own() {
        for line in [
            "--type aws --key-id=a --secret=-b",
            "--key-id=a --secret=-b --type aws",
            "--key_id a --type=aws --secret -b",
            "-t aws --secret=-b -- --key-id=a",
        ] {
            assert_eq!(parse(line).connector_type.as_deref(), Some("aws"), "{line}");
            let expected = [("key-id", "a"), ("secret", "-b")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(fields(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn values_may_hold_anything() {
        let fields = fields("--a=b=c --d= --e=--f -- --type=x").unwrap();
        let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["b=c", "", "--f", "x"]);
    }

    #[test]
    fn what_is_no_field_is_refused_without_showing_it() {
        for line in ["hunter2", "--a=my hunter2", "--a my hunter2", "-xhunter2"] {
            let error = fields(line).unwrap_err();
            assert!(matches!(error, FieldError::Stray), "{line}: {error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        assert!(matches!(fields("--a --b=c").unwrap_err(), FieldError::NoValue(name) if name == "a"));
        assert!(matches!(fields("--a").unwrap_err(), FieldError::NoValue(_)));
        assert!(matches!(fields("--a-b=x --a_b=y").unwrap_err(), FieldError::Twice(name) if name == "a-b"));
    }
}
