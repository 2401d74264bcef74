//! The answer of a call, as it may be shown: a password stands as a placeholder.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;

use crate::flavor::{
    AcceptedUri, Decision, Deletion, Description, FlavorCredential, ListedManifest, Page, PolicyDescription, Prepared,
    Referrers, UploadProfile, WrappedKey,
};
use crate::image::{RegistryUri, Repository};
use crate::text::Escaped;

/// The answer of a call.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum Answer {
    /// A flavor's description.
    Description(Box<Description>),
    /// A policy's description.
    Policy(Box<PolicyDescription>),
    /// Of `validate-uri`.
    Uri {
        /// The canonical form.
        uri: String,
        /// Doubts that the user is shown.
        warnings: Vec<String>,
    },
    /// Of `prepare-image-push`.
    Prepared {
        /// How the registry takes uploads.
        profile: Profile,
        /// Notes for the user.
        notes: Vec<String>,
    },
    /// Of `credentials`.
    Credential(Credential),
    /// Of `identify`.
    Identity {
        /// Whose credentials the connector holds.
        identity: String,
    },
    /// Of `list-resources`.
    Resources {
        /// URIs of registries.
        resources: Vec<String>,
    },
    /// Of `list-repositories`.
    Repositories {
        /// Paths below the registry's host.
        repositories: Vec<String>,
        /// What gives the next page.
        next: Option<String>,
        /// Names that are none, which crhost leaves out.
        left_out: Vec<Escaped>,
    },
    /// Of `list-tags`.
    Manifests {
        /// The manifests.
        manifests: Vec<Manifest>,
        /// What gives the next page.
        next: Option<String>,
        /// Names that are none, which crhost leaves out.
        left_out: Vec<Escaped>,
    },
    /// Of `delete-manifest` and `delete-tag`.
    Deleted {
        /// Always true: what is not deleted is a failure.
        deleted: bool,
    },
    /// Of `make-key`. The key itself is nobody's to see.
    WrappedKey {
        /// What gives the key again, together with the service's own.
        wrapped: String,
        /// The service's key.
        by: String,
    },
    /// Of `unwrap-key`.
    Unwrapped {
        /// Always true: what is not unwrapped is a failure.
        unwrapped: bool,
    },
    /// Of `admit`.
    Decision {
        /// What the policy says.
        decision: &'static str,
        /// Its messages.
        messages: Vec<Escaped>,
    },
}

/// How a registry takes uploads.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    /// The most bytes of a chunk; absent where a blob is one request.
    chunk: Option<u64>,
    /// Whether blobs may be mounted.
    mount: bool,
    /// Whether layers compressed with zstd are accepted.
    zstd: bool,
    /// The most bytes of one request.
    largest_request: Option<u64>,
    /// The most bytes of one layer.
    largest_layer: Option<u64>,
    /// Whether the registry says how much of an upload has arrived.
    range: bool,
    /// Where the list of a manifest's referrers is.
    referrers: &'static str,
    /// How manifests are deleted.
    deletion: &'static str,
}

/// Credentials.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "credential", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub(crate) enum Credential {
    /// None.
    Anonymous,
    /// Those of Docker's configuration.
    DockerConfig,
    /// A user name and a password.
    Basic {
        /// The user name.
        username: String,
        /// `${FIELD}` for the secret of a field, `${issued}` for one that a service gave.
        password: String,
        /// Unix time in seconds after which they no longer work.
        expires_at: Option<u64>,
        /// Whether they open every repository of the registry.
        whole_registry: bool,
    },
}

/// A manifest of a list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Manifest {
    /// Its digest.
    digest: Option<String>,
    /// Its tags.
    tags: Vec<String>,
    /// Bytes of it and of all that it names.
    size: Option<u64>,
    /// Unix time in seconds at which it was pushed.
    pushed_at: Option<u64>,
}

impl Answer {
    /// Credentials; `fields` are those of the connector, by whose names their values are shown.
    pub(super) fn credential(given: &FlavorCredential, fields: &BTreeMap<String, SecretString>) -> Self {
        Self::Credential(match given {
            FlavorCredential::Anonymous => Credential::Anonymous,
            FlavorCredential::DockerConfig => Credential::DockerConfig,
            FlavorCredential::Basic { username, password, expires_at, whole_registry } => {
                let is_it = |(_, value): &(&String, &SecretString)| value.expose_secret() == password.expose_secret();
                let field = fields.iter().find(is_it).map_or("issued", |(name, _)| name.as_str());
                let (username, password) = (username.clone(), format!("${{{field}}}"));
                let (expires_at, whole_registry) = (*expires_at, *whole_registry);
                Credential::Basic { username, password, expires_at, whole_registry }
            }
        })
    }

    /// The registries that a connector reaches.
    pub(super) fn resources(uris: &[RegistryUri]) -> Self {
        Self::Resources { resources: uris.iter().map(ToString::to_string).collect() }
    }
}

impl From<AcceptedUri> for Answer {
    fn from(AcceptedUri { uri, warnings }: AcceptedUri) -> Self {
        Self::Uri { uri: uri.to_string(), warnings }
    }
}

impl From<Prepared> for Answer {
    fn from(Prepared { profile, notes }: Prepared) -> Self {
        let UploadProfile { chunk, mount, zstd, largest_request, largest_layer, range, referrers, deletion } = profile;
        let referrers = match referrers {
            Referrers::Unknown => "unknown",
            Referrers::Api => "api",
            Referrers::Tag => "tag",
        };
        let deletion = match deletion {
            Deletion::Unknown => "unknown",
            Deletion::Unsupported => "unsupported",
            Deletion::ByDigest => "by-digest",
            Deletion::ByTag => "by-tag",
        };
        let profile = Profile { chunk, mount, zstd, largest_request, largest_layer, range, referrers, deletion };
        Self::Prepared { profile, notes }
    }
}

impl From<Page<Repository>> for Answer {
    fn from(Page { entries, next, left_out }: Page<Repository>) -> Self {
        Self::Repositories { repositories: entries.iter().map(ToString::to_string).collect(), next, left_out }
    }
}

impl From<Page<ListedManifest>> for Answer {
    fn from(Page { entries, next, left_out }: Page<ListedManifest>) -> Self {
        let shown = |ListedManifest { digest, tags, size, pushed_at }: ListedManifest| Manifest {
            digest: digest.map(|digest| digest.to_string()),
            tags: tags.iter().map(ToString::to_string).collect(),
            size,
            pushed_at,
        };
        Self::Manifests { manifests: entries.into_iter().map(shown).collect(), next, left_out }
    }
}

impl From<WrappedKey> for Answer {
    fn from(WrappedKey { wrapped, by, .. }: WrappedKey) -> Self {
        Self::WrappedKey { wrapped, by }
    }
}

impl From<Decision> for Answer {
    fn from(decision: Decision) -> Self {
        let (decision, messages) = match decision {
            Decision::Allow => ("allow", Vec::new()),
            Decision::Warn(messages) => ("warn", messages),
            Decision::Deny(messages) => ("deny", messages),
        };
        Self::Decision { decision, messages }
    }
}
