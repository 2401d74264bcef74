//! What the server is asked and what it answers, in JSON.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A request for credentials.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CredentialRequest {
    /// The registry's name at the server.
    pub(crate) registry: String,
    /// The repository, as names of images have it after the host; absent for the whole registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) repository: Option<String>,
    /// The tag that is pushed, which some registries want to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<String>,
    /// `pull`, `push` or `delete`.
    pub(crate) operation: String,
    /// Whether the registry refused those that were given before.
    #[serde(default)]
    pub(crate) fresh: bool,
}

/// Credentials. Without `Debug`: they have a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialAnswer {
    /// The registry's name.
    pub(crate) registry: String,
    /// The registry's host.
    pub(crate) host: String,
    /// The rule that allows it.
    pub(crate) rule: String,
    /// Whether the registry wants none.
    pub(crate) anonymous: bool,
    /// The user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    /// The password or token.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed", deserialize_with = "secret")]
    pub(crate) password: Option<SecretString>,
    /// When they end (RFC 3339); absent if no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
    /// How the registry takes uploads, for a push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) upload: Option<WireProfile>,
    /// The flavor's notes for the user.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// It is handed out: the answer is what it is for.
#[expect(clippy::ref_option, reason = "the form that serde calls")]
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|secret| secret.expose_secret()).serialize(serializer)
}

fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SecretString::from))
}

/// How a registry takes uploads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WireProfile {
    /// The most bytes of one request, where blobs are uploaded in chunks.
    #[serde(default)]
    pub(crate) chunk: Option<u64>,
    /// Whether blobs can be mounted.
    pub(crate) mount: bool,
    /// Whether zstd is accepted.
    pub(crate) zstd: bool,
    /// The most bytes of one request's body.
    #[serde(default)]
    pub(crate) largest_request: Option<u64>,
    /// The most bytes of one layer.
    #[serde(default)]
    pub(crate) largest_layer: Option<u64>,
    /// Whether the registry says rightly how much has arrived.
    pub(crate) range: bool,
    /// `unknown`, `api` or `tag`.
    pub(crate) referrers: String,
    /// `unknown`, `unsupported`, `by-digest` or `by-tag`.
    pub(crate) deletion: String,
}

/// The registries of a caller.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Registries {
    /// By name.
    pub(crate) registries: Vec<ListedRegistry>,
}

/// A registry with which a caller may do something.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedRegistry {
    /// Its name.
    pub(crate) name: String,
    /// Its flavor.
    pub(crate) flavor: String,
    /// Its URI.
    pub(crate) uri: String,
    /// Whether it may be spoken to in plain HTTP.
    pub(crate) insecure: bool,
    /// What the caller may do somewhere in it.
    pub(crate) operations: Vec<String>,
}

/// Problem details (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Problem {
    /// The kind of problem, as a URN.
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    /// The kind in words.
    pub(crate) title: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}
