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
use crate::distribution::exchange::Sent;
use crate::distribution::location::Destination;
use crate::distribution::repository::RepositoryClient;
use crate::distribution::request::Request;
use crate::distribution::verify::{STORED, same_digest};
use crate::distribution::wire::headers;
use crate::distribution::wire::payload::{Payload, Taken};
use crate::image::Digest;

/// How long a registry may take to confirm that an upload is cancelled. A user waits for the end of the push, and the
/// registry would remove the upload by itself after some days.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// Answers to bytes of an upload that stays open: 202 by the specification, and the others that registries give
/// (go-containerregistry's `streamBlob` takes the same). Nothing is believed yet: the end of the upload tells.
const TAKEN: [StatusCode; 3] = [StatusCode::ACCEPTED, StatusCode::CREATED, StatusCode::NO_CONTENT];

/// Answers that open an upload: 202 by the specification, and the others that registries give beside a `Location`.
const OPENED: [StatusCode; 3] = [StatusCode::ACCEPTED, StatusCode::CREATED, StatusCode::OK];

/// Redirects of one upload's content, as many as of another request.
const MAX_REDIRECTS: usize = 5;

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
    /// Where the next content has to go, after a redirect of content that was lost on the way.
    redirected: Option<Box<(Method, Destination)>>,
    /// Redirects of content so far.
    redirects: usize,
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
        let request = self.request(Method::POST, place, name.clone()).succeeding_with(&OPENED);
        let opened = async { Upload::open(self.clone(), &self.send(request).await?, name).await };
        match (opened.await, &self.exchange().endpoint().await?.doubt) {
            // Neither this nor `/v2/` was answered as by a registry.
            (Err(Error::Status(error)), Some(found)) if !error.retry().is_possible() => Err(self.no_registry(found)),
            (Err(Error::Protocol { .. }), Some(found)) => Err(self.no_registry(found)),
            (opened, _) => opened,
        }
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

    /// The upload that the answer to `request` describes.
    ///
    /// # Errors
    /// [`Error::Protocol`] where the answer names no location for it.
    pub(in crate::distribution) async fn open(
        repository: RepositoryClient,
        response: &Response,
        request: String,
    ) -> Result<Self, Error> {
        let Some(location) = next_location(&repository, response).await? else {
            let problem = "it names no location for the upload".to_owned();
            return Err(Error::Protocol {
                server: repository.exchange().registry(),
                request: request.into(),
                problem: problem.into(),
            });
        };
        let min_chunk = headers::min_chunk(response.headers());
        let number = repository.open_uploads().add(location.clone());
        Ok(Self { repository, number, location, min_chunk, received: 0, redirected: None, redirects: 0, taken: None })
    }

    /// Sends the whole blob in one request and closes the upload ("POST then PUT").
    ///
    /// # Errors [`Error::Length`] where the stream is not `size` bytes long, [`Error::Body`] where it fails,
    /// [`Error::Moved`] where the registry redirects it, [`Error::TokenExpired`] where the registry took too long since
    /// the upload's start, [`Kind::Verification`](crate::error::Kind::Verification) where the bytes are not those of
    /// `digest`.
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
        self.put_payload(digest, payload).await
    }

    /// Sends the whole blob in one request that can be repeated, and closes the upload.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub(super) async fn put_payload(&mut self, digest: &Digest, payload: Payload) -> Result<(), Error> {
        let own = || self.location.clone().with_query("digest", digest.as_str());
        let destination = match self.redirected.take().map(|place| *place) {
            Some((Method::PUT, place)) => place,
            // Known by its digest only since the last try.
            Some((_, place)) => place.with_query("digest", digest.as_str()),
            None => own(),
        };
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
        let mut request = self.patch_request().with_payload(payload);
        if let Some(place) = self.redirected.take() {
            request.destination = place.1;
        }
        let response = self.send_and_move(request).await?;
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
    pub(crate) async fn commit(&mut self, digest: &Digest) -> Result<(), Error> {
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
        if let Some(location) = next_location(&self.repository, &response).await? {
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

    /// Sends the request that closes the upload. 201 is the registry's word; another 2xx is believed if the registry
    /// says that it has the blob.
    async fn close(&mut self, digest: &Digest, request: Request) -> Result<(), Error> {
        let name = request.name.clone();
        let response = self.send(request.succeeding_with(&STORED)).await?;
        self.repository.open_uploads().remove(self.number);
        let status = response.status();
        if status != StatusCode::CREATED && !matches!(self.repository.has_blob(digest).await, Ok(Some(_))) {
            return Err(self.senseless(name, format!("it is {status}, expected 201")));
        }
        same_digest(self.repository.host(), name, digest, response.headers())
    }

    /// Sends a request to the upload's own location, where "not found" means that the upload is gone.
    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        let (name, method) = (request.name.clone(), request.method.clone());
        match self.repository.send_once(request).await {
            Ok(Sent::Success(response)) => Ok(response),
            Ok(Sent::Redirected(_)) if self.redirects >= MAX_REDIRECTS => {
                Err(self.senseless(name, format!("it redirects more than {MAX_REDIRECTS} times")))
            }
            Ok(Sent::Redirected(place)) => {
                self.redirected = Some((method, place).into());
                self.redirects += 1;
                Err(Error::Moved { host: self.repository.host().clone(), request: name.into() })
            }
            Err(Error::Status(error)) if matches!(error.status, StatusCode::NOT_FOUND | StatusCode::GONE) => {
                self.repository.open_uploads().remove(self.number);
                Err(Error::UploadLost { server: error.server, request: error.request, body: error.body.into() })
            }
            Err(error) => Err(error),
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

/// The location that an answer names for the next request, relative to the place that gave the answer.
async fn next_location(repository: &RepositoryClient, response: &Response) -> Result<Option<Destination>, Error> {
    let registry = &repository.exchange().endpoint().await?.base;
    let location = headers::text(response.headers(), LOCATION);
    Ok(location.map(|location| Destination::follow(registry, response.url(), location)).transpose()?)
}
