//! What a daemon is asked about itself.

use std::path::PathBuf;

use serde::Deserialize;

use super::about::About;
use super::api::ApiVersion;
use super::{ANSWER_TIMEOUT, Engine, EngineError};
use crate::docker::client;
use crate::json;
use crate::text::Escaped;

/// The answer to `/version`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Version {
    #[serde(deserialize_with = "json::non_empty")]
    version: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    api_version: Option<String>,
    #[serde(deserialize_with = "json::if_valid")]
    components: Option<Vec<Component>>,
}

/// A program that a daemon consists of.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Component {
    name: String,
}

/// The answer to `/info`, as far as it matters here.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Storage {
    #[serde(deserialize_with = "json::non_empty")]
    driver: Option<String>,
    #[serde(deserialize_with = "json::non_empty")]
    docker_root_dir: Option<String>,
}

impl Engine {
    /// Asks the daemon about itself, within two minutes.
    ///
    /// # Errors
    /// When it does not answer, or speaks an API from before 1.24.
    pub(crate) async fn about(&self) -> Result<About, EngineError> {
        let failed = |failure: client::Failure| EngineError::About {
            endpoint: Escaped::of(&self.endpoint),
            reason: failure.reason,
        };
        let version: Version = client::get(&self.endpoint, "/version", ANSWER_TIMEOUT).await.map_err(failed)?;
        let api = version.api_version.as_deref().and_then(ApiVersion::parse);
        let shown = version.version.as_deref().map_or_else(|| "of an unknown version".into(), Escaped::from);
        // A proxy may have left out the header by which that is known from the start.
        if let Some(found) = api.filter(ApiVersion::is_old) {
            return Err(EngineError::TooOld { endpoint: Escaped::of(&self.endpoint), found });
        }
        let storage: Storage = client::get(&self.endpoint, "/info", ANSWER_TIMEOUT).await.map_err(failed)?;
        let is_podman = version.components.iter().flatten().any(|component| component.name.starts_with("Podman"));
        Ok(About {
            name: if is_podman { "Podman" } else { "Docker" }.into(),
            version: shown,
            api,
            driver: storage.driver.as_deref().map(Escaped::from),
            root: storage.docker_root_dir.map(PathBuf::from),
        })
    }
}
