//! The addresses of Google's services, and the options that replace them.

use crhost_flavor::http::Endpoint;

/// The OAuth 2.0 token endpoint.
pub(crate) const TOKEN: Endpoint = Endpoint { option: "token-endpoint", address: "https://oauth2.googleapis.com" };
/// The Security Token Service, which exchanges tokens of other providers.
pub(crate) const STS: Endpoint = Endpoint { option: "sts-endpoint", address: "https://sts.googleapis.com" };
/// IAM's credentials API, which issues tokens of service accounts to others.
pub(crate) const IAM: Endpoint = Endpoint { option: "iam-endpoint", address: "https://iamcredentials.googleapis.com" };
/// The metadata server of a machine in Google's cloud.
pub(crate) const METADATA: Endpoint =
    Endpoint { option: "metadata-endpoint", address: "http://metadata.google.internal" };
/// Artifact Registry's API.
pub(crate) const ARTIFACT_REGISTRY: Endpoint =
    Endpoint { option: "artifact-registry-endpoint", address: "https://artifactregistry.googleapis.com" };
