//! Images that a daemon takes from an archive, and what it has of them.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use http_body_util::StreamBody;
use hyper::body::Frame;

use super::messages::Messages;
use super::{Engine, EngineError, LocalImage};
use crate::docker::client::{self, Request};

/// Most images whose layers are asked for: a request each, and the newest come first.
const MAX_ASKED: usize = 200;

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

    /// The images that the daemon has, the newest 200. One that goes away meanwhile is left out. An error names the
    /// image `name`.
    ///
    /// # Errors
    /// When the daemon does not answer with a list in time.
    pub(crate) async fn local_images(&self, name: &str) -> Result<Vec<LocalImage>, EngineError> {
        let mut found = Vec::new();
        for id in self.images(name).await?.into_iter().take(MAX_ASKED).filter_map(|listed| listed.id) {
            found.extend(self.find(&id).await.ok().flatten());
        }
        Ok(found)
    }
}
