//! The fields of a connector, and their encoding before they are sealed.

use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::put::Difference;
use crate::implicit_sources::ImplicitSource;

/// A stored field of a connector. Without `Debug`: its value may be a secret.
#[derive(Clone)]
pub(crate) struct StoredField {
    /// Its name.
    pub(crate) name: String,
    /// The kind of its value.
    pub(crate) kind: StoredKind,
    /// Members of a JSON object that are not secret; empty for other kinds.
    pub(crate) public_members: Vec<String>,
    /// Its value, or the places from which it is read at use. Text is held like a secret, since it is sealed with them.
    pub(crate) value: StoredValue,
}

/// The value of a stored field.
#[derive(Clone)]
pub(crate) enum StoredValue {
    /// A value that the user gave.
    Given(SecretString),
    /// The value of the first of these sources that exists, which the user allowed to read.
    Implicit(Vec<ImplicitSource>),
}

impl StoredField {
    /// Where its value is from, if it is not stored.
    pub(crate) fn sources(&self) -> &[ImplicitSource] {
        match &self.value {
            StoredValue::Given(_) => &[],
            StoredValue::Implicit(sources) => sources,
        }
    }
}

impl StoredValue {
    /// The suffix of the written kind, and the written value.
    fn parts(&self) -> (&'static str, SecretString) {
        match self {
            Self::Given(value) => ("", value.clone()),
            // Strings alone, which JSON can always write.
            Self::Implicit(sources) => (SOUGHT, serde_json::to_string(sources).unwrap_or_default().into()),
        }
    }
}

/// Suffix of the written kind of a field whose value is not stored.
const SOUGHT: &str = " sought";

/// The kind of a stored field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StoredKind {
    /// Text that is not secret.
    Text,
    /// A secret.
    Secret,
    /// A secret JSON object, some members of which may be public.
    SecretJson,
    /// A secret file of sections, some members of which may be public.
    SecretIni,
}

impl StoredKind {
    /// The kind in one word.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Secret => "secret",
            Self::SecretJson => "secret-json",
            Self::SecretIni => "secret-ini",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Text, Self::Secret, Self::SecretJson, Self::SecretIni].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// In what a given field differs from the stored one of its name; of secrets, only that they do.
pub(super) fn difference(name: &str, stored: Option<&StoredField>, given: Option<&StoredField>) -> Option<Difference> {
    let part = format!("field `{name}`");
    let is_secret =
        |field: &&StoredField| field.kind != StoredKind::Text && matches!(field.value, StoredValue::Given(_));
    let written = |field: Option<&StoredField>| field.map(|field| write(std::slice::from_ref(field)));
    if stored.iter().chain(&given).any(is_secret) {
        return (written(stored) != written(given)).then(|| Difference::secret(&part));
    }
    let shown = |field: Option<&StoredField>| field.map(StoredField::shown);
    Difference::of(&part, shown(stored).as_deref(), shown(given).as_deref())
}

impl StoredField {
    /// Its value, which is no secret, or its sources.
    fn shown(&self) -> String {
        match &self.value {
            StoredValue::Given(value) => value.expose_secret().to_owned(),
            StoredValue::Implicit(sources) => sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Encodes fields. Each has its name, its kind, its value (or its sources in JSON), the number of its public members
/// and their names. A text is preceded by its length in bytes; a number has 32 bits, little-endian.
///
/// Not JSON: its parser leaves unescaped copies of secrets in memory.
pub(super) fn write(fields: &[StoredField]) -> Zeroizing<Vec<u8>> {
    let written: Vec<_> = fields.iter().map(|field| (field, field.value.parts())).collect();
    let texts = |(field, (sought, value)): &(&StoredField, (&str, SecretString))| {
        let [name, kind, value] = [&*field.name, field.kind.as_str(), value.expose_secret()].map(str::len);
        name + kind + sought.len() + value + field.public_members.iter().map(String::len).sum::<usize>()
    };
    let numbers = |field: &StoredField| 4 + field.public_members.len();
    // Allocated at once: a vector that grows is copied, and the old bytes stay in memory.
    let length = written.iter().map(|field| texts(field) + 4 * numbers(field.0)).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    for (StoredField { name, kind, public_members, .. }, (sought, value)) in &written {
        for text in [name, &format!("{}{sought}", kind.as_str()), value.expose_secret()] {
            write_text(&mut bytes, text);
        }
        bytes.extend(number(public_members.len()));
        for member in public_members {
            write_text(&mut bytes, member);
        }
    }
    bytes
}

/// Decodes the bytes of [`write`]; `None` for any others.
pub(super) fn read(mut bytes: &[u8]) -> Option<Vec<StoredField>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let name = read_text(&mut bytes)?.to_owned();
        let word = read_text(&mut bytes)?;
        let sought = word.strip_suffix(SOUGHT);
        let kind = StoredKind::parse(sought.unwrap_or(word))?;
        let value = read_text(&mut bytes)?;
        let value = match sought {
            Some(_) => StoredValue::Implicit(serde_json::from_str(value).ok()?),
            None => StoredValue::Given(value.into()),
        };
        let count = read_number(&mut bytes)?;
        let public_members = (0..count).map(|_| Some(read_text(&mut bytes)?.to_owned())).collect::<Option<_>>()?;
        fields.push(StoredField { name, kind, public_members, value });
    }
    Some(fields)
}

fn write_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(number(text.len()));
    bytes.extend(text.as_bytes());
}

/// Far below 2^32: values and names are limited to some KiB at input.
fn number(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = read_number(bytes)?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    str::from_utf8(text).ok()
}

fn read_number(bytes: &mut &[u8]) -> Option<usize> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Vec<StoredField> {
        let field = |name: &str, kind, members: &[&str], value: &str| StoredField {
            name: name.to_owned(),
            kind,
            public_members: members.iter().map(|&member| member.to_owned()).collect(),
            value: StoredValue::Given(value.into()),
        };
        let sources = vec![ImplicitSource::Env("A".to_owned()), ImplicitSource::File("~/b".to_owned())];
        vec![
            field("username", StoredKind::Text, &[], "älice"),
            field("password", StoredKind::Secret, &[], "line\nline\0"),
            field("key", StoredKind::SecretJson, &["client_email", "project"], "{}"),
            StoredField {
                value: StoredValue::Implicit(sources),
                ..field("config", StoredKind::SecretIni, &["region"], "")
            },
        ]
    }

    #[test]
    fn written_fields_are_read_again() {
        let bytes = write(&fields());
        assert_eq!(bytes.len(), bytes.capacity(), "it grew");
        let read = read(&bytes).unwrap();
        assert_eq!(read.len(), 4);
        for (read, written) in read.iter().zip(fields()) {
            assert_eq!((&read.name, read.kind), (&written.name, written.kind));
            assert_eq!(read.public_members, written.public_members);
            assert_eq!(read.value.parts().0, written.value.parts().0);
            assert_eq!(read.value.parts().1.expose_secret(), written.value.parts().1.expose_secret());
        }
        assert!(super::read(b"").unwrap().is_empty());
    }

    #[test]
    fn truncated_fields_are_not_read() {
        let bytes = write(&fields());
        let ends: Vec<usize> = (0..=4).map(|count| write(&fields()[..count]).len()).collect();
        for length in 0..=bytes.len() {
            assert_eq!(read(&bytes[..length]).is_some(), ends.contains(&length), "{length}");
        }
    }
}
