//! The names of the daemon's images.

use serde::Deserialize;

use super::{ANSWER_TIMEOUT, Engine, EngineError};
use crate::docker::client;
use crate::image::{Reference, Tag};
use crate::json;
use crate::text::{Escaped, nearest};

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

/// Names of a hint: more would hide the one that is meant.
const MAX_NEAR: usize = 3;

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

/// The names of the same repository, else the most similar one.
fn near(name: &str, names: &[String]) -> Vec<Escaped> {
    let repository = |name: &str| name.parse::<Reference>().ok().map(|name| name.name());
    let wanted = repository(name);
    let same = names.iter().filter(|name| wanted.is_some() && repository(name) == wanted);
    let same: Vec<Escaped> = same.take(MAX_NEAR).map(Escaped::from).collect();
    if !same.is_empty() {
        return same;
    }
    // A name without a tag is meant with `latest`, which would make all names with tags unlike it.
    let tagged = if name.contains(':') { name.to_owned() } else { format!("{name}:{}", Tag::latest()) };
    let similar = nearest(name, names).or_else(|| nearest(&tagged, names));
    similar.map(Escaped::from).into_iter().collect()
}

/// The next step where the daemon does not have an image.
pub(super) fn hint(near: &[Escaped]) -> String {
    const LIST: &str = "`docker images` lists what is there";
    match near {
        [] => LIST.to_owned(),
        near => format!("did you mean {}? {LIST}", crate::text::quoted(near)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_there_is_near_to_its_other_tags_or_to_a_similar_one() {
        let names = ["train:v3", "train:v4", "ghcr.io/acme/web:latest", "postgres:16"].map(str::to_owned);
        let near = |name: &str| -> Vec<String> { near(name, &names).iter().map(ToString::to_string).collect() };
        assert_eq!(near("train"), ["train:v3", "train:v4"]);
        assert_eq!(near("docker.io/library/train:v5"), ["train:v3", "train:v4"]);
        assert_eq!(near("ghcr.io/acme/wbe"), ["ghcr.io/acme/web:latest"]);
        assert_eq!(near("postgers:16"), ["postgres:16"]);
        assert_eq!(near("redis"), [""; 0]);
    }
}
