//! The data that flavors and the host exchange, in the host's own types, whatever the version of the contract.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::kebab_name::{FlavorName, KebabName};
use super::secrets::Secret;
use crate::grant::{Grant, HostPattern};
use crate::image::{Reference, RegistryUri};
pub(crate) use crate::implicit_sources::ImplicitSource;
use crate::text::{Escaped, Printable};

/// The answer of `describe`. All texts are bounded, of one line, and safe to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Description {
    /// Its name.
    pub(crate) name: FlavorName,
    /// Its own version, not the contract's.
    pub(crate) version: semver::Version,
    /// Its purpose, in one line.
    pub(crate) summary: String,
    /// Where to read more: an `https` URL.
    pub(crate) documentation: Option<String>,
    /// URIs of registries of this kind; at least one.
    pub(crate) uri_examples: Vec<String>,
    /// Options that a registry of this kind may be given; their names differ.
    pub(crate) options: Vec<OptionSpec>,
    /// Ways to authenticate; they differ in connector type or name.
    pub(crate) auth_methods: Vec<AuthMethod>,
    /// Hosts that it requests to reach without any secret.
    pub(crate) hosts: Vec<HostPattern>,
}

impl Description {
    /// Every host that it requests, with the auth methods whose secrets would be sent there; each host once.
    #[must_use]
    pub(crate) fn requested_hosts(&self) -> Vec<RequestedHost<'_>> {
        let plain = self.hosts.iter().map(|pattern| (pattern, None));
        let with_secrets =
            self.auth_methods.iter().flat_map(|method| method.hosts.iter().map(move |pattern| (pattern, Some(method))));
        let mut requested: Vec<RequestedHost<'_>> = Vec::new();
        for (pattern, method) in plain.chain(with_secrets) {
            match requested.iter_mut().find(|host| host.pattern == pattern) {
                Some(host) => host.methods.extend(method),
                None => requested.push(RequestedHost { pattern, methods: method.into_iter().collect() }),
            }
        }
        requested
    }

    /// The auth method of a connector's type and method.
    #[must_use]
    pub(crate) fn auth_method(&self, connector_type: &str, name: &str) -> Option<&AuthMethod> {
        self.auth_methods
            .iter()
            .find(|method| (method.connector_type.as_str(), method.name.as_str()) == (connector_type, name))
    }
}

/// A host that a flavor requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestedHost<'a> {
    /// The pattern of the host, as it is shown and granted.
    pub(crate) pattern: &'a HostPattern,
    /// The auth methods whose secrets would be sent there.
    pub(crate) methods: Vec<&'a AuthMethod>,
}

/// An option of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OptionSpec {
    /// Its name.
    pub(crate) name: KebabName,
    /// Its effect, in one line.
    pub(crate) summary: String,
    /// Its value where the user gives none.
    pub(crate) default: Option<String>,
    /// Whether the user must give it.
    pub(crate) required: bool,
}

/// A way to authenticate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AuthMethod {
    /// The type of connector that it belongs to.
    pub(crate) connector_type: KebabName,
    /// Its name.
    pub(crate) name: KebabName,
    /// An explanation, in one line.
    pub(crate) summary: String,
    /// The values that make a connector; their names differ.
    pub(crate) fields: Vec<Field>,
    /// Whether fields that the user left out are read from their sources, for every call.
    #[serde(default)]
    pub(crate) implicit: bool,
    /// Hosts that it requests to send its secrets to.
    pub(crate) hosts: Vec<HostPattern>,
}

/// `TYPE/NAME`, as users read and write it.
impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.connector_type, self.name)
    }
}

/// One field of an auth method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: KebabName,
    /// An explanation, in one line.
    pub(crate) summary: String,
    /// Text, or a secret, or a secret JSON object.
    pub(crate) kind: FieldKind,
    /// Whether the user must supply it.
    pub(crate) required: bool,
    /// Places on the user's machine that may have it; the first that exists counts.
    #[serde(default)]
    pub(crate) sources: Vec<ImplicitSource>,
    /// Members of a secret JSON object, or of objects in it, that are not secret.
    pub(crate) public_members: Vec<String>,
}

/// The kind of an auth method's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FieldKind {
    /// Text that the flavor may read.
    Text,
    /// A secret that it may use by handle.
    Secret,
    /// A JSON object: it may read the public members, and use the others by handle.
    SecretJson,
    /// An INI file, given to the flavor as a JSON object of its sections.
    SecretIni,
}

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
pub(crate) struct ConnectorView {
    /// The connector's type, which its auth method belongs to.
    pub(crate) connector_type: String,
    /// The name of its auth method.
    pub(crate) method: String,
    /// Values by the names of the method's fields.
    pub(crate) fields: Vec<(String, FieldValue)>,
}

/// The value of a connector's field.
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

/// The context of a call about a connector alone.
#[derive(Clone, Copy)]
pub(crate) struct ConnectorContext<'a> {
    /// The connector.
    pub(crate) connector: &'a ConnectorView,
    /// Values of the flavor's options, those without a value being left out.
    pub(crate) options: &'a [(String, String)],
}

/// How a registry takes uploads of blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadProfile {
    /// The most bytes of one request, where blobs are uploaded in chunks; otherwise a blob is one request.
    pub(crate) chunk: Option<u64>,
    /// Whether blobs can be mounted from other repositories of the host.
    pub(crate) mount: bool,
    /// Whether layers compressed with zstd are accepted.
    pub(crate) zstd: bool,
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
    /// A service did not answer.
    Unavailable,
    /// The flavor cannot do this.
    Unsupported,
    /// Anything else.
    Other,
}
