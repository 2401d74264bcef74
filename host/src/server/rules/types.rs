//! What a file of rules has.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::flavor::Purpose;
use crate::patterns::Pattern;
use crate::store::Name;

/// What a file has.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// Whose tokens are accepted.
    pub(crate) issuers: Vec<IssuerSpec>,
    /// Whose certificates are accepted.
    pub(crate) authorities: Vec<AuthoritySpec>,
    /// The rules, each of which allows something.
    pub(crate) rules: Vec<Rule>,
}

/// What a certificate says of its owner, as claims: the texts of its subject (X.520), and its other names (RFC 5280,
/// section 4.2.1.6). Each is a list.
pub(crate) const CERTIFICATE_CLAIMS: [&str; 6] =
    ["common-name", "organization", "organizational-unit", "dns", "uri", "email"];

impl Rules {
    /// The names by which rules refer to issuers.
    pub(crate) fn issuer_names(&self) -> impl Iterator<Item = &Name> {
        let of_tokens = self.issuers.iter().map(|issuer| &issuer.name);
        of_tokens.chain(self.authorities.iter().map(|authority| &authority.name))
    }
}

/// An issuer of id tokens (OpenID Connect Core 1.0).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct IssuerSpec {
    /// The name by which rules refer to it.
    pub(crate) name: Name,
    /// Its URL, as its tokens have it.
    pub(crate) url: String,
    /// Whom its tokens have to be for.
    pub(crate) audience: String,
    /// A file with its keys (RFC 7517), where it can't be asked for them.
    pub(crate) keys_file: Option<PathBuf>,
    /// A file with the authority that proves it, besides the platform's.
    pub(crate) authority_file: Option<PathBuf>,
}

/// An authority whose certificates are accepted from clients (RFC 8446, section 4.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuthoritySpec {
    /// The name by which rules refer to it.
    pub(crate) name: Name,
    /// A file with its own certificate, or several, in PEM.
    pub(crate) ca_file: PathBuf,
}

/// A rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Rule {
    /// Its name, for the records of what was allowed.
    pub(crate) name: Name,
    /// The issuer of the caller's token.
    pub(crate) issuer: Name,
    /// Claims of the token, each with the patterns of which one has to match. A name that begins with `/` is a JSON
    /// pointer (RFC 6901) to a claim within others.
    pub(crate) claims: BTreeMap<String, OneOrMore>,
    /// What it allows.
    pub(crate) allow: BTreeSet<Operation>,
    /// Names of the registries that it is about.
    pub(crate) registries: OneOrMore,
    /// Repositories there, as names of images have them after the host. `**` alone is the whole registry, too.
    pub(crate) repositories: OneOrMore,
    /// Whether credentials may be handed out that have no known end, such as a stored password.
    #[serde(default)]
    pub(crate) long_lived: bool,
}

/// One pattern, or a list.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMore(Vec<Pattern>);

/// What a caller wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Operation {
    /// To read images.
    Pull,
    /// To write images, and read what is there already.
    Push,
    /// To delete, and read what is there.
    Delete,
}

impl OneOrMore {
    /// The patterns.
    pub(crate) fn patterns(&self) -> &[Pattern] {
        &self.0
    }

    /// Whether one of them matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.patterns().iter().any(|pattern| pattern.matches(text))
    }
}

/// Not derived: an untagged enum says nothing of what is wrong.
impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Patterns)
    }
}

/// Reads one pattern, or a list.
struct Patterns;

impl<'de> Visitor<'de> for Patterns {
    type Value = OneOrMore;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pattern or a list of patterns")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMore, E> {
        let pattern = Pattern::try_from(text.to_owned()).map_err(E::custom)?;
        Ok(OneOrMore(vec![pattern]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore, A::Error> {
        let mut patterns = Vec::new();
        while let Some(pattern) = list.next_element()? {
            patterns.push(pattern);
        }
        Ok(OneOrMore(patterns))
    }
}

impl Operation {
    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Delete => "delete",
        }
    }

    /// The purpose that a flavor is told.
    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::Pull => Purpose::Pull,
            Self::Push => Purpose::Push,
            Self::Delete => Purpose::Delete,
        }
    }
}

impl std::str::FromStr for Operation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Pull, Self::Push, Self::Delete];
        known.into_iter().find(|known| known.as_str() == text).ok_or("expected `pull`, `push` or `delete`")
    }
}

/// It is one of three words.
impl crate::text::Printable for Operation {}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
