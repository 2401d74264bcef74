//! A token in an environment variable: GitLab's `id_tokens`, CircleCI's own, or any other
//! (<https://docs.gitlab.com/ci/secrets/id_token_authentication/>).

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use crate::environment::{EnvVars, Environment};
use crate::id_token::error::IdTokenError;
use crate::id_token::platform::Platform;
use crate::text::Escaped;

/// The variable with its value.
pub(super) struct Variable {
    name: Escaped,
    value: SecretString,
    is_circleci: bool,
}

impl Variable {
    /// That of this name.
    ///
    /// # Errors
    /// When it is not set.
    pub(super) fn of(name: &str, environment: &Environment) -> Result<Self, IdTokenError> {
        let value = environment.text(name).ok_or_else(|| IdTokenError::NoVariable { variable: name.into() })?;
        let is_circleci = name == EnvVars::CIRCLE_OIDC_TOKEN_V2;
        Ok(Self { name: format!("${name}").into(), value: value.trim().into(), is_circleci })
    }
}

impl Platform for Variable {
    fn name(&self) -> Escaped {
        self.name.clone()
    }

    fn issues_now(&self) -> bool {
        false
    }

    fn advice(&self, audience: &str) -> Escaped {
        match self.is_circleci {
            true => "CircleCI's variable is for its organization alone; `--id-token-from circleci`, when registering \
                     the connector, has its program give one for this audience"
                .into(),
            false => {
                format!("in GitLab CI, `aud: {audience}` below `id_tokens:` sets the audience; it ends with the job")
                    .into()
            }
        }
    }

    fn token<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        async move { Ok(self.value.clone()) }.boxed()
    }
}
