//! Who did something.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::image::Digest;
use crate::text::{Escaped, Printable};

/// Who did something: a caller of a server, by an id token that was verified, or a user of a machine, as the machine
/// says. Neither, where a caller proved nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AuditActor {
    /// The name of the caller's issuer in the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) issuer: Option<Escaped>,
    /// Whom the caller's token is about: the very text of the token, or its beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<AuditSubject>,
    /// The SHA-256 of the whole subject, in lower-case hexadecimal digits, where `subject` is its beginning.
    #[serde(rename = "subjectSha256", skip_serializing_if = "Option::is_none")]
    pub(crate) subject_sha256: Option<String>,
    /// The claims for which the rule allowed it, by their names in the rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) claims: BTreeMap<Escaped, Escaped>,
    /// The user of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Escaped>,
    /// The machine's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<Escaped>,
}

/// Whom a token is about. It is recorded as it is, so that no two look the same, and shown escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub(crate) struct AuditSubject(String);

/// Longest subject that is recorded whole, in characters.
const MAX_RECORDED: usize = 1_000;

/// Longest subject that is shown, in characters.
const MAX_SHOWN: usize = 300;

impl AuditActor {
    /// The same, by a token with this subject.
    pub(crate) fn with_subject(self, subject: &str) -> Self {
        let beginning: String = subject.chars().take(MAX_RECORDED).collect();
        let is_cut = beginning.len() < subject.len();
        Self {
            subject_sha256: is_cut.then(|| Digest::of(subject.as_bytes()).hex().to_owned()),
            subject: (!subject.is_empty()).then_some(AuditSubject(beginning)),
            ..self
        }
    }
}

impl fmt::Display for AuditSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Escaped::new(&self.0, MAX_SHOWN).fmt(f)
    }
}

impl fmt::Display for AuditActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { issuer: Some(issuer), subject, .. } => match subject {
                Some(subject) => write!(f, "{issuer} {subject}"),
                None => write!(f, "{issuer}"),
            },
            Self { user: Some(user), machine: Some(machine), .. } => write!(f, "{user}@{machine}"),
            Self { user: Some(user), .. } => write!(f, "{user}"),
            _ => f.write_str("unknown"),
        }
    }
}

/// It consists of escaped texts.
impl Printable for AuditActor {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_recorded_as_it_is_and_a_long_one_with_its_hash() {
        let recorded = |subject: &str| serde_json::to_value(AuditActor::default().with_subject(subject)).unwrap();
        for subject in [" a", "a ", "a  b", "a\\n", "a\n", "a\u{202e}"] {
            assert_eq!(recorded(subject)["subject"], subject);
            assert!(recorded(subject).get("subjectSha256").is_none());
        }
        let (one, other) = ("s".repeat(1_001), "s".repeat(1_002));
        assert_eq!(recorded(&one)["subject"], recorded(&other)["subject"]);
        assert_ne!(recorded(&one)["subjectSha256"], recorded(&other)["subjectSha256"]);
        let back: AuditActor = serde_json::from_value(recorded("a\u{1b}[2J")).unwrap();
        assert_eq!(back, AuditActor::default().with_subject("a\u{1b}[2J"));
        let shown = AuditActor { issuer: Some("i".into()), ..back }.to_string();
        assert_eq!(shown, "i a\\u{1b}[2J");
    }
}
