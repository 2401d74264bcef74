//! The kubelet's request, in the versions that it has.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::Deserialize;

use super::super::error::KubernetesError;
use crate::clients::ServerUrl;
use crate::image::Reference;
use crate::json;
use crate::text::{Escaped, quoted};

/// Versions of the protocol, the newest first. They differ in what a request may have beside the image.
pub(super) const VERSIONS: [&str; 3] = [
    "credentialprovider.kubelet.k8s.io/v1",
    "credentialprovider.kubelet.k8s.io/v1beta1",
    "credentialprovider.kubelet.k8s.io/v1alpha1",
];

/// The kind of a request.
const KIND: &str = "CredentialProviderRequest";

/// Characters of a foreign version or kind that an error shows.
const MAX_SHOWN: usize = 100;

/// The request's document (`CredentialProviderRequest` in `k8s.io/kubelet/pkg/apis/credentialprovider`).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Document {
    api_version: String,
    kind: String,
    image: String,
    service_account_token: String,
    service_account_annotations: BTreeMap<String, String>,
}

/// A question of the kubelet. Without `Debug`: it may have a token.
pub(crate) struct Request {
    /// The version, in which the answer has to be.
    pub(super) version: &'static str,
    /// The image's host and repository.
    pub(super) server: ServerUrl,
    /// The host as the kubelet writes it, by which it looks up the answer.
    pub(super) host: String,
    /// A token of the pod's service account, where the kubelet's configuration asks for one.
    pub(super) token: Option<SecretString>,
    /// Annotations of that service account, likewise.
    pub(super) annotations: BTreeMap<String, String>,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// When it is none, of another version, or for something that is no image.
    pub(crate) fn read(text: &[u8]) -> Result<Self, KubernetesError> {
        let document: Document = json::read(text).map_err(|error| KubernetesError::NoRequest(Escaped::of(error)))?;
        if document.kind != KIND {
            let kind = Escaped::new(&document.kind, MAX_SHOWN);
            return Err(KubernetesError::NoRequest(format!("its kind is `{kind}`").into()));
        }
        let version = VERSIONS.into_iter().find(|version| *version == document.api_version);
        let version =
            version.ok_or_else(|| KubernetesError::Version(Escaped::new(&document.api_version, MAX_SHOWN)))?;
        let image: Reference = document.image.parse().map_err(KubernetesError::NoImage)?;
        let host = document.image.split_once('/').map_or("", |(host, _)| host);
        // A name without a host is Docker Hub's, and so are its other names.
        let is_host = host.parse().is_ok_and(|host: crate::image::Host| host == *image.host());
        let host = if is_host { host.to_owned() } else { image.host().to_string() };
        let server = ServerUrl { host: image.host().clone(), path: Some(image.repository().clone()) };
        let token = Some(document.service_account_token).filter(|token| !token.is_empty()).map(SecretString::from);
        Ok(Self { version, server, host, token, annotations: document.service_account_annotations })
    }
}

/// The versions, for an error.
pub(crate) fn versions() -> String {
    quoted(VERSIONS)
}
