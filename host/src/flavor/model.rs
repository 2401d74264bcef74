//! What flavors and the host say to each other, in the host's own types, whatever the version of the contract.

use secrecy::SecretString;
use serde::Serialize;

use super::names::{FlavorName, KebabName};
use crate::image::{Reference, RegistryUri};

/// What a flavor says of itself. All text is bounded, one line, and safe to print.
#[derive(Debug, Clone, Serialize)]
pub struct Description {
    /// Its name.
    pub name: FlavorName,
    /// Its own version.
    pub version: semver::Version,
    /// What it is for, in one line.
    pub summary: String,
    /// Where to read more: an `https` URL.
    pub documentation: Option<String>,
    /// URIs of registries of this kind; at least one.
    pub uri_examples: Vec<String>,
    /// Options that a registry of this kind may be given; their names differ.
    pub options: Vec<OptionSpec>,
    /// Ways to authenticate; they differ in connector type or name.
    pub auth_methods: Vec<AuthMethod>,
    /// Hosts that it asks to reach, as patterns.
    pub hosts: Vec<String>,
}

/// An option of a registry.
#[derive(Debug, Clone, Serialize)]
pub struct OptionSpec {
    /// Its name.
    pub name: KebabName,
    /// What it does.
    pub summary: String,
    /// Its value where the user gives none.
    pub default: Option<String>,
    /// Whether the user must give it.
    pub required: bool,
}

/// A way to authenticate.
#[derive(Debug, Clone, Serialize)]
pub struct AuthMethod {
    /// The type of connector that it belongs to.
    pub connector_type: KebabName,
    /// Its name.
    pub name: KebabName,
    /// What it is.
    pub summary: String,
    /// What the user must supply; their names differ.
    pub fields: Vec<Field>,
    /// Hosts that its secrets may be sent to, as patterns.
    pub hosts: Vec<String>,
}

/// One field of an auth method.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Its name.
    pub name: KebabName,
    /// What it holds.
    pub summary: String,
    /// Text, or a secret, or a secret JSON object.
    pub kind: FieldKind,
    /// Whether the user must supply it.
    pub required: bool,
    /// An environment variable that may supply it.
    pub env: Option<String>,
    /// Members of a secret JSON object that are not secret.
    pub public_members: Vec<String>,
}

/// What a field of an auth method holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// Text that the flavor may read.
    Text,
    /// A secret that it may only use.
    Secret,
    /// A JSON object whose public members it may read and whose others it may only use.
    SecretJson,
}

/// A URI that a flavor accepts.
#[derive(Debug, Clone)]
pub struct AcceptedUri {
    /// Its canonical form.
    pub uri: RegistryUri,
    /// What looks doubtful about it.
    pub warnings: Vec<String>,
}

/// A registry as a flavor sees it.
#[derive(Debug, Clone)]
pub struct RegistryView {
    /// The user's name for it.
    pub name: String,
    /// Its canonical URI.
    pub uri: RegistryUri,
    /// Values of the flavor's options.
    pub options: Vec<(String, String)>,
}

/// An image as a flavor sees it.
pub type ImageView = Reference;

/// How a registry takes uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadProfile {
    /// The most bytes that one request may carry; none: a blob is one request.
    pub chunk: Option<u64>,
    /// Whether blobs may be mounted from other repositories of the host.
    pub mount: bool,
    /// Whether layers compressed with zstd are accepted.
    pub zstd: bool,
}

/// What `prepare-image-push` did and found.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// How to upload.
    pub profile: UploadProfile,
    /// What the person should know.
    pub notes: Vec<String>,
}

/// The credentials that a flavor chose. Without `Debug`, as every type that holds a secret.
pub enum FlavorCredential {
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
    },
}

/// Why a flavor could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// One line for a person.
    pub message: String,
    /// What the person can do next.
    pub hint: Option<String>,
}

/// The contract's sorts of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
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
