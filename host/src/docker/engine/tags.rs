//! Names that an image is given in the daemon, and that are taken away again.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::inspection::Inspection;
use super::{ANSWER_TIMEOUT, Engine, EngineError, LocalImage};
use crate::docker::client::{self, Request};
use crate::image::{Digest, Tag};

impl Engine {
    /// Gives an image a further name, which another image loses.
    ///
    /// # Errors
    /// When the daemon has no such image, or refuses.
    pub(crate) async fn tag(&self, image: &Digest, name: &str, tag: &Tag) -> Result<(), EngineError> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("/images/{image}/tag?repo={name}&tag={tag}");
        let tagged = client::run(&self.endpoint, Request::new(Method::POST, &path), ANSWER_TIMEOUT).await;
        tagged.map_err(|failure| self.failure(image.as_str(), failure))
    }

    /// Takes a name from an image that has others, without which the daemon would delete it.
    ///
    /// # Errors
    /// When the daemon does not know the name, or refuses.
    pub(crate) async fn untag(&self, name: &str, tag: &Tag) -> Result<(), EngineError> {
        let name = format!("{name}:{tag}");
        let path = format!("/images/{name}?noprune=true");
        let removed = client::run(&self.endpoint, Request::new(Method::DELETE, &path), ANSWER_TIMEOUT).await;
        removed.map_err(|failure| self.failure(&name, failure))
    }

    /// The image with a name or id, which is one that can stand in a path, within a minute; `None` where the daemon has
    /// none.
    ///
    /// # Errors
    /// When the daemon does not answer with a description in time.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<LocalImage>, EngineError> {
        let path = format!("/images/{name}/json");
        match client::get::<Inspection>(&self.endpoint, &path, ANSWER_TIMEOUT).await {
            Ok(found) => LocalImage::from_inspection(found).map(Some).map_err(|reason| self.failed(name, &reason)),
            Err(failure) if failure.is_unknown() => Ok(None),
            Err(failure) => Err(self.failure(name, failure)),
        }
    }
}
