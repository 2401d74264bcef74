//! Whose credentials open a registry, and whether they may push.

use super::finding::{Check, Finding};
use super::subject::name;
use crate::catalog::Catalog;
use crate::registry::{self, Authenticator, Standing};
use crate::store::{RegistryRecord, Store};
use crate::text::Moment;

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
    let end = end.map_or_else(String::new, |end| format!(" until {}", Moment(end)));
    format!("`{host}` accepts those of {whose}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::RegistryLogin;
    use crate::credential::Credential;

    #[test]
    fn the_end_of_credentials_is_told_however_far_it_is() {
        let found = |expires_at: Option<u64>| {
            let login = RegistryLogin { credential: Credential::Anonymous, given_at: None, expires_at };
            let whose = Some("`alice`".into());
            let standing = Standing { login: Some(login), whose, accepted: true, push: None, failure: None };
            of_login(&standing, &RegistryRecord::example("prod", "localhost:5000/acme"))
        };
        for (expires_at, end) in [
            (None, ""),
            (Some(1_795_953_600), " until 2026-11-29T12:00:00Z"),
            (Some(253_402_300_800), " until 9999-12-31T23:59:59Z"),
            (Some(u64::MAX), " until 9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(found(expires_at), format!("`localhost:5000` accepts those of `alice`{end}"));
        }
    }
}
