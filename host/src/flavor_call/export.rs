//! The exports that can be called.

use std::fmt;
use std::str::FromStr;

use crate::text::Printable;

/// An export of the contract, by its name in the WIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Export {
    /// The description, of a flavor with that of its interfaces `cleanup` and `id-tokens`.
    Describe,
    /// Whether a URI is one of the flavor's kind.
    ValidateUri,
    /// What must exist before a push.
    PrepareImagePush,
    /// Credentials for an image or the registry.
    Credentials,
    /// Whose credentials a connector holds.
    Identify,
    /// What a connector can reach.
    ListResources,
    /// A page of the registry's repositories.
    ListRepositories,
    /// A page of a repository's manifests.
    ListTags,
    /// A deletion by digest.
    DeleteManifest,
    /// A deletion by tag.
    DeleteTag,
    /// A new key of the service.
    MakeKey,
    /// A key that the service wrapped.
    UnwrapKey,
    /// A policy's decision.
    Admit,
}

impl Export {
    /// All of them.
    pub(crate) const ALL: [Self; 13] = [
        Self::Describe,
        Self::ValidateUri,
        Self::PrepareImagePush,
        Self::Credentials,
        Self::Identify,
        Self::ListResources,
        Self::ListRepositories,
        Self::ListTags,
        Self::DeleteManifest,
        Self::DeleteTag,
        Self::MakeKey,
        Self::UnwrapKey,
        Self::Admit,
    ];

    /// Its name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::ValidateUri => "validate-uri",
            Self::PrepareImagePush => "prepare-image-push",
            Self::Credentials => "credentials",
            Self::Identify => "identify",
            Self::ListResources => "list-resources",
            Self::ListRepositories => "list-repositories",
            Self::ListTags => "list-tags",
            Self::DeleteManifest => "delete-manifest",
            Self::DeleteTag => "delete-tag",
            Self::MakeKey => "make-key",
            Self::UnwrapKey => "unwrap-key",
            Self::Admit => "admit",
        }
    }

    /// The optional interface that it belongs to, if it does.
    #[must_use]
    pub(crate) fn optional_interface(self) -> Option<&'static str> {
        match self {
            Self::Identify => Some("identity"),
            Self::ListResources => Some("resources"),
            Self::ListRepositories | Self::ListTags | Self::DeleteManifest | Self::DeleteTag => Some("cleanup"),
            Self::MakeKey | Self::UnwrapKey => Some("key-wrapping"),
            _ => None,
        }
    }
}

/// Words of the contract.
impl Printable for Export {}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Export {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // As authors write it in code of some languages, too.
        let name = text.replace('_', "-");
        let found = Self::ALL.into_iter().find(|export| export.name() == name);
        found.ok_or_else(|| format!("expected one of {}", crate::text::quoted(Self::ALL)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_found_by_the_name_that_an_author_knows() {
        for export in Export::ALL {
            assert_eq!(export.name().parse(), Ok(export));
            assert_eq!(serde_json::to_value(export).unwrap(), export.name());
        }
        assert_eq!("validate_uri".parse(), Ok(Export::ValidateUri));
        assert!("push".parse::<Export>().unwrap_err().contains("`prepare-image-push`"));
    }
}
