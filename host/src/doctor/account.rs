//! Whose credentials open a registry, and whether they may push.

use std::time::{Duration, SystemTime};

use super::clock;
use super::finding::{Check, Finding};
use super::subject::name;
use crate::catalog::Catalog;
use crate::registry::{self, Authenticator, Standing};
use crate::store::{RegistryRecord, Store};

/// The credentials for a registry, and with `push` whether an upload can be opened there.
pub(super) async fn standing(
    store: &Store,
    catalog: &Catalog<'_>,
    authenticator: &Authenticator<'_>,
    registry: &RegistryRecord,
    push: bool,
) -> Vec<Finding> {
    let image = push.then(|| registry::image_to_push(store, registry, None, None)).transpose();
    let image = match image {
        Ok(image) => image,
        Err(error) => return vec![Finding::failed(Check::Push, &error)],
    };
    let standing = registry::standing(store, catalog, authenticator, registry, image.as_ref()).await;
    let credentials = match &standing.failure {
        Some(error) if !standing.accepted => {
            let skipped = Finding::skipped(Check::Push, "the registry does not open");
            return vec![Finding::failed(Check::Credentials, error), skipped];
        }
        _ => Finding::ok(Check::Credentials, of_login(&standing, registry)),
    };
    let push = match (&standing.failure, standing.push) {
        (Some(error), _) => Finding::failed(Check::Push, error),
        (None, Some(_)) => Finding::ok(Check::Push, "an upload was opened and given up"),
        (None, None) => {
            let next = format!("`crhost doctor {} --push` opens an upload and gives it up", name(registry));
            Finding::skipped(Check::Push, "not asked for").with_next(next)
        }
    };
    vec![credentials, push]
}

fn of_login(standing: &Standing, registry: &RegistryRecord) -> String {
    let host = registry.uri.host();
    let Some(whose) = &standing.whose else {
        return format!("`{host}` accepts access without credentials, and there are none");
    };
    let end = standing.login.as_ref().and_then(|login| login.expires_at);
    let end = end.and_then(|end| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end)));
    let end = end.map_or_else(String::new, |end| format!(" until {}", clock::time(end)));
    format!("`{host}` accepts those of {whose}{end}")
}
