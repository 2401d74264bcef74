//! Manifests: what a push ends with.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Response;

use super::content;
use super::error::Error;
use super::referrers_tag::is_listed;
use super::referring::Referring;
use super::repository::RepositoryClient;
use super::verify::{STORED, same_digest};
use super::wire::headers;
use super::wire::payload::Payload;
use crate::image::{Digest, Tag, media_type};
use crate::text::printable;

/// Bytes of a manifest that registries must accept at least, and do accept at most (distribution specification,
/// "Pushing Manifests").
const MAX_MANIFEST: usize = 4 * 1024 * 1024;

/// The name that a manifest is pushed or pulled by.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ManifestName<'a> {
    /// A name that can move to another manifest.
    Tag(&'a Tag),
    /// The digest of its content.
    Digest(&'a Digest),
}

/// A manifest, index or any other document that a registry keeps under a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundManifest {
    /// Its media type, as the registry says.
    pub(crate) media_type: String,
    /// Its bytes.
    pub(crate) bytes: Bytes,
    /// Its digest, which was verified.
    pub(crate) digest: Digest,
}

/// A manifest as it came.
struct Unverified {
    media_type: String,
    /// The digest that the registry names for it.
    named: Option<Digest>,
    bytes: Bytes,
}

/// What a registry claims about a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManifestHead {
    /// Its digest, which some registries don't tell.
    pub(crate) digest: Option<Digest>,
    /// Its size in bytes, where the registry says so.
    pub(crate) size: Option<u64>,
    /// Its media type, where the registry says so.
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
    /// The name as text.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Tag(tag) => tag.as_str(),
            Self::Digest(digest) => digest.as_str(),
        }
    }
}

impl RepositoryClient {
    /// Stores a manifest under a tag or under its digest. Where it has a `subject` and the registry's answer does not
    /// say that it lists it there, the subject's referrers tag lists it then.
    ///
    /// # Errors
    /// [`Error::OtherDigest`] where the registry says that it stored something else, and any refusal.
    pub(crate) async fn put_manifest(
        &self,
        manifest: impl Into<ManifestName<'_>>,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<(), Error> {
        let referring = Referring::of(media_type, &bytes);
        let answered = self.store_manifest(manifest.into(), media_type, bytes).await?;
        match referring {
            Some(referring) if !is_listed(&answered, &referring.subject) => self.add_referrer(&referring).await,
            _ => Ok(()),
        }
    }

    /// Stores a manifest, and gives the headers of the registry's answer.
    pub(super) async fn store_manifest(
        &self,
        manifest: ManifestName<'_>,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<HeaderMap, Error> {
        let digest = Digest::of(&bytes);
        let name = format!("manifest `{}` of `{}`", manifest.as_str(), self.repository());
        let media_type = HeaderValue::from_str(media_type).map_err(|_| {
            let problem = format!("`{}` is no media type", printable(media_type, 100));
            self.senseless(name.clone(), problem)
        })?;
        let place = self.place(&format!("manifests/{}", manifest.as_str())).await?;
        let request = self.request(Method::PUT, place, name.clone()).with(CONTENT_TYPE, media_type);
        let request = request.succeeding_with(&STORED);
        let response = self.send(request.with_payload(Payload::Bytes(bytes))).await?;
        let status = response.status();
        if status != StatusCode::CREATED && !self.answers_manifest(manifest, &digest).await {
            return Err(self.senseless(name, format!("it is {status}, expected 201")));
        }
        same_digest(self.host(), name, &digest, response.headers())?;
        Ok(response.headers().clone())
    }

    /// Whether the registry answers a manifest with this digest.
    async fn answers_manifest(&self, manifest: ManifestName<'_>, digest: &Digest) -> bool {
        match self.head_manifest(manifest).await {
            Ok(Some(ManifestHead { digest: Some(found), .. })) => found == *digest,
            Ok(Some(_)) => self.get_manifest(manifest).await.is_ok_and(|(_, bytes)| Digest::of(&bytes) == *digest),
            Ok(None) | Err(_) => false,
        }
    }

    /// Asks for a manifest without its bytes; `None` where there is none.
    ///
    /// # Errors
    /// Any refusal but 404.
    pub(crate) async fn head_manifest(
        &self,
        manifest: impl Into<ManifestName<'_>>,
    ) -> Result<Option<ManifestHead>, Error> {
        match self.ask_manifest(Method::HEAD, manifest.into()).await {
            Ok(response) => Ok(Some(ManifestHead {
                digest: headers::content_digest(response.headers()),
                size: headers::content_length(response.headers()),
                media_type: headers::media_type(response.headers()),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a manifest: its media type and its bytes, which the caller has to verify. For registries that don't tell a
    /// manifest's digest.
    ///
    /// # Errors
    /// Where the manifest is larger than 4 MiB, and any refusal.
    pub(crate) async fn get_manifest(&self, manifest: impl Into<ManifestName<'_>>) -> Result<(String, Bytes), Error> {
        let manifest = manifest.into();
        let found = self.read_manifest(manifest).await?;
        Ok((found.media_type, found.bytes))
    }

    /// Reads a manifest that is verified to have the digest by which it was asked for, and the one that the registry
    /// names for it; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::OtherDigest`] where the registry gives another one, where it is larger than 4 MiB, and any refusal but
    /// 404.
    pub(crate) async fn manifest(&self, manifest: impl Into<ManifestName<'_>>) -> Result<Option<FoundManifest>, Error> {
        let manifest = manifest.into();
        let found = match self.read_manifest(manifest).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let name = format!("manifest `{}` of `{}`", manifest.as_str(), self.repository());
        if let ManifestName::Digest(digest) = manifest {
            self.ensure_digest(&name, digest, &found.bytes)?;
        } else if let Some(named) = &found.named {
            self.ensure_digest(&name, named, &found.bytes)?;
        }
        let digest = match manifest {
            ManifestName::Digest(digest) => digest.clone(),
            ManifestName::Tag(_) => found.named.unwrap_or_else(|| Digest::of(&found.bytes)),
        };
        Ok(Some(FoundManifest { media_type: found.media_type, bytes: found.bytes, digest }))
    }

    async fn read_manifest(&self, manifest: ManifestName<'_>) -> Result<Unverified, Error> {
        let response = self.ask_manifest(Method::GET, manifest).await?;
        let name = self.question_for(manifest);
        let (media_type, named) =
            (headers::media_type(response.headers()), headers::content_digest(response.headers()));
        let bytes = content::read(self.exchange(), response, MAX_MANIFEST, &name).await?;
        match media_type {
            Some(media_type) => Ok(Unverified { media_type, named, bytes }),
            None => Err(self.senseless(name, "it has no media type".to_owned())),
        }
    }

    /// Compares the digest of content that the registry gave for `what`.
    ///
    /// # Errors
    /// [`Error::OtherContent`] where it is another one.
    pub(super) fn ensure_digest(&self, what: &str, expected: &Digest, bytes: &[u8]) -> Result<(), Error> {
        let found = Digest::of(bytes);
        if found == *expected {
            return Ok(());
        }
        Err(Error::OtherContent { host: self.host().clone(), what: what.into(), expected: expected.clone(), found })
    }

    async fn ask_manifest(&self, method: Method, manifest: ManifestName<'_>) -> Result<Response, Error> {
        let place = self.place(&format!("manifests/{}", manifest.as_str())).await?;
        let mut request = self.request(method, place, self.question_for(manifest)).succeeding_with(&[StatusCode::OK]);
        // Registries convert or hide a manifest whose media type isn't asked for.
        let all =
            [media_type::OCI_MANIFEST, media_type::OCI_INDEX, media_type::DOCKER_MANIFEST, media_type::DOCKER_LIST];
        request.headers.extend(all.map(|media_type| (ACCEPT, HeaderValue::from_static(media_type))));
        self.send(request).await
    }

    /// The request for a manifest, as errors name it.
    fn question_for(&self, manifest: ManifestName<'_>) -> String {
        format!("the question for manifest `{}` of `{}`", manifest.as_str(), self.repository())
    }

    fn senseless(&self, request: String, problem: String) -> Error {
        Error::Protocol { server: self.exchange().registry(), request: request.into(), problem: problem.into() }
    }
}
