//! What a connector would read on the user's machine, and how much of it flavors would see: the user agrees to both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::flavor::{AuthMethod, Field, FieldKind};
use crate::implicit_sources::ImplicitSource;
use crate::store::{StoredField, StoredKind, StoredValue};
use crate::text::{Escaped, Printable, quoted};

/// How much of a value flavors see; what they see most of comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Printable)]
enum Visibility {
    /// All of it.
    Text,
    /// These members of an object.
    Members(BTreeSet<Escaped>),
    /// Nothing.
    Secret,
}

/// Sources on the user's machine, by how much flavors see of their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Printable)]
pub(crate) struct ImplicitReads(BTreeMap<Visibility, BTreeSet<ImplicitSource>>);

impl ImplicitReads {
    /// The sources of implicit fields.
    pub(super) fn of_stored<'a>(fields: impl IntoIterator<Item = &'a StoredField>) -> Self {
        let mut reads = Self::default();
        for StoredField { kind, public_members, value, .. } in fields {
            if let StoredValue::Implicit(sources) = value {
                reads.add(Visibility::of(*kind == StoredKind::Text, public_members), sources);
            }
        }
        reads
    }

    /// The sources of an implicit method's fields that the user leaves out.
    pub(crate) fn of_method(method: &AuthMethod, is_given: impl Fn(&Field) -> bool) -> Self {
        let mut reads = Self::default();
        for field in method.fields.iter().filter(|field| !is_given(field)) {
            let sources = method.sources_of(field);
            reads.add(Visibility::of(field.kind == FieldKind::Text, &field.public_members), &sources);
        }
        reads
    }

    /// Whether nothing is read.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Programs are left out: each is allowed by its name.
    fn add(&mut self, visibility: Visibility, sources: &[ImplicitSource]) {
        let mut read = sources.iter().filter(|source| source.command().is_none()).cloned().peekable();
        if read.peek().is_some() {
            self.0.entry(visibility).or_default().extend(read);
        }
    }
}

impl Visibility {
    fn of(is_text: bool, public_members: &[String]) -> Self {
        match (is_text, public_members) {
            (true, _) => Self::Text,
            (false, []) => Self::Secret,
            (false, members) => Self::Members(members.iter().map(Escaped::from).collect()),
        }
    }
}

/// For users.
impl fmt::Display for ImplicitReads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (visibility, sources)) in self.0.iter().enumerate() {
            f.write_str(if number == 0 { "" } else { "; " })?;
            match visibility {
                Visibility::Text => f.write_str("as text, which flavors see: ")?,
                Visibility::Members(members) => write!(f, "as a secret of which flavors see {}: ", quoted(members))?,
                Visibility::Secret => f.write_str("as a secret, which flavors don't see: ")?,
            }
            let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
            f.write_str(&sources.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{field, method};
    use super::*;

    fn env(name: &str) -> ImplicitSource {
        ImplicitSource::Env(name.to_owned())
    }

    #[test]
    fn consent_to_read_the_machine_says_what_will_be_readable() {
        let read = |name: &str, kind, source: &str| Field { sources: vec![env(source)], ..field(name, kind) };
        let file =
            Field { public_members: vec!["client_email".to_owned()], ..read("file", FieldKind::SecretJson, "C") };
        let fields = vec![
            read("secret-key", FieldKind::Text, "AWS_SECRET_ACCESS_KEY"),
            read("password", FieldKind::Secret, "B"),
            file,
            read("given", FieldKind::Text, "D"),
        ];
        let mut method = method("aws", "environment", fields);
        assert!(ImplicitReads::of_method(&method, |_| false).is_empty());
        method.implicit = true;
        let reads = ImplicitReads::of_method(&method, |field| field.name.as_str() == "given");
        assert_eq!(
            reads.to_string(),
            "as text, which flavors see: $AWS_SECRET_ACCESS_KEY; as a secret of which flavors see `client_email`: $C; \
             as a secret, which flavors don't see: $B"
        );
        let stored = |field: &Field| StoredField {
            name: field.name.to_string(),
            kind: match field.kind {
                FieldKind::Text => StoredKind::Text,
                FieldKind::Secret => StoredKind::Secret,
                FieldKind::SecretJson => StoredKind::SecretJson,
                FieldKind::SecretIni => StoredKind::SecretIni,
            },
            public_members: field.public_members.clone(),
            value: match field.name.as_str() {
                "given" => StoredValue::Given("x".into()),
                _ => StoredValue::Implicit(field.sources.clone()),
            },
        };
        let fields: Vec<StoredField> = method.fields.iter().map(stored).collect();
        assert_eq!(ImplicitReads::of_stored(&fields), reads);
    }
}
