//! Manifests: what a push ends with.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Response;

use super::error::Error;
use super::referrers_tag::is_listed;
use super::referring::Referring;
use super::repository::RepositoryClient;
use super::verify::{STORED, same_digest};
use super::wire::headers;
use super::wire::payload::Payload;
use crate::bounded::{self, ReadError};
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
    fn as_str(&self) -> &str {
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
        let response = self.ask_manifest(Method::GET, manifest).await?;
        let name = self.question_for(manifest);
        let media_type = headers::media_type(response.headers());
        let timeout = self.exchange().options().idle_timeout;
        let read = bounded::collect(response.bytes_stream(), MAX_MANIFEST);
        let bytes = match tokio::time::timeout(timeout, read).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(ReadError::TooLarge { .. })) => {
                let problem = format!("it is larger than {} MiB", MAX_MANIFEST / 1024 / 1024);
                return Err(self.senseless(name, problem));
            }
            Ok(Err(ReadError::Failed(_))) => {
                let cause = "the answer is incomplete".to_owned();
                return Err(Error::Interrupted {
                    server: self.exchange().registry(),
                    request: name.into(),
                    cause: cause.into(),
                });
            }
            Err(_) => return Err(Error::Silent { server: self.exchange().registry(), request: name.into(), timeout }),
        };
        match media_type {
            Some(media_type) => Ok((media_type, bytes.into())),
            None => Err(self.senseless(name, "it has no media type".to_owned())),
        }
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
