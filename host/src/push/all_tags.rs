//! All tags of a name, as `docker push --all-tags` pushes them.

use super::error::PushError;
use super::image_name::check_name;
use super::pusher::Pusher;
use super::request::Request;
use crate::registry::{GivenName, RegistryError};
use crate::source::{self, Location};

impl Pusher<'_> {
    /// The pushes that a request with all tags means, one for each image that has some of them.
    ///
    /// # Errors
    /// When a tag was given, the source has no image of that name, or nothing says what the images are to be called.
    pub(crate) async fn with_all_tags(&self, request: Request) -> Result<Vec<Request>, PushError> {
        check_name(&request.location)?;
        if let Some(tag) = request.named.as_ref().and_then(GivenName::tag) {
            return Err(RegistryError::TagOfAll(tag.clone()).into());
        }
        // What names are in a file decides nothing, unless the user said which of them are meant.
        if request.named.is_none() && matches!(request.location, Location::Archive { reference: None, .. }) {
            return Err(RegistryError::NoName { suggestion: None }.into());
        }
        let images = source::tagged(&request.location, async || self.engine().await).await?;
        let request_of = |image: source::Tagged| {
            let mut tags = image.tags.into_iter();
            let first = tags.next();
            let named = request.named.clone().map(|named| named.with_tag(first));
            Request { location: image.location, named, tags: tags.collect(), ..request.clone() }
        };
        Ok(images.into_iter().map(request_of).collect())
    }
}
