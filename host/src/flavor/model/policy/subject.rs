//! What is about to happen, and to what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::image::{Digest, Host, Reference};
use crate::text::Printable;

/// What a user is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    /// To write an image from this machine to a registry.
    Push,
    /// To write an image from a registry to another repository.
    Copy,
    /// To delete images or tags.
    Delete,
}

impl Action {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Push, Self::Copy, Self::Delete];

    /// The word that users write.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Copy => "copy",
            Self::Delete => "delete",
        }
    }

    /// What is done, for "a policy is against … it".
    #[must_use]
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Self::Push => "pushing",
            Self::Copy => "copying",
            Self::Delete => "deleting",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One of three words.
impl Printable for Action {}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|action| action.word() == text);
        found.ok_or_else(|| "expected `push`, `copy` or `delete`".to_owned())
    }
}

/// What is about to happen, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Subject {
    /// What the user is about to do.
    pub(crate) action: Action,
    /// The whole reference; for a deletion in several repositories the host.
    pub(crate) reference: String,
    /// The host.
    pub(crate) host: String,
    /// The repository; empty for a deletion in several ones.
    pub(crate) repository: String,
    /// All tags that the image gets, or that go.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// The digest of what is written or deleted, if it is known.
    pub(crate) digest: Option<Digest>,
    /// Its media type, if it is known.
    pub(crate) media_type: Option<String>,
    /// The user's name for the registry, if it is registered.
    pub(crate) registry: Option<String>,
}

impl Subject {
    /// An action on an image. Its tag and digest are those of the reference.
    #[must_use]
    pub(crate) fn new(action: Action, image: &Reference) -> Self {
        Self {
            action,
            reference: image.to_string(),
            host: image.host().to_string(),
            repository: image.repository().to_string(),
            tags: image.tag().map(ToString::to_string).into_iter().collect(),
            digest: image.digest().cloned(),
            media_type: None,
            registry: None,
        }
    }

    /// A deletion in several repositories of a host.
    #[must_use]
    pub(crate) fn deletion(host: &Host) -> Self {
        let host = host.to_string();
        Self {
            action: Action::Delete,
            reference: host.clone(),
            host,
            repository: String::new(),
            tags: Vec::new(),
            digest: None,
            media_type: None,
            registry: None,
        }
    }

    /// The subject with these tags besides those that it has.
    #[must_use]
    pub(crate) fn tags<T: ToString>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        for tag in tags.into_iter().map(|tag| tag.to_string()) {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
        self
    }

    /// The subject with a digest.
    #[must_use]
    pub(crate) fn digest(mut self, digest: &Digest) -> Self {
        self.digest = Some(digest.clone());
        self
    }

    /// The subject with a media type.
    #[must_use]
    pub(crate) fn media_type(mut self, media_type: &str) -> Self {
        self.media_type = Some(media_type.to_owned());
        self
    }
}
