//! GitHub Actions, and systems that follow it (Gitea, Forgejo)
//! (<https://docs.github.com/actions/reference/security/oidc>).

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};

use crate::environment::{EnvVars, Environment};
use crate::id_token::error::IdTokenError;
use crate::id_token::http::{Endpoint, Request};
use crate::id_token::platform::Platform;
use crate::text::Escaped;

/// The name in messages.
const NAME: &str = "GitHub Actions";

/// A job's endpoint, and what authorizes requests to it.
pub(super) struct GitHub {
    endpoint: Endpoint,
    request_token: SecretString,
}

impl GitHub {
    /// That of this job.
    ///
    /// # Errors
    /// When the job may request no tokens, or its endpoint is no URL to send a secret to.
    pub(super) fn of(environment: &Environment) -> Result<Self, IdTokenError> {
        let not_allowed = |missing| IdTokenError::NotAllowed {
            platform: NAME.into(),
            missing,
            hint: "add `permissions: { id-token: write, contents: read }` to the job; a pull request from a fork gets \
                   none in any case"
                .into(),
        };
        let url = environment.text(EnvVars::ACTIONS_ID_TOKEN_REQUEST_URL);
        let url = url.ok_or_else(|| not_allowed("`ACTIONS_ID_TOKEN_REQUEST_URL` is not set"))?;
        let token = environment.text(EnvVars::ACTIONS_ID_TOKEN_REQUEST_TOKEN);
        let token = token.ok_or_else(|| not_allowed("`ACTIONS_ID_TOKEN_REQUEST_TOKEN` is not set"))?;
        Ok(Self { endpoint: Endpoint::parse(NAME, &url)?, request_token: token.into_owned().into() })
    }
}

impl Platform for GitHub {
    fn name(&self) -> Escaped {
        NAME.into()
    }

    fn issues_now(&self) -> bool {
        true
    }

    fn advice(&self, _: &str) -> Escaped {
        "the endpoint of the job gave another token than it was asked for: see what `ACTIONS_ID_TOKEN_REQUEST_URL` is"
            .into()
    }

    fn token<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        async move {
            let mut url = self.endpoint.url().clone();
            url.query_pairs_mut().append_pair("audience", audience);
            Request {
                platform: NAME,
                member: "value",
                bearer: Some(self.request_token.expose_secret()),
                refused: "the job needs `permissions: { id-token: write }`, and its token ends with it",
            }
            .get(url)
            .await
        }
        .boxed()
    }
}
