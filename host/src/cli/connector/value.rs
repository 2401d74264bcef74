//! Where the value of a field comes from: the command line itself, a file, an environment variable, standard input.

use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{self, Read};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::error::{Fault, FieldError};
use super::words::Words;
use crate::flavor::limits;

/// The value of a field. Without `Debug`: it may be a secret.
pub(super) struct Given {
    /// The value.
    pub(super) value: SecretString,
    /// Whether it stood on the command line, where others can see it.
    pub(super) visible: bool,
}

/// Where a value is.
enum Place<'a> {
    Here(&'a str),
    File(&'a str),
    Variable(&'a str),
    Input,
}

impl<'a> Place<'a> {
    fn parse(text: &'a str) -> Self {
        match text.strip_prefix('@') {
            None if text == "-" => Self::Input,
            None => Self::Here(text),
            Some(rest) if rest.starts_with('@') => Self::Here(rest),
            Some(rest) => rest.strip_prefix("env:").map_or(Self::File(rest), Self::Variable),
        }
    }
}

/// The fields that the words name, with their values. Standard input is read for one of them at most.
pub(super) fn all(words: Words) -> Result<BTreeMap<String, Given>, FieldError> {
    let mut input = Some(io::stdin());
    let mut given = BTreeMap::new();
    for (name, text) in words.fields()? {
        let place = Place::parse(&text);
        let visible = matches!(place, Place::Here(_));
        let value = match place {
            Place::Here(value) => Ok(value.into()),
            Place::File(path) => File::open(path).map_err(Fault::from).and_then(content),
            Place::Variable(variable) => variable_of(variable),
            Place::Input => input.take().ok_or(Fault::InputTwice).and_then(content),
        };
        match value {
            Ok(value) => given.insert(name, Given { value, visible }),
            Err(fault) => return Err(FieldError::Value { name: crate::text::printable(&name, 80), fault }),
        };
    }
    Ok(given)
}

/// The content of a file that a person names.
pub(super) fn file(path: &str) -> Result<Given, Fault> {
    let value = File::open(path).map_err(Fault::from).and_then(content)?;
    Ok(Given { value, visible: false })
}

fn variable_of(name: &str) -> Result<SecretString, Fault> {
    let value = env::var_os(name).ok_or(Fault::Unset)?;
    value.into_string().map(Into::into).map_err(|_| Fault::NotText)
}

/// All that there is to read, without the line break at its end. It stands in one piece of memory, which is wiped.
fn content(source: impl Read) -> Result<SecretString, Fault> {
    // The longest value and its line break, and one more byte to tell what is longer.
    const MOST: usize = limits::CREDENTIAL_BYTES + "\r\n".len() + 1;
    // Never full, so that it never grows and leaves a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
    source.take(MOST as u64).read_to_end(&mut bytes)?;
    if bytes.len() == MOST {
        return Err(Fault::TooLong);
    }
    let text = str::from_utf8(&bytes).map_err(|_| Fault::NotText)?;
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.unwrap_or(text).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn read(text: &[u8]) -> Result<String, Fault> {
        content(text).map(|value| value.expose_secret().to_owned())
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
        assert!(matches!(content(io::repeat(b'x')), Err(Fault::TooLong)));
    }

    #[test]
    fn a_place_is_told_by_its_first_letters() {
        assert!(matches!(Place::parse("hunter2"), Place::Here("hunter2")));
        assert!(matches!(Place::parse("a@b"), Place::Here("a@b")));
        assert!(matches!(Place::parse("@@b"), Place::Here("@b")));
        assert!(matches!(Place::parse("@key.json"), Place::File("key.json")));
        assert!(matches!(Place::parse("@env:KEY"), Place::Variable("KEY")));
        assert!(matches!(Place::parse("-"), Place::Input));
        assert!(matches!(Place::parse("--"), Place::Here("--")));
    }
}
