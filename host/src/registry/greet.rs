//! The first word with a registry, before any credentials.

use super::authenticator::placeholder;
use super::error::RegistryError;
use super::plain_http::plain_http;
use crate::credential::Credential;
use crate::distribution::{Actions, Client, Greeting};
use crate::store::RegistryRecord;

/// Finds a registry, without showing any credentials.
///
/// # Errors
/// When nothing, or no registry, answers there.
pub(crate) async fn greet(client: &Client, registry: &RegistryRecord) -> Result<Greeting, RegistryError> {
    let image = placeholder(&registry.uri)?;
    let plain = plain_http(registry, false);
    let repository =
        client.repository(image.host(), image.repository(), plain, Credential::Anonymous, Actions::Push)?;
    Ok(repository.greeting().await?)
}
