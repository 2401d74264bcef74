//! An upload session: a blob that a registry has begun to take.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt as _};
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use reqwest::Response;

use super::range;
use crate::distribution::error::Error;
use crate::distribution::location::Destination;
use crate::distribution::repository::RepositoryClient;
use crate::distribution::request::Request;
use crate::distribution::verify::same_digest;
use crate::distribution::wire::headers;
use crate::distribution::wire::payload::{Payload, Taken};
use crate::image::Digest;

/// How long a registry may take to confirm that an upload is cancelled. A user waits for the end of the push, and the
/// registry would remove the upload by itself after some days.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers to bytes of an upload that stays open: 202 by the specification, and the others that registries give
/// (go-containerregistry's `streamBlob` takes the same). Nothing is believed yet: the end of the upload tells.
const TAKEN: [StatusCode; 3] = [StatusCode::ACCEPTED, StatusCode::CREATED, StatusCode::NO_CONTENT];

const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// An upload that a registry has opened.
///
/// Three ways lead to a blob: one [`put`](Self::put), where the digest is known before; one [`patch`](Self::patch) and
/// [`commit`](Self::commit), where it is known only after the last byte; or [`patch_in_chunks`](Self::patch_in_chunks)
/// and [`commit`](Self::commit), for registries that limit the size of requests.
///
/// # Streams and their errors
/// Where a stream gives an [`io::Error`], the request is broken off and the method fails with exactly that error as
/// [`Error::Body`]. A caller that has errors of its own wraps them with [`io::Error::other`] and gets them back by
/// [`io::Error::downcast`]. A stream may take its time; only the registry's silence is limited.
///
/// An upload that is dropped before its end is left open, until [`RepositoryClient::cancel_uploads`].
pub(crate) struct Upload {
    repository: RepositoryClient,
    /// Its number among the repository's open uploads.
    number: u64,
    location: Destination,
    /// The smallest chunk but the last that the registry takes, in bytes, where it says so.
    pub(super) min_chunk: Option<u64>,
    /// Bytes that the registry has confirmed.
    pub(super) received: u64,
    /// Told of the bytes of the blob that the connection has taken.
    taken: Option<Taken>,
}

impl RepositoryClient {
    /// Opens an upload. Here a registry tells whether the credentials allow to push.
    ///
    /// # Errors
    /// [`Error::NoCredentials`], [`Error::NotAllowed`], and any other refusal.
    pub(crate) async fn start_upload(&self) -> Result<Upload, Error> {
        let place = self.place("blobs/uploads/").await?;
        let name = format!("the start of an upload to `{}`", self.repository());
        let request = self.request(Method::POST, place.clone(), name.clone());
        let response = self.send(request.succeeding_with(&[StatusCode::ACCEPTED])).await?;
        Upload::open(self.clone(), &place, &response, name).await
    }

    /// Cancels every upload that was left open, within a few seconds.
    pub(crate) async fn cancel_uploads(&self) {
        let open = self.open_uploads().take();
        join_all(open.into_iter().map(|location| cancel(self, location))).await;
    }
}

impl Upload {
    /// From now on, tells of the bytes of the blob that the connection has taken.
    pub(crate) fn count(&mut self, taken: Taken) {
        self.taken = Some(taken);
    }

    /// The upload that the answer to `request`, which went to `place`, describes.
    ///
    /// # Errors
    /// [`Error::Protocol`] where the answer names no location for it.
    pub(in crate::distribution) async fn open(
        repository: RepositoryClient,
        place: &Destination,
        response: &Response,
        request: String,
    ) -> Result<Self, Error> {
        let Some(location) = next_location(&repository, place, response).await? else {
            let problem = "it names no location for the upload".to_owned();
            return Err(Error::Protocol {
                server: repository.exchange().registry(),
                request: request.into(),
                problem: problem.into(),
            });
        };
        let min_chunk = headers::min_chunk(response.headers());
        let number = repository.open_uploads().add(location.clone());
        Ok(Self { repository, number, location, min_chunk, received: 0, taken: None })
    }

    /// Sends the whole blob in one request and closes the upload ("POST then PUT").
    ///
    /// # Errors
    /// [`Error::Length`] where the stream is not `size` bytes long, [`Error::Body`] where it fails,
    /// [`Error::TokenExpired`] where the registry took too long since the upload's start,
    /// [`Kind::Verification`](crate::error::Kind::Verification) where the bytes are not those of `digest`.
    pub(crate) async fn put(
        &mut self,
        digest: &Digest,
        size: u64,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), Error> {
        let payload = match size {
            // There is nothing to stream, so that the request can be sent again.
            0 => Payload::empty(),
            _ => Payload::Stream(body.boxed(), Some(size)),
        };
        let destination = self.location.clone().with_query("digest", digest.as_str());
        let request = self.repository.request(Method::PUT, destination, format!("the upload of blob `{digest}`"));
        let mut request = request.with(CONTENT_TYPE, OCTET_STREAM).with_payload(payload);
        request.taken.clone_from(&self.taken);
        self.close(digest, request).await
    }

    /// Sends bytes, however many they turn out to be, in one request without `Content-Range`. After a failure it can be
    /// called again with the bytes from [`received`](Self::received) on.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub(crate) async fn patch(
        &mut self,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), Error> {
        let payload = Payload::Stream(body.boxed(), None);
        let response = self.send_and_move(self.patch_request().with_payload(payload)).await?;
        if let Some(confirmed) = range::confirmed(response.headers()) {
            self.received = confirmed;
        }
        Ok(())
    }

    /// Asks how many bytes the registry has, after a failure ("Resuming an upload"). Zero means: begin again from the
    /// first byte, which an upload that is left as it was can also do.
    ///
    /// # Errors
    /// [`Error::UploadLost`] where the registry has given the upload up; a new one must be started then.
    pub(crate) async fn received(&mut self) -> Result<u64, Error> {
        let name = format!("the state of an upload to `{}`", self.repository.repository());
        let request = self.repository.request(Method::GET, self.location.clone(), name);
        let response = self.send_and_move(request).await?;
        // Without a range, with one that doesn't begin at the start, or with another status, nothing is certain.
        let confirmed = range::confirmed(response.headers()).filter(|_| response.status() == StatusCode::NO_CONTENT);
        self.received = confirmed.unwrap_or_default();
        Ok(self.received)
    }

    /// Closes the upload: the bytes that were sent become the blob of this digest.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub(crate) async fn commit(&self, digest: &Digest) -> Result<(), Error> {
        let destination = self.location.clone().with_query("digest", digest.as_str());
        let name = format!("the end of the upload of blob `{digest}`");
        self.close(digest, self.repository.request(Method::PUT, destination, name)).await
    }

    /// Cancels the upload. The registry would remove it by itself after some days, so that a failure to cancel is no
    /// error.
    pub(crate) async fn cancel(self) {
        self.repository.open_uploads().remove(self.number);
        cancel(&self.repository, self.location).await;
    }

    /// A request that adds bytes to the upload, still without them.
    pub(super) fn patch_request(&self) -> Request {
        let name = format!("bytes of an upload to `{}`", self.repository.repository());
        let request = self.repository.request(Method::PATCH, self.location.clone(), name);
        let mut request = request.with(CONTENT_TYPE, OCTET_STREAM).succeeding_with(&TAKEN);
        let before = self.received;
        request.taken = self.taken.clone().map(|taken| -> Taken { Arc::new(move |bytes| taken(before + bytes)) });
        request
    }

    /// Sends a request that leaves the upload open. Each answer may name another location for the next request, and the
    /// one before is then no longer valid.
    pub(super) async fn send_and_move(&mut self, request: Request) -> Result<Response, Error> {
        let response = self.send(request).await?;
        if let Some(location) = next_location(&self.repository, &self.location, &response).await? {
            self.repository.open_uploads().move_to(self.number, location.clone());
            self.location = location;
        }
        Ok(response)
    }

    /// The error of an answer that breaks the protocol.
    pub(super) fn senseless(&self, request: String, problem: String) -> Error {
        Error::Protocol {
            server: self.repository.exchange().registry(),
            request: request.into(),
            problem: problem.into(),
        }
    }

    /// Sends the request that closes the upload.
    async fn close(&self, digest: &Digest, request: Request) -> Result<(), Error> {
        let name = request.name.clone();
        let response = self.send(request.succeeding_with(&[StatusCode::CREATED])).await?;
        self.repository.open_uploads().remove(self.number);
        same_digest(self.repository.host(), name, digest, response.headers())
    }

    /// Sends a request to the upload's own location, where "not found" means that the upload is gone.
    async fn send(&self, request: Request) -> Result<Response, Error> {
        match self.repository.send(request).await {
            Err(Error::Status(error)) if matches!(error.status, StatusCode::NOT_FOUND | StatusCode::GONE) => {
                self.repository.open_uploads().remove(self.number);
                Err(Error::UploadLost { server: error.server, request: error.request, body: error.body })
            }
            result => result,
        }
    }
}

async fn cancel(repository: &RepositoryClient, location: Destination) {
    let name = format!("the end of an upload to `{}`", repository.repository());
    let request = repository.send(repository.request(Method::DELETE, location, name));
    match tokio::time::timeout(CANCEL_TIMEOUT, request).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!("an upload was left open: {error}"),
        Err(_) => tracing::debug!("an upload was left open: the registry doesn't answer"),
    }
}

async fn next_location(
    repository: &RepositoryClient,
    from: &Destination,
    response: &Response,
) -> Result<Option<Destination>, Error> {
    let registry = &repository.exchange().endpoint().await?.base;
    let location = headers::text(response.headers(), LOCATION);
    Ok(location.map(|location| Destination::follow(registry, from.url(), location)).transpose()?)
}
