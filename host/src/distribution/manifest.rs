//! Manifests: what a push ends with.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use reqwest::Response;

use super::blob::{found, length};
use super::body::Payload;
use super::error::Error;
use super::probe::named;
use super::repository::RepositoryClient;
use crate::image::{Digest, Host, Tag, media_type};
use crate::text::printable;

/// What a registry must accept at least, and what registries do accept at most (distribution specification, "Pushing
/// Manifests").
const MAX_MANIFEST: usize = 4 * 1024 * 1024;
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a manifest is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ManifestName<'a> {
    /// By a name that can move.
    Tag(&'a Tag),
    /// By its content.
    Digest(&'a Digest),
}

/// A manifest that a registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManifestHead {
    /// Its digest, which some registries don't tell.
    pub(crate) digest: Option<Digest>,
    /// How many bytes, where the registry says so.
    pub(crate) size: Option<u64>,
    /// What it is, where the registry says so.
    pub(crate) media_type: Option<String>,
}

impl<'a> From<&'a Tag> for ManifestName<'a> {
    fn from(tag: &'a Tag) -> Self {
        Self::Tag(tag)
    }
}

impl<'a> From<&'a Digest> for ManifestName<'a> {
    fn from(digest: &'a Digest) -> Self {
        Self::Digest(digest)
    }
}

impl ManifestName<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Tag(tag) => tag.as_str(),
            Self::Digest(digest) => digest.as_str(),
        }
    }
}

impl RepositoryClient {
    /// Stores a manifest under a tag or under its digest.
    ///
    /// # Errors
    /// [`Error::OtherDigest`] where the registry says that it stored something else, and any refusal.
    pub(crate) async fn put_manifest(
        &self,
        name: impl Into<ManifestName<'_>>,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<(), Error> {
        let name = name.into();
        let digest = Digest::of(&bytes);
        let what = format!("manifest `{}` of `{}`", name.as_str(), self.repository());
        let mut request = self.request(Method::PUT, self.manifest_url(name).await?, what.clone());
        let media_type = HeaderValue::from_str(media_type).map_err(|_| {
            let problem = format!("`{}` is no media type", printable(media_type, 100));
            Error::Protocol { server: named(self.host()), what: what.clone(), problem }
        })?;
        request.headers.insert(CONTENT_TYPE, media_type);
        request.payload = Payload::Bytes(bytes);
        let response = self.send(request).await?;
        same_digest(self.host(), what, &digest, response.headers())
    }

    /// Asks for a manifest without its bytes; `None` where there is none. What it says about the manifest is what the
    /// registry claims.
    ///
    /// # Errors
    /// Any refusal but 404.
    pub(crate) async fn head_manifest(&self, name: impl Into<ManifestName<'_>>) -> Result<Option<ManifestHead>, Error> {
        let response = found(self.ask_manifest(Method::HEAD, name.into()).await)?;
        Ok(response.map(|response| ManifestHead {
            digest: content_digest(response.headers()),
            size: length(&response),
            media_type: media_type_of(&response),
        }))
    }

    /// Reads a manifest: its media type and its bytes, which are the caller's to verify. For registries that don't tell a
    /// manifest's digest.
    ///
    /// # Errors
    /// Where the manifest is larger than 4 MiB, and any refusal.
    pub(crate) async fn get_manifest(&self, name: impl Into<ManifestName<'_>>) -> Result<(String, Bytes), Error> {
        let name = name.into();
        let mut response = self.ask_manifest(Method::GET, name).await?;
        let what = || question(name, self);
        let patience = self.client().transport().options().patience;
        let read = tokio::time::timeout(patience, read(&mut response)).await;
        let problem = match read {
            Err(_) => return Err(Error::Silent { server: named(self.host()), what: what(), patience }),
            Ok(Err(_)) => {
                let cause = "the answer is incomplete".to_owned();
                return Err(Error::Interrupted { server: named(self.host()), what: what(), cause });
            }
            Ok(Ok(None)) => format!("it is larger than {} MiB", MAX_MANIFEST / 1024 / 1024),
            Ok(Ok(Some(bytes))) => match media_type_of(&response) {
                Some(media_type) => return Ok((media_type, bytes)),
                None => "it has no media type".to_owned(),
            },
        };
        Err(Error::Protocol { server: named(self.host()), what: what(), problem })
    }

    async fn ask_manifest(&self, method: Method, name: ManifestName<'_>) -> Result<Response, Error> {
        let mut request = self.request(method, self.manifest_url(name).await?, question(name, self));
        // Registries convert or hide what isn't asked for.
        let all =
            [media_type::OCI_MANIFEST, media_type::OCI_INDEX, media_type::DOCKER_MANIFEST, media_type::DOCKER_LIST];
        request.headers.extend(all.map(|media_type| (ACCEPT, HeaderValue::from_static(media_type))));
        self.send(request).await
    }

    async fn manifest_url(&self, name: ManifestName<'_>) -> Result<url::Url, Error> {
        self.url(&format!("manifests/{}", name.as_str())).await
    }
}

fn question(name: ManifestName<'_>, client: &RepositoryClient) -> String {
    format!("the question for manifest `{}` of `{}`", name.as_str(), client.repository())
}

/// The whole answer, or `None` where it is too large.
async fn read(response: &mut Response) -> reqwest::Result<Option<Bytes>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > MAX_MANIFEST {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes.into()))
}

fn media_type_of(response: &Response) -> Option<String> {
    let text = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or(text).trim().to_ascii_lowercase())
}

fn content_digest(headers: &HeaderMap) -> Option<Digest> {
    headers.get(CONTENT_DIGEST)?.to_str().ok()?.parse().ok()
}

/// Compares the digest of what was sent with the one that the registry's answer names, if it names one.
pub(super) fn same_digest(host: &Host, what: String, expected: &Digest, headers: &HeaderMap) -> Result<(), Error> {
    match content_digest(headers) {
        Some(found) if found != *expected => {
            Err(Error::OtherDigest { host: host.to_string(), what, expected: expected.clone(), found })
        }
        _ => Ok(()),
    }
}
