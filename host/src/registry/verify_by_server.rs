//! The checks where a server has the registry: what is registered is the server's affair, and it is asked for the rest.

use super::authenticator::Authenticator;
use super::checks::{Results, identity, open, try_upload};
use super::error::RegistryError;
use super::step::{Check, Outcome, Step};
use crate::access::{Access, AccessError};
use crate::credential::Credential;
use crate::flavor::Purpose;
use crate::image::Reference;
use crate::server_client::ServerError;
use crate::store::RegistryRecord;

/// What only the server can check.
const OF_SERVER: [Check; 3] = [Check::Uri, Check::Options, Check::Connector];

/// Runs the checks until one fails; `None` then. Whether the user named the image, and whether it is to be pushed, says
/// the pair.
pub(super) async fn run(
    authenticator: &Authenticator<'_>,
    registry: &RegistryRecord,
    access: Access<'_>,
    image: &Reference,
    (is_named, push): (bool, bool),
    results: &mut Results,
) -> Option<()> {
    let message = || "the server has it".to_owned();
    let of_server = |check| Step { check, outcome: Outcome::Skipped, message: message(), remarks: Vec::new() };
    results.steps.extend(OF_SERVER.map(of_server));
    let access = if push { access } else { access.with_purpose(Purpose::Pull) };
    let named = is_named.then_some(image);
    let credential = results.record(Check::Credentials, credentials(&access, registry, named).await)?;
    let opened = open(authenticator, registry, &access, image, credential).await;
    let repository = results.record(Check::Registry, opened)?;
    if push {
        results.record_with_remarks(Check::Push, try_upload(&access, &repository, image).await)?;
    }
    Some(())
}

/// Credentials for an image, or for the whole registry, which rules for single repositories do not give.
async fn credentials(
    access: &Access<'_>,
    registry: &RegistryRecord,
    image: Option<&Reference>,
) -> Result<(Credential, String), RegistryError> {
    let credential = match image {
        Some(image) => access.login(image).await?.credential,
        None => access.registry_login().await.map_err(|error| whole(registry, error))?.credential,
    };
    let message = identity(&credential);
    Ok((credential, message))
}

fn whole(registry: &RegistryRecord, error: AccessError) -> RegistryError {
    match error {
        AccessError::Server(ServerError::Refused { status: 403, detail, .. }) => {
            RegistryError::NotWhole { registry: registry.name.clone(), detail }
        }
        other => other.into(),
    }
}
