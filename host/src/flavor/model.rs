//! What flavors and the host say to each other, in the host's own types, whatever the version of the contract.

use std::fmt;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::names::{FlavorName, KebabName};
use super::secrets::Secret;
use crate::grant::{Grant, HostPattern};
use crate::image::{Reference, RegistryUri};
pub(crate) use crate::implicit_sources::ImplicitSource;

impl Description {
    /// Every host that it asks for, with the auth methods that want to send their secrets there; each host once.
    #[must_use]
    pub(crate) fn asks(&self) -> Vec<Ask<'_>> {
        let plain = self.hosts.iter().map(|pattern| (pattern, None));
        let with_secrets =
            self.auth_methods.iter().flat_map(|method| method.hosts.iter().map(move |pattern| (pattern, Some(method))));
        let mut asks: Vec<Ask<'_>> = Vec::new();
        for (pattern, method) in plain.chain(with_secrets) {
            match asks.iter_mut().find(|ask| ask.pattern == pattern) {
                Some(ask) => ask.methods.extend(method),
                None => asks.push(Ask { pattern, methods: method.into_iter().collect() }),
            }
        }
        asks
    }

    /// The auth method of a connector.
    #[must_use]
    pub(crate) fn auth_method(&self, connector_type: &str, name: &str) -> Option<&AuthMethod> {
        self.auth_methods
            .iter()
            .find(|method| (method.connector_type.as_str(), method.name.as_str()) == (connector_type, name))
    }
}

/// A host that a flavor asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask<'a> {
    /// The host.
    pub(crate) pattern: &'a HostPattern,
    /// The auth methods whose secrets would go there.
    pub(crate) methods: Vec<&'a AuthMethod>,
}

/// What a flavor says of itself. All text is bounded, one line, and safe to print.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Description {
    /// Its name.
    pub(crate) name: FlavorName,
    /// Its own version.
    pub(crate) version: semver::Version,
    /// What it is for, in one line.
    pub(crate) summary: String,
    /// Where to read more: an `https` URL.
    pub(crate) documentation: Option<String>,
    /// URIs of registries of this kind; at least one.
    pub(crate) uri_examples: Vec<String>,
    /// Options that a registry of this kind may be given; their names differ.
    pub(crate) options: Vec<OptionSpec>,
    /// Ways to authenticate; they differ in connector type or name.
    pub(crate) auth_methods: Vec<AuthMethod>,
    /// Hosts that it asks to reach without any secret.
    pub(crate) hosts: Vec<HostPattern>,
}

/// An option of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct OptionSpec {
    /// Its name.
    pub(crate) name: KebabName,
    /// What it does.
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
    /// What it is.
    pub(crate) summary: String,
    /// What the user must supply; their names differ.
    pub(crate) fields: Vec<Field>,
    /// Whether fields that the user left out are read from their sources, for every call.
    #[serde(default)]
    pub(crate) implicit: bool,
    /// Hosts that it asks to reach with its secrets.
    pub(crate) hosts: Vec<HostPattern>,
}

/// Its type and its name, as people read them.
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
    /// What it holds.
    pub(crate) summary: String,
    /// Text, or a secret, or a secret JSON object.
    pub(crate) kind: FieldKind,
    /// Whether the user must supply it.
    pub(crate) required: bool,
    /// Where on the user's machine it may be found, the first that there is.
    #[serde(default)]
    pub(crate) sources: Vec<ImplicitSource>,
    /// Members of a secret JSON object, or of objects in it, that are not secret.
    pub(crate) public_members: Vec<String>,
}

/// What a field of an auth method holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FieldKind {
    /// Text that the flavor may read.
    Text,
    /// A secret that it may only use.
    Secret,
    /// A JSON object whose public members it may read and whose others it may only use.
    SecretJson,
    /// A file of sections, which it gets as the JSON object of its sections.
    SecretIni,
}

/// A URI that a flavor accepts.
#[derive(Debug, Clone)]
pub(crate) struct AcceptedUri {
    /// Its canonical form.
    pub(crate) uri: RegistryUri,
    /// What looks doubtful about it.
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
    /// What the user granted to the flavor for this registry alone. The flavor does not see it.
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

/// What a field of a connector holds.
pub(crate) enum FieldValue {
    /// Text that the flavor may read.
    Text(String),
    /// A secret that it may use.
    Secret(Secret),
}

/// An image as a flavor sees it.
pub(crate) type ImageView = Reference;

/// What a question about a push is about.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The registry.
    pub(crate) registry: &'a RegistryView,
    /// The connector that the user attached to it.
    pub(crate) connector: Option<&'a ConnectorView>,
    /// The image.
    pub(crate) image: &'a ImageView,
}

/// What a question about a connector alone is about.
#[derive(Clone, Copy)]
pub(crate) struct AskedOfConnector<'a> {
    /// The connector.
    pub(crate) connector: &'a ConnectorView,
    /// Values of the flavor's options, those without a value being left out.
    pub(crate) options: &'a [(String, String)],
}

/// How a registry takes uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadProfile {
    /// The most bytes that one request may carry; none: a blob is one request.
    pub(crate) chunk: Option<u64>,
    /// Whether blobs may be mounted from other repositories of the host.
    pub(crate) mount: bool,
    /// Whether layers compressed with zstd are accepted.
    pub(crate) zstd: bool,
}

/// What `prepare-image-push` did and found.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    /// How to upload.
    pub(crate) profile: UploadProfile,
    /// What the person should know.
    pub(crate) notes: Vec<String>,
}

/// The credentials that a flavor chose. Without `Debug`, as every type that holds a secret.
pub(crate) enum FlavorCredential {
    /// None are needed.
    Anonymous,
    /// Those of Docker's own configuration for the registry's host.
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

/// Why a flavor could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What sort of failure.
    pub(crate) kind: FailureKind,
    /// One line for a person.
    pub(crate) message: String,
    /// What the person can do next.
    pub(crate) hint: Option<String>,
    /// After how long trying again may help.
    pub(crate) retry_after: Option<Duration>,
}

/// The contract's sorts of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// What the user gave is wrong.
    InvalidInput,
    /// Credentials are missing or wrong.
    Unauthenticated,
    /// Credentials are right and not allowed to do this.
    Denied,
    /// Something that must exist does not.
    NotFound,
    /// A service did not answer.
    Unavailable,
    /// The flavor cannot do this.
    Unsupported,
    /// Anything else.
    Other,
}
