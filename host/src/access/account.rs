//! Whose credentials are shown to a registry and where they are from, for the words of its refusal.

use super::refusal::{Refusal, order};
use crate::credential::Credential;
use crate::distribution;
use crate::docker::{Configured, CredentialError};
use crate::store::Name;
use crate::text::Escaped;

/// The credentials that are in use.
#[derive(Default)]
pub(super) struct Account {
    /// Whose they are and where they are from; absent where there are none.
    whose: Option<Escaped>,
    /// How others are stored in the same place.
    renewal: Option<Escaped>,
    /// Why there are none, where that is known.
    failure: Option<CredentialError>,
    /// The places of Docker's configuration that were looked at, in their order.
    looked_at: Vec<Escaped>,
}

impl Account {
    /// Credentials of Docker's configuration.
    pub(super) fn of_docker(configured: &mut Configured) -> Self {
        let whose = configured.origin.as_ref().map(|origin| configured.credential.of(origin));
        let renewal = configured.origin.as_ref().map(|origin| {
            if origin.contains("DOCKER_AUTH_CONFIG") {
                "correct them in `DOCKER_AUTH_CONFIG`, which goes before all files and helpers".into()
            } else {
                let order = order(&configured.looked_at);
                format!("log in again with `docker login`, or correct what is in {origin}; {order}").into()
            }
        });
        let looked_at = std::mem::take(&mut configured.looked_at);
        Self { whose, renewal, failure: configured.failure.take(), looked_at }
    }

    /// Credentials of a flavor, made from the connector of this name if there is one.
    pub(super) fn of_flavor(credential: &Credential, connector: Option<&Name>) -> Self {
        if credential.is_anonymous() {
            return Self::default();
        }
        let origin = connector.map_or_else(|| "the flavor".to_owned(), |name| format!("the connector `{name}`"));
        let renewal = connector.map(|name| format!("renew them with `crhost connector update {name}`").into());
        Self { whose: Some(credential.of(&origin.into())), renewal, ..Self::default() }
    }

    /// Credentials that a server gave.
    pub(super) fn of_server(credential: &Credential, server: &Escaped) -> Self {
        if credential.is_anonymous() {
            return Self::default();
        }
        let renewal = Some("whoever runs the server sees why in its log".into());
        Self { whose: Some(credential.of(&format!("the server `{server}`").into())), renewal, ..Self::default() }
    }

    /// Whose they are and where they are from; `None` where there are none.
    pub(super) fn whose(&self) -> Option<&Escaped> {
        self.whose.as_ref()
    }

    /// The refusal of a registry, with what is known here; any other error as it is.
    ///
    /// # Errors
    /// The error itself, where nothing more is known about it.
    pub(super) fn explain(&mut self, error: distribution::Error) -> Result<Refusal, distribution::Error> {
        use distribution::Error;
        match (error, &self.whose) {
            (Error::NoCredentials { host }, None) => match self.failure.take() {
                Some(reason) => Ok(Refusal::Unavailable { host, reason: Box::new(reason) }),
                None if self.looked_at.is_empty() => Err(Error::NoCredentials { host }),
                None => Ok(Refusal::NoneFound { host, looked_at: self.looked_at.clone() }),
            },
            (Error::WrongCredentials { host, body, .. }, Some(whose)) => {
                Ok(Refusal::Refused { host, whose: whose.clone(), body, renewal: self.renewal.clone() })
            }
            (Error::NotAllowed { host, action, body, .. }, Some(whose)) => {
                Ok(Refusal::NotAllowed { host, whose: whose.clone(), action, body })
            }
            (error, _) => Err(error),
        }
    }
}
