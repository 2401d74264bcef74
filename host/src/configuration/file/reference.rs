//! The text of a field: a value that is no secret, or the place from which each use reads it.

/// The text of a field, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FieldText<'a> {
    /// A value.
    Literal(&'a str),
    /// An environment variable.
    Env(&'a str),
    /// A file.
    File(&'a str),
    /// An id token of the machine, for an audience or for that of the auth method.
    IdToken(Option<&'a str>),
    /// What a program prints.
    Command(&'a str),
    /// The value that the store has.
    Stored,
    /// A place of no known form.
    Unknown,
}

/// Reads the text of a field, in the forms that fields have on the command line. There, a file may follow `@` alone.
pub(crate) fn read(text: &str) -> FieldText<'_> {
    match text.strip_prefix('@') {
        None => FieldText::Literal(text),
        Some(rest) if rest.starts_with('@') => FieldText::Literal(rest),
        Some("oidc") => FieldText::IdToken(None),
        Some("stored") => FieldText::Stored,
        Some(rest) => match rest.split_once(':') {
            Some((_, "")) | None => FieldText::Unknown,
            Some(("env", name)) if !name.contains('=') => FieldText::Env(name),
            Some(("file" | "read", path)) => FieldText::File(path),
            Some(("oidc", audience)) => FieldText::IdToken(Some(audience)),
            Some(("command", line)) => FieldText::Command(line),
            Some(_) => FieldText::Unknown,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_its_first_letters() {
        for (text, expected) in [
            ("acme", FieldText::Literal("acme")),
            ("a@b", FieldText::Literal("a@b")),
            ("@@b", FieldText::Literal("@b")),
            ("@env:TOKEN", FieldText::Env("TOKEN")),
            ("@file:/run/token", FieldText::File("/run/token")),
            ("@read:/run/token", FieldText::File("/run/token")),
            ("@oidc", FieldText::IdToken(None)),
            ("@oidc:https://a", FieldText::IdToken(Some("https://a"))),
            ("@command:gh auth token", FieldText::Command("gh auth token")),
            ("@stored", FieldText::Stored),
            ("@env:", FieldText::Unknown),
            ("@env:A=b", FieldText::Unknown),
            ("@vault:a", FieldText::Unknown),
            ("@token.txt", FieldText::Unknown),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
