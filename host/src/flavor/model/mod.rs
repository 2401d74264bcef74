//! The data that flavors and the host exchange, in the host's own types, whatever the version of the contract.

mod cleanup;
mod description;
mod id_token;
mod metadata;
mod policy;
mod profile;
mod service_key;
mod uses;

use std::time::Duration;

use secrecy::SecretString;

pub(crate) use cleanup::{Deleted, ListedManifest, Page};
pub(crate) use description::{
    AuthMethod, Description, Field, FieldKind, OptionKind, OptionSpec, RequestedHost, cleanup_operation_name,
    needs_acceptance,
};
pub(crate) use id_token::{IdentityClaims, Instruction};
pub(crate) use metadata::MetadataHost;
pub(crate) use policy::{
    Action, BaseImage, Decision, Evidence, HistoryEntry, ImageEvidence, LayerEvidence, PolicyDescription, Removal,
    SignatureEvidence, Subject,
};
pub(crate) use profile::{Deletion, Referrers, UploadProfile};
pub(crate) use service_key::{ServiceKey, WrappedKey};
pub(crate) use uses::SecretUses;

use super::secrets::Secret;
use crate::grant::Grant;
use crate::image::{Reference, RegistryUri};
pub(crate) use crate::implicit_sources::ImplicitSource;
use crate::text::{Escaped, Printable};

/// A URI that a flavor accepts.
#[derive(Debug, Clone)]
pub(crate) struct AcceptedUri {
    /// Its canonical form.
    pub(crate) uri: RegistryUri,
    /// Doubts that the user is shown.
    pub(crate) warnings: Vec<String>,
}

/// A registry as a flavor sees it.
#[derive(Debug, Clone)]
pub(crate) struct RegistryView {
    /// The user's name for it.
    pub(crate) name: String,
    /// Its canonical URI.
    pub(crate) uri: RegistryUri,
    /// Values of the flavor's options.
    pub(crate) options: Vec<(String, String)>,
    /// The user's grants for this registry alone. The flavor does not see them.
    pub(crate) grants: Vec<Grant>,
}

/// A connector as a flavor sees it. Without `Debug`, as every type that holds a secret.
#[derive(Clone)]
pub(crate) struct ConnectorView {
    /// The connector's type, which its auth method belongs to.
    pub(crate) connector_type: String,
    /// The name of its auth method.
    pub(crate) method: String,
    /// Values by the names of the method's fields.
    pub(crate) fields: Vec<(String, FieldValue)>,
    /// What its secrets may be used for. The flavor does not see it.
    pub(crate) uses: SecretUses,
}

/// The value of a connector's field.
#[derive(Clone)]
pub(crate) enum FieldValue {
    /// Text that the flavor may read.
    Text(String),
    /// A secret that it may use.
    Secret(Secret),
}

/// An image as a flavor sees it.
pub(crate) type ImageView = Reference;

/// The context of a call about a push.
#[derive(Clone, Copy)]
pub(crate) struct PushContext<'a> {
    /// The registry.
    pub(crate) registry: &'a RegistryView,
    /// The connector that the user attached to the registry, if one is.
    pub(crate) connector: Option<&'a ConnectorView>,
    /// The image.
    pub(crate) image: &'a ImageView,
}

/// What credentials are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Purpose {
    /// To read images: all that a cluster does with them.
    Pull,
    /// To write images, and read what is there already.
    Push,
    /// To delete images and tags, and read what is there.
    Delete,
    /// To list repositories and tags.
    Listing,
}

/// The context of a call for credentials.
#[derive(Clone, Copy)]
pub(crate) struct CredentialContext<'a> {
    /// The registry.
    pub(crate) registry: &'a RegistryView,
    /// The connector that the user attached to the registry, if one is.
    pub(crate) connector: Option<&'a ConnectorView>,
    /// What they are for.
    pub(crate) purpose: Purpose,
    /// The image whose repository they are for; without one, they are for the whole registry.
    pub(crate) image: Option<&'a ImageView>,
}

/// The context of a call about a connector alone.
#[derive(Clone, Copy)]
pub(crate) struct ConnectorContext<'a> {
    /// The connector.
    pub(crate) connector: &'a ConnectorView,
    /// Values of the flavor's options, those without a value being left out.
    pub(crate) options: &'a [(String, String)],
}

/// The context of a call about a registry and no image: one that lists, deletes or wraps a key.
#[derive(Clone, Copy)]
pub(crate) struct RegistryContext<'a> {
    /// The registry.
    pub(crate) registry: &'a RegistryView,
    /// The connector that the user attached to the registry, if one is.
    pub(crate) connector: Option<&'a ConnectorView>,
}

/// The answer of `prepare-image-push`.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// How the registry takes uploads.
    pub(crate) profile: UploadProfile,
    /// Notes for the user.
    pub(crate) notes: Vec<String>,
}

/// The answer of `credentials`. Without `Debug`, as every type that holds a secret.
pub(crate) enum FlavorCredential {
    /// No credentials: the registry is open to all.
    Anonymous,
    /// The credentials of Docker's own configuration for the registry's host.
    DockerConfig,
    /// A user name and a password.
    Basic {
        /// The user name.
        username: String,
        /// The password.
        password: SecretString,
        /// Unix time in seconds after which they no longer work.
        expires_at: Option<u64>,
        /// Whether they open every repository of the registry.
        whole_registry: bool,
    },
}

/// A failure that a flavor reports.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct Failure {
    /// The kind of failure.
    pub(crate) kind: FailureKind,
    /// One line for the user.
    pub(crate) message: Escaped,
    /// The user's next step.
    pub(crate) hint: Option<Escaped>,
    /// The time after which a retry may help.
    pub(crate) retry_after: Option<Duration>,
}

/// The contract's kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Printable)]
pub(crate) enum FailureKind {
    /// A value of the user is wrong.
    InvalidInput,
    /// Credentials are missing or wrong.
    Unauthenticated,
    /// Credentials are right and not allowed to do this.
    Denied,
    /// Something that must exist is missing.
    NotFound,
    /// Something that exists, or changes at the same time, is in the way.
    Conflict,
    /// A service has had too many requests.
    RateLimited,
    /// A service did not answer.
    Unavailable,
    /// The flavor cannot do this.
    Unsupported,
    /// Anything else.
    Other,
}

/// Its name in the contract.
impl std::fmt::Display for FailureKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::InvalidInput => "invalid-input",
            Self::Unauthenticated => "unauthenticated",
            Self::Denied => "denied",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::Unsupported => "unsupported",
            Self::Other => "other",
        })
    }
}
