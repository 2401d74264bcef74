//! The checks that verifications share, and what came of those that have run.

use super::authenticator::Authenticator;
use super::error::RegistryError;
use super::step::{Check, Outcome, Step};
use crate::access::Access;
use crate::credential::Credential;
use crate::distribution::{Opened, RepositoryClient};
use crate::image::Reference;
use crate::store::RegistryRecord;
use crate::text::printable;

/// The checks that have run.
#[derive(Default)]
pub(super) struct Results {
    /// Their outcomes.
    pub(super) steps: Vec<Step>,
    /// The error of the one that failed.
    pub(super) failure: Option<RegistryError>,
}

impl Results {
    /// Records the outcome of a check with its message. Returns the value that the next checks need, unless it failed.
    pub(super) fn record<T>(&mut self, check: Check, outcome: Result<(T, String), RegistryError>) -> Option<T> {
        let (value, outcome, message) = match outcome {
            Ok((value, message)) => (Some(value), Outcome::Ok, message),
            Err(error) => {
                let message = error.to_string();
                self.failure = Some(error);
                (None, Outcome::Failed, message)
            }
        };
        self.steps.push(Step { check, outcome, message, remarks: Vec::new() });
        value
    }

    /// Records the outcome of a check in which the flavor had remarks.
    pub(super) fn record_with_remarks(
        &mut self,
        check: Check,
        outcome: Result<(String, Vec<String>), RegistryError>,
    ) -> Option<()> {
        let (outcome, remarks) = match outcome {
            Ok((message, remarks)) => (Ok(((), message)), remarks),
            Err(error) => (Err(error), Vec::new()),
        };
        let recorded = self.record(check, outcome);
        if let Some(step) = self.steps.last_mut() {
            step.remarks = remarks;
        }
        recorded
    }
}

/// Opens the registry with credentials.
pub(super) async fn open(
    authenticator: &Authenticator<'_>,
    registry: &RegistryRecord,
    access: &Access<'_>,
    image: &Reference,
    credential: Credential,
) -> Result<(RepositoryClient, String), RegistryError> {
    let anonymous = matches!(credential, Credential::Anonymous);
    let (repository, opened) = authenticator.authenticate(registry, access, image, credential).await?;
    let host = repository.host();
    let message = match opened {
        Opened::ToCredentials => format!("`{host}` accepts them"),
        Opened::ToAnybody if anonymous => format!("`{host}` accepts anonymous access"),
        Opened::ToAnybody => format!("`{host}` accepts anonymous access, and has not looked at the credentials"),
    };
    Ok((repository, message))
}

/// Opens an upload, and gives it up.
pub(super) async fn try_upload(
    access: &Access<'_>,
    repository: &RepositoryClient,
    image: &Reference,
) -> Result<(String, Vec<String>), RegistryError> {
    let prepared = access.prepare(image).await?;
    repository.start_upload().await?.cancel().await;
    let message = format!("an upload to `{}` was opened and given up", image.repository());
    Ok((message, prepared.notes))
}

/// The identity behind credentials, as far as it is not secret.
pub(super) fn identity(credential: &Credential) -> String {
    match credential {
        Credential::Anonymous => "none: the registry is asked without credentials".to_owned(),
        Credential::Basic { username, .. } if username.is_empty() => "a password".to_owned(),
        Credential::Basic { username, .. } => format!("of `{}`", printable(username, 100)),
        Credential::IdentityToken(_) => "an identity token".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_named_by_its_kind_whatever_ran_before_it() {
        let mut results = Results::default();
        assert_eq!(results.record(Check::Registry, Ok((7, "opens".to_owned()))), Some(7));
        assert_eq!(results.record::<()>(Check::Push, Err(RegistryError::NoTarget)), None);
        let found: Vec<_> = results.steps.iter().map(|step| (step.check, step.outcome)).collect();
        assert_eq!(found, [(Check::Registry, Outcome::Ok), (Check::Push, Outcome::Failed)]);
        assert!(matches!(results.failure, Some(RegistryError::NoTarget)));
    }
}
