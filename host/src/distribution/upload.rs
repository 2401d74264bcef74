//! A blob on its way into a repository.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt as _};
use http::header::{CONTENT_RANGE, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Response;
use url::Url;

use super::body::Payload;
use super::error::Error;
use super::location::follow;
use super::manifest::same_digest;
use super::probe::named;
use super::range;
use super::repository::RepositoryClient;
use super::send::Request;
use crate::image::Digest;

const OCTET_STREAM: HeaderValue = HeaderValue::from_static("application/octet-stream");
const MIN_CHUNK: &str = "oci-chunk-min-length";
/// How long a registry may take to hear that nothing more will come: someone waits for the end, and it would find out by itself
/// after some days.
const FAREWELL: Duration = Duration::from_secs(5);

/// An upload that a registry has opened.
///
/// Three ways lead to a blob: one [`put`](Self::put), where the digest is known before; one [`patch`](Self::patch) and
/// [`commit`](Self::commit), where it is known only after the last byte; or several
/// [`patch_chunk`](Self::patch_chunk) and [`commit`](Self::commit), for registries that limit the size of requests.
///
/// # Streams and their errors
/// Where a stream gives an [`io::Error`], the request is broken off and the method fails with exactly that error as
/// [`Error::Body`]. A caller that has errors of its own wraps them with [`io::Error::other`] and gets them back by
/// [`io::Error::downcast`]. A stream may take its time; only the registry's silence is limited.
///
/// An upload that is dropped before its end is left open, until [`RepositoryClient::cancel_uploads`].
pub(crate) struct Upload {
    repository: RepositoryClient,
    number: u64,
    location: Url,
    min_chunk: Option<u64>,
    received: u64,
}

impl RepositoryClient {
    /// Opens an upload. This is where a registry tells whether the credentials allow to push.
    ///
    /// # Errors
    /// [`Error::NoCredentials`], [`Error::NotAllowed`], and any other refusal.
    pub(crate) async fn start_upload(&self) -> Result<Upload, Error> {
        let url = self.url("blobs/uploads/").await?;
        let what = format!("the start of an upload to `{}`", self.repository());
        let response = self.send(self.request(Method::POST, url, what.clone())).await?;
        Upload::open(self.clone(), &response, what).await
    }

    /// Tells the registry of every upload that was left open that nothing more will come, within a few seconds.
    pub(crate) async fn cancel_uploads(&self) {
        let open = self.open_uploads().take();
        join_all(open.into_iter().map(|location| cancel(self, location))).await;
    }
}

/// Where the uploads are that have neither been closed nor given up.
#[derive(Default)]
pub(super) struct OpenUploads {
    places: HashMap<u64, Url>,
    last: u64,
}

impl OpenUploads {
    fn add(&mut self, location: Url) -> u64 {
        self.last += 1;
        self.places.insert(self.last, location);
        self.last
    }

    fn moved(&mut self, number: u64, location: Url) {
        self.places.entry(number).and_modify(|place| *place = location);
    }

    fn remove(&mut self, number: u64) {
        self.places.remove(&number);
    }

    fn take(&mut self) -> Vec<Url> {
        std::mem::take(&mut self.places).into_values().collect()
    }
}

impl Upload {
    /// An upload as the answer to its opening describes it.
    pub(super) async fn open(repository: RepositoryClient, response: &Response, what: String) -> Result<Self, Error> {
        let base = &repository.endpoint().await?.base;
        let Some(location) = next_location(base, response)? else {
            let problem = "it names no location for the upload".to_owned();
            return Err(Error::Protocol { server: named(repository.host()), what, problem });
        };
        let min_chunk = response.headers().get(MIN_CHUNK).and_then(|value| value.to_str().ok()?.parse().ok());
        let number = repository.open_uploads().add(location.clone());
        Ok(Self { repository, number, location, min_chunk, received: 0 })
    }

    /// The smallest chunk but the last that the registry takes, in bytes (`OCI-Chunk-Min-Length`), where it says so.
    #[must_use]
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests, until it is used or gone"))]
    pub(crate) fn min_chunk(&self) -> Option<u64> {
        self.min_chunk
    }

    /// Sends the whole blob in one request and closes the upload ("POST then PUT").
    ///
    /// # Errors
    /// [`Error::Length`] where the stream is not `size` bytes long, [`Error::Body`] where it fails,
    /// [`Error::TokenExpired`] where the registry took too long since the upload's start,
    /// [`Kind::Verification`](crate::error::Kind::Verification) where the bytes are not what `digest` says.
    pub(crate) async fn put(
        &mut self,
        digest: &Digest,
        size: u64,
        body: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Result<(), Error> {
        let mut request = self.request(Method::PUT, format!("the upload of blob `{digest}`"));
        request.url.query_pairs_mut().append_pair("digest", digest.as_str());
        request.headers.insert(CONTENT_TYPE, OCTET_STREAM);
        request.payload = match size {
            // Nothing to stream, and so nothing that couldn't be sent again.
            0 => Payload::none(),
            _ => Payload::Stream(body.boxed(), Some(size)),
        };
        let what = request.what.clone();
        let response = self.send(request).await?;
        self.repository.open_uploads().remove(self.number);
        same_digest(self.repository.host(), what, digest, response.headers())
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
        let mut request = self.request(Method::PATCH, self.bytes_for());
        request.headers.insert(CONTENT_TYPE, OCTET_STREAM);
        request.payload = Payload::Stream(body.boxed(), None);
        let response = self.send(request).await?;
        self.move_on(&response).await?;
        if let Some(confirmed) = range::confirmed(response.headers()) {
            self.received = confirmed;
        }
        Ok(())
    }

    /// Sends the next bytes in a request with `Content-Range`, and tells how many bytes the registry has then. That is what
    /// the registry says and can be less than was sent: some registries answer with success and drop the chunk, and the
    /// next one must begin where the answer says.
    ///
    /// # Errors
    /// Any refusal; 416 where the registry has another number of bytes than this upload believes.
    pub(crate) async fn patch_chunk(&mut self, chunk: Bytes) -> Result<u64, Error> {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if length == 0 {
            return Ok(self.received);
        }
        let end = self.received.saturating_add(length);
        let mut request = self.request(Method::PATCH, self.bytes_for());
        let content_range = HeaderValue::from_str(&format!("{}-{}", self.received, end - 1));
        request.headers.extend(content_range.ok().map(|value| (CONTENT_RANGE, value)));
        request.headers.insert(CONTENT_TYPE, OCTET_STREAM);
        request.payload = Payload::Bytes(chunk);
        let what = request.what.clone();
        let response = self.send(request).await?;
        self.move_on(&response).await?;
        self.received = match range::confirmed(response.headers()) {
            // Of one byte and of none, registries say the same.
            None => end,
            Some(0) if end == 1 => end,
            Some(confirmed) if confirmed <= end => confirmed,
            Some(confirmed) => {
                let problem = format!("it confirms {confirmed} bytes where {end} were sent");
                return Err(Error::Protocol { server: named(self.repository.host()), what, problem });
            }
        };
        Ok(self.received)
    }

    /// Asks how many bytes the registry has, after a failure ("Resuming an upload"). Zero means: begin again from the first
    /// byte, which an upload that is left as it was can also do.
    ///
    /// # Errors
    /// [`Error::UploadLost`] where the registry has given the upload up; a new one must be started then.
    pub(crate) async fn received(&mut self) -> Result<u64, Error> {
        let request =
            self.request(Method::GET, format!("the state of an upload to `{}`", self.repository.repository()));
        let response = self.send(request).await?;
        self.move_on(&response).await?;
        // Without a range, with one that doesn't begin at the start, or from something that answers in its own way, nothing
        // is certain.
        let confirmed = range::confirmed(response.headers()).filter(|_| response.status() == StatusCode::NO_CONTENT);
        self.received = confirmed.unwrap_or_default();
        Ok(self.received)
    }

    /// Closes the upload: what was sent becomes the blob of this digest.
    ///
    /// # Errors
    /// As for [`put`](Self::put).
    pub(crate) async fn commit(&self, digest: &Digest) -> Result<(), Error> {
        let mut request = self.request(Method::PUT, format!("the end of the upload of blob `{digest}`"));
        request.url.query_pairs_mut().append_pair("digest", digest.as_str());
        let what = request.what.clone();
        let response = self.send(request).await?;
        self.repository.open_uploads().remove(self.number);
        same_digest(self.repository.host(), what, digest, response.headers())
    }

    /// Tells the registry that nothing more will come. It would find out by itself after some days, so failing to tell it
    /// is no failure.
    pub(crate) async fn cancel(self) {
        self.repository.open_uploads().remove(self.number);
        cancel(&self.repository, self.location).await;
    }

    /// Sends a request to the upload's own place, where "not found" means that the upload is gone.
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let lost = |status| matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE);
        match self.repository.send(request).await {
            Err(Error::Status { server, what, status, words, .. }) if lost(status) => {
                self.repository.open_uploads().remove(self.number);
                Err(Error::UploadLost { server, what, words })
            }
            result => result,
        }
    }

    fn request(&self, method: Method, what: String) -> Request {
        self.repository.request(method, self.location.clone(), what)
    }

    fn bytes_for(&self) -> String {
        format!("bytes of an upload to `{}`", self.repository.repository())
    }

    /// Each answer may name another place for the next request, and the one before is then no longer valid.
    async fn move_on(&mut self, response: &Response) -> Result<(), Error> {
        let base = &self.repository.endpoint().await?.base;
        if let Some(location) = next_location(base, response)? {
            self.repository.open_uploads().moved(self.number, location.clone());
            self.location = location;
        }
        Ok(())
    }
}

async fn cancel(repository: &RepositoryClient, location: Url) {
    let what = format!("the end of an upload to `{}`", repository.repository());
    let telling = repository.send(repository.request(Method::DELETE, location, what));
    match tokio::time::timeout(FAREWELL, telling).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!("an upload was left open: {error}"),
        Err(_) => tracing::debug!("an upload was left open: the registry doesn't answer"),
    }
}

fn next_location(base: &Url, response: &Response) -> Result<Option<Url>, Error> {
    let location = |headers: &HeaderMap| Some(headers.get(LOCATION)?.to_str().ok()?.to_owned());
    location(response.headers()).map(|location| follow(base, response.url(), &location)).transpose()
}
