//! CircleCI (<https://circleci.com/docs/guides/permissions-authentication/oidc-tokens-with-custom-claims/>): a variable
//! with a token for the organization, and a program for other audiences.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::SecretString;

use super::command::Command;
use crate::environment::Environment;
use crate::id_token::error::IdTokenError;
use crate::id_token::platform::Platform;
use crate::text::Escaped;

/// The program, as the user allowed it.
pub(super) struct CircleCi(Command);

impl CircleCi {
    /// That of this machine.
    pub(super) fn of(environment: &Environment) -> Self {
        let words = ["circleci", "run", "oidc", "get", "--claims", r#"{"aud":"{audience}"}"#];
        Self(Command::of(&words.map(str::to_owned), environment))
    }
}

impl Platform for CircleCi {
    fn name(&self) -> Escaped {
        "CircleCI".into()
    }

    fn issues_now(&self) -> bool {
        true
    }

    fn advice(&self, audience: &str) -> Escaped {
        self.0.advice(audience)
    }

    fn token<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        async move { self.0.token(audience).await }.boxed()
    }
}
