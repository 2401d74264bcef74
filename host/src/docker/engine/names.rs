//! The names of the daemon's images.

use serde::Deserialize;

use super::{ANSWER_TIMEOUT, Engine, EngineError};
use crate::docker::client;
use crate::image::near;
use crate::json;
use crate::text::Escaped;

/// An image in the list of a daemon.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Listed {
    /// Its id, which several names may share.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) id: Option<String>,
    /// Its names, each with a tag.
    pub(crate) repo_tags: Vec<String>,
}

impl Engine {
    /// All images of the daemon with their names, within a minute. An error names the image `name`.
    ///
    /// # Errors
    /// When the daemon does not answer with a list in time.
    pub(crate) async fn images(&self, name: &str) -> Result<Vec<Listed>, EngineError> {
        let listed = client::get::<Vec<Listed>>(&self.endpoint, "/images/json", ANSWER_TIMEOUT).await;
        listed.map_err(|failure| self.failure(name, failure))
    }

    /// The error for an image that the daemon does not have, with names that may be meant.
    pub(crate) async fn unknown(&self, name: &str) -> EngineError {
        let listed = self.images(name).await.unwrap_or_default();
        let names: Vec<String> = listed.into_iter().flat_map(|image| image.repo_tags).collect();
        EngineError::Unknown { name: name.into(), endpoint: Escaped::of(&self.endpoint), near: near(name, &names) }
    }
}
