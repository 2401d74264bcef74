//! The value of a field, from the command line itself, a file, an environment variable or standard input.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::{FieldError, ReadFault};
use super::field_flags::FieldFlags;
use crate::connector::GivenValue;
use crate::environment::Environment;
use crate::flavor::limits;
use crate::implicit_sources::Command;
use crate::text::Escaped;

/// The value of a field. Without `Debug`: it may be a secret.
pub(in super::super) struct FieldValue {
    /// The value, or what is to be issued or run in its place.
    pub(in super::super) value: GivenValue,
    /// Whether it was on the command line, where other users can see it.
    pub(in super::super) visible: bool,
}

/// The source of a value.
enum ValueSource<'a> {
    Inline(&'a str),
    File(&'a str),
    Variable(&'a str),
    IdToken(Option<&'a str>),
    Command(&'a str),
    Read(&'a str),
    Input,
}

impl<'a> ValueSource<'a> {
    fn parse(text: &'a str) -> Self {
        match text.strip_prefix('@') {
            None if text == "-" => Self::Input,
            None => Self::Inline(text),
            Some(rest) if rest.starts_with('@') => Self::Inline(rest),
            Some("-") => Self::Input,
            Some("oidc") => Self::IdToken(None),
            Some(rest) => match rest.split_once(':') {
                Some(("env", variable)) => Self::Variable(variable),
                // Without one, it is the method's.
                Some(("oidc", audience)) => Self::IdToken(Some(audience).filter(|audience| !audience.is_empty())),
                Some(("command", line)) => Self::Command(line),
                Some(("read", path)) => Self::Read(path),
                Some(("file", path)) => Self::File(path),
                _ => Self::File(rest),
            },
        }
    }
}

/// Reads the values of all fields. Standard input is read for one field at most.
pub(super) fn read_all(
    flags: FieldFlags,
    environment: &Environment,
) -> Result<BTreeMap<String, FieldValue>, FieldError> {
    read_sources(flags.fields()?, environment)
}

/// Reads the values of fields from these sources.
///
/// # Errors
/// When one can't be read.
pub(in super::super) fn read_sources(
    fields: BTreeMap<String, String>,
    environment: &Environment,
) -> Result<BTreeMap<String, FieldValue>, FieldError> {
    let mut input = Some(io::stdin());
    let mut values = BTreeMap::new();
    for (name, text) in fields {
        let source = ValueSource::parse(&text);
        let visible = matches!(source, ValueSource::Inline(_));
        let value = match source {
            ValueSource::IdToken(audience) => Ok(GivenValue::IdToken { audience: audience.map(str::to_owned) }),
            ValueSource::Command(line) => Command::written(line).map(GivenValue::Command).map_err(ReadFault::Command),
            ValueSource::Read(path) => read_later(path).map(GivenValue::Read),
            ValueSource::Inline(value) => Ok(value.into()),
            ValueSource::File(path) => file(path).map(GivenValue::Value),
            ValueSource::Variable(variable) => variable_of(variable, environment).map(GivenValue::Value),
            ValueSource::Input => input.take().ok_or(ReadFault::InputTwice).and_then(content).map(GivenValue::Value),
        };
        match value {
            Ok(value) => values.insert(name, FieldValue { value, visible }),
            Err(fault) => return Err(FieldError::Value { name: Escaped::new(&name, 80), fault }),
        };
    }
    Ok(values)
}

/// The content of a file that the user names.
pub(super) fn file(path: &str) -> Result<SecretString, ReadFault> {
    let named = |fault| match fault {
        ReadFault::Unreadable { reason, .. } => ReadFault::of_file(path, reason.0),
        other => other,
    };
    File::open(path).map_err(ReadFault::from).and_then(content).map_err(named)
}

/// The path of a file that is read at each use, wherever that is: absolute, or behind `~/`.
fn read_later(path: &str) -> Result<String, ReadFault> {
    match path.strip_prefix("~/") {
        Some(rest) if !rest.is_empty() => Ok(path.to_owned()),
        _ if Path::new(path).is_absolute() => Ok(path.to_owned()),
        _ => Err(ReadFault::Relative),
    }
}

fn variable_of(name: &str, environment: &Environment) -> Result<SecretString, ReadFault> {
    let value = environment.get(name).ok_or(ReadFault::Unset)?;
    value.to_str().map(Into::into).ok_or(ReadFault::NotText)
}

/// The whole content, without the line break at its end. It is read into one buffer, which is wiped.
fn content(source: impl Read) -> Result<SecretString, ReadFault> {
    // The longest value with its line break, and one byte to recognise longer ones.
    const MAX_BYTES: usize = limits::CREDENTIAL_BYTES + "\r\n".len() + 1;
    // Larger than all that is read: a buffer that grows leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    source.take(MAX_BYTES as u64).read_to_end(&mut bytes)?;
    if bytes.len() == MAX_BYTES {
        return Err(ReadFault::TooLong);
    }
    let text = str::from_utf8(&bytes).map_err(|_| ReadFault::NotText)?;
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.unwrap_or(text).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &[u8]) -> Result<String, ReadFault> {
        content(text).map(|value| value.expose_secret().to_owned())
    }

    #[test]
    fn a_variable_that_is_empty_counts_as_unset() {
        let environment = Environment::from_iter([("TOKEN", "x"), ("EMPTY", "")]);
        assert_eq!(variable_of("TOKEN", &environment).unwrap().expose_secret(), "x");
        for name in ["EMPTY", "UNSET"] {
            assert!(matches!(variable_of(name, &environment), Err(ReadFault::Unset)), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_read_later_is_the_same_from_every_directory() {
        for path in ["/run/token", "~/token"] {
            assert_eq!(read_later(path).unwrap(), path);
        }
        for path in ["", "token", "./token", "~", "~/", "~user/token"] {
            assert!(matches!(read_later(path), Err(ReadFault::Relative)), "{path}");
        }
    }

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_the_value() {
        for (text, value) in
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), ("a\nb\n", "a\nb"), ("\n", "")]
        {
            assert_eq!(read(text.as_bytes()).unwrap(), value, "{text:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_read_to_its_end() {
        let longest = "x".repeat(limits::CREDENTIAL_BYTES);
        assert_eq!(read(format!("{longest}\r\n").as_bytes()).unwrap(), longest);
        assert!(matches!(content(io::repeat(b'x')), Err(ReadFault::TooLong)));
    }

    #[test]
    fn a_source_is_told_by_its_first_letters() {
        assert!(matches!(ValueSource::parse("hunter2"), ValueSource::Inline("hunter2")));
        assert!(matches!(ValueSource::parse("a@b"), ValueSource::Inline("a@b")));
        assert!(matches!(ValueSource::parse("@@b"), ValueSource::Inline("@b")));
        assert!(matches!(ValueSource::parse("@key.json"), ValueSource::File("key.json")));
        assert!(matches!(ValueSource::parse("@env:KEY"), ValueSource::Variable("KEY")));
        assert!(matches!(ValueSource::parse("@file:oidc"), ValueSource::File("oidc")));
        assert!(matches!(ValueSource::parse("@a:b"), ValueSource::File("a:b")));
        assert!(matches!(ValueSource::parse("@oidc"), ValueSource::IdToken(None)));
        assert!(matches!(ValueSource::parse("@oidc:"), ValueSource::IdToken(None)));
        assert!(matches!(ValueSource::parse("@oidc:https://a"), ValueSource::IdToken(Some("https://a"))));
        assert!(matches!(ValueSource::parse("@oidc.txt"), ValueSource::File("oidc.txt")));
        assert!(matches!(ValueSource::parse("@command:gh auth token"), ValueSource::Command("gh auth token")));
        assert!(matches!(ValueSource::parse("@command"), ValueSource::File("command")));
        assert!(matches!(ValueSource::parse("@read:/run/token"), ValueSource::Read("/run/token")));
        assert!(matches!(ValueSource::parse("-"), ValueSource::Input));
        assert!(matches!(ValueSource::parse("--"), ValueSource::Inline("--")));
    }
}
