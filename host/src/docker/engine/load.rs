//! Images that a daemon takes from an archive, and what it has of them.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::messages::Messages;
use super::{Engine, EngineError, LocalImage};
use crate::docker::client::{self, Request};

/// Most images whose layers are asked for, each with a request. More are on few machines, and those that were built
/// last come first.
const MAX_ASKED: usize = 1_000;

/// Requests for images at once: a daemon answers each in some milliseconds.
const ASKED_AT_ONCE: usize = 8;

impl Engine {
    /// Has the daemon take the images of an archive in the form of `docker save`. There is no time limit. An error
    /// names the image `name`.
    ///
    /// # Errors
    /// When the daemon refuses, or the connection breaks; it has nothing of the archive then, or layers without a name.
    pub(crate) async fn load<S>(&self, name: &str, archive: S) -> Result<(), EngineError>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let mut request = Request::new(Method::POST, "/images/load?quiet=1");
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-tar"));
        let body = StreamBody::new(archive.map_ok(Frame::data));
        let answer =
            client::send(&self.endpoint, request, body).await.map_err(|failure| self.failure(name, failure))?;
        let mut messages = Messages::new(client::body(answer));
        while let Some(message) = messages.next().await.map_err(|failure| self.failed(name, &failure.words))? {
            if let Some(error) = message.error() {
                return Err(self.failed(name, error));
            }
        }
        Ok(())
    }

    /// The images that the daemon has, at most the newest thousand. One that goes away meanwhile is left out. An error
    /// names the image `name`.
    ///
    /// # Errors
    /// When the daemon does not answer with a list in time.
    pub(crate) async fn local_images(&self, name: &str) -> Result<Vec<LocalImage>, EngineError> {
        let ids = self.images(name).await?.into_iter().filter_map(|listed| listed.id).take(MAX_ASKED);
        let asked = ids.map(|id| async move { self.find(&id).await.ok().flatten() });
        Ok(stream::iter(asked).buffer_unordered(ASKED_AT_ONCE).filter_map(std::future::ready).collect().await)
    }
}
