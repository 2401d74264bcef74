//! A whole registry, opened with one credential: the list of its repositories.

use serde::Deserialize;

use super::error::Error;
use super::exchange::Exchange;
use super::pages::Pages;
use crate::image::Repository;
use crate::json::{self, Malformed};

/// A registry as its catalog shows it (the distribution project's HTTP API V2, "Catalog"; no part of the OCI
/// specification, so that many registries have none).
pub(crate) struct RegistryClient {
    exchange: Exchange,
}

impl RegistryClient {
    pub(super) fn new(exchange: Exchange) -> Self {
        Self { exchange }
    }

    /// Checks that the registry answers, and that it accepts the credential.
    ///
    /// # Errors
    /// Where it can't be reached, or there are no credentials for it.
    pub(crate) async fn authenticate(&self) -> Result<(), Error> {
        self.exchange.grant(&self.exchange.subject.scopes()).await.map(drop)
    }

    /// The registry's repositories, as far as these credentials show them. Names that are no repositories are left out.
    #[must_use]
    pub(crate) fn repositories(&self) -> Pages<'_, Repository> {
        let name = format!("the question for the repositories of `{}`", self.exchange.host);
        Pages::new(&self.exchange, "_catalog".to_owned(), name, repositories)
    }
}

#[derive(Deserialize)]
struct Catalog {
    #[serde(default)]
    repositories: Vec<String>,
}

fn repositories(page: &[u8]) -> Result<Vec<Repository>, Malformed> {
    let Catalog { repositories } = json::read(page)?;
    let valid = |name: String| match name.parse() {
        Ok(repository) => Some(repository),
        Err(error) => {
            tracing::debug!("the registry lists what is no repository: {error}");
            None
        }
    };
    Ok(repositories.into_iter().filter_map(valid).collect())
}
