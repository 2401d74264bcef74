//! Image references, `[host/]repository[:tag][@digest]`, as the distribution project's `reference` package defines
//! them.

use std::fmt;
use std::str::FromStr;

use crate::image::digest::{Digest, DigestError};
use crate::image::host::{Host, HostError};
use crate::text::{Escaped, Printable};

/// The path of a repository below its host, such as `acme/train`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Repository(String);

/// A tag, such as `v3`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Tag(String);

/// A whole reference in its normal form: the host is always present, and a familiar name such as `train` is
/// `docker.io/library/train`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Printable)]
pub(crate) struct Reference {
    host: Host,
    repository: Repository,
    tag: Option<Tag>,
    digest: Option<Digest>,
}

/// A text that is not a reference.
#[derive(Debug, Clone, thiserror::Error, Printable)]
pub(crate) enum ReferenceError {
    /// The host before the first `/`.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The path below the host.
    #[error(
        "`{0}` is no repository: expected lower-case letters and digits, single `.`, `_`, `__` or `-` between them, \
         parts joined by `/`, at most 255 characters"
    )]
    Repository(Escaped),
    /// A name that is one in lower case, as registries demand.
    #[error("`{name}` has upper case letters, which no repository has; did you mean `{lower}`?")]
    UpperCase {
        /// The name.
        name: Escaped,
        /// The name in lower case.
        lower: Escaped,
    },
    /// The text after `:`.
    #[error("`{0}` is no tag: expected at most 128 letters, digits, `_`, `.` or `-`, the first a letter, digit or `_`")]
    Tag(Escaped),
    /// The text after `@`.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A digest, or its 64 hexadecimal digits alone, which Docker takes for an image's id.
    #[error("`{0}` is an image's id, expected a name such as `acme/train:v3`")]
    Id(Escaped),
}

/// Longest path without the host, in bytes, as in the `reference` package.
const MAX_REPOSITORY: usize = 255;
/// The namespace of single-component names of the default registry.
const DEFAULT_NAMESPACE: &str = "library";
/// The tag of a reference without tag and digest.
const DEFAULT_TAG: &str = "latest";

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// `[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let mut separators = text.split(|c: char| c.is_ascii() && is_alphanumeric(c as u8)).filter(|s| !s.is_empty());
    text.bytes().next().is_some_and(is_alphanumeric)
        && text.bytes().last().is_some_and(is_alphanumeric)
        && separators.all(|s| matches!(s, "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

impl Repository {
    /// The path as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component, the image's own name.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether it is this path or lies below it, by whole components: `p-evil/x` does not lie below `p`.
    #[must_use]
    pub(crate) fn is_within(&self, path: &str) -> bool {
        self.0.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// This repository below a path, which may be empty.
    ///
    /// # Errors
    /// When the whole is too long, or `path` is no repository path.
    pub(crate) fn below(&self, path: &str) -> Result<Self, ReferenceError> {
        if path.is_empty() { Ok(self.clone()) } else { format!("{path}/{self}").parse() }
    }
}

impl FromStr for Repository {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.len() <= MAX_REPOSITORY && text.split('/').all(is_component) {
            return Ok(Self(text.to_owned()));
        }
        let lower = text.to_ascii_lowercase();
        if lower != text && lower.len() <= MAX_REPOSITORY && lower.split('/').all(is_component) {
            return Err(ReferenceError::UpperCase { name: text.into(), lower: lower.into() });
        }
        Err(ReferenceError::Repository(Escaped::new(text, MAX_REPOSITORY)))
    }
}

/// Letters, digits, `.`, `_`, `-` and `/`.
impl Printable for Repository {}
impl Printable for Tag {}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tag {
    /// Longest tag in characters and bytes (distribution specification, "Pulling manifests"), as in the `reference`
    /// package.
    pub(crate) const MAX: usize = 128;

    /// The tag as text.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag that is derived from a digest, `sha256-<hex>` and an end such as `.sig`: names of what belongs to the
    /// content with that digest. `end` holds only characters that tags may have, and is short.
    #[must_use]
    pub(crate) fn of_digest(digest: &Digest, end: &str) -> Self {
        Self(format!("{}{end}", digest.as_str().replace(':', "-")))
    }

    /// The tag of references that name neither tag nor digest.
    #[must_use]
    pub(crate) fn latest() -> Self {
        Self(DEFAULT_TAG.to_owned())
    }
}

impl FromStr for Tag {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let valid = text.len() <= Self::MAX
            && text.bytes().next().is_some_and(word)
            && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'));
        if valid { Ok(Self(text.to_owned())) } else { Err(ReferenceError::Tag(Escaped::new(text, Self::MAX))) }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Reference {
    /// A reference of valid parts.
    #[must_use]
    pub(crate) fn new(host: Host, repository: Repository, tag: Option<Tag>, digest: Option<Digest>) -> Self {
        Self { host, repository, tag, digest }
    }

    /// The registry's host.
    #[must_use]
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// The repository below the host.
    #[must_use]
    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tag, if present.
    #[must_use]
    pub(crate) fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// The digest, if present.
    #[must_use]
    pub(crate) fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// `host/repository`, without tag and digest.
    #[must_use]
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// The repository as users call it: without the namespace that the default registry implies.
    #[must_use]
    pub(crate) fn familiar_repository(&self) -> Repository {
        let short = self.repository.as_str().strip_prefix(DEFAULT_NAMESPACE).and_then(|rest| rest.strip_prefix('/'));
        let short = short.filter(|rest| self.host.is_default_registry() && !rest.contains('/'));
        short.and_then(|short| short.parse().ok()).unwrap_or_else(|| self.repository.clone())
    }

    /// The name as users call it, without tag and digest: without the host of the default registry.
    #[must_use]
    pub(crate) fn familiar(&self) -> String {
        match self.host.is_default_registry() {
            true => self.familiar_repository().to_string(),
            false => self.name(),
        }
    }

    /// Whether `text` has a host, so that the default registry is not implied.
    #[must_use]
    pub(crate) fn names_host(text: &str) -> bool {
        text.split_once('/').is_some_and(|(first, _)| Host::looks_like_host(first))
    }
}

/// Splits `name[:tag][@digest]`; the colon of a port does not count, since a `/` follows it.
fn split(text: &str) -> Result<(&str, Option<Tag>, Option<Digest>), ReferenceError> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest.parse()?)),
        None => (text, None),
    };
    match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => Ok((name, Some(tag.parse()?), digest)),
        _ => Ok((rest, None, digest)),
    }
}

/// The error of a reference's repository: one about upper case shows the whole text, in which the tag stays as it is.
fn in_lower_case(text: &str, name: &str, error: ReferenceError) -> ReferenceError {
    match (error, text.strip_prefix(name)) {
        (ReferenceError::UpperCase { .. }, Some(rest)) => {
            let lower = format!("{}{rest}", name.to_ascii_lowercase());
            ReferenceError::UpperCase { name: text.into(), lower: lower.into() }
        }
        (error, _) => error,
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if Digest::from_hex(text).is_ok() || text.parse::<Digest>().is_ok() {
            return Err(ReferenceError::Id(text.into()));
        }
        let (name, tag, digest) = split(text)?;
        let whole = |error| in_lower_case(text, name, error);
        let (host, path) = match name.split_once('/') {
            Some((first, path)) if Host::looks_like_host(first) => (first.parse()?, path),
            _ => (Host::default_registry(), name),
        };
        let repository = if host.is_default_registry() && !path.contains('/') {
            path.parse::<Repository>().map_err(whole)?.below(DEFAULT_NAMESPACE)?
        } else {
            path.parse().map_err(whole)?
        };
        Ok(Self { host, repository, tag, digest })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
