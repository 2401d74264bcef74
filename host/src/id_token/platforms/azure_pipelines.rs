//! Azure Pipelines
//! (<https://learn.microsoft.com/rest/api/azure/devops/distributedtask/oidctoken/create>, and
//! `AzurePipelinesCredential` of Azure's SDKs). Its tokens are of a service connection, for Entra's audience alone.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};

use crate::environment::{EnvVars, Environment};
use crate::id_token::error::IdTokenError;
use crate::id_token::http::{Endpoint, Request};
use crate::id_token::platform::Platform;
use crate::text::Escaped;

/// The name in messages.
const NAME: &str = "Azure Pipelines";

/// The version of its API, as Azure's SDKs send it.
const API_VERSION: &str = "7.1";

/// A job's endpoint, what authorizes requests to it, and the service connection that tokens are of.
pub(super) struct AzurePipelines {
    endpoint: Endpoint,
    access_token: SecretString,
    connection: Option<String>,
}

impl AzurePipelines {
    /// That of this job.
    ///
    /// # Errors
    /// When the job may request no tokens, or its endpoint is no URL to send a secret to.
    pub(super) fn of(environment: &Environment) -> Result<Self, IdTokenError> {
        let not_allowed =
            |missing, hint: &str| IdTokenError::NotAllowed { platform: NAME.into(), missing, hint: hint.into() };
        let url = environment.text(EnvVars::SYSTEM_OIDCREQUESTURI);
        let url = url.ok_or_else(|| {
            not_allowed("`SYSTEM_OIDCREQUESTURI` is not set", "the agent sets it, from version 3.232 on")
        })?;
        let token = environment.text(EnvVars::SYSTEM_ACCESSTOKEN).ok_or_else(|| {
            let hint = "add `SYSTEM_ACCESSTOKEN: $(System.AccessToken)` below `env:` of the step";
            not_allowed("`SYSTEM_ACCESSTOKEN` is not set", hint)
        })?;
        let connection = environment.text(EnvVars::AZURESUBSCRIPTION_SERVICE_CONNECTION_ID);
        Ok(Self {
            endpoint: Endpoint::parse(NAME, &url)?,
            access_token: token.into_owned().into(),
            connection: connection.map(|id| id.into_owned()),
        })
    }
}

impl Platform for AzurePipelines {
    fn name(&self) -> Escaped {
        NAME.into()
    }

    fn issues_now(&self) -> bool {
        true
    }

    fn advice(&self, _: &str) -> Escaped {
        "Azure Pipelines gives tokens for Microsoft Entra alone, of the service connection whose id is in \
         `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`"
            .into()
    }

    fn token<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        async move {
            let mut url = self.endpoint.url().clone();
            url.query_pairs_mut().append_pair("api-version", API_VERSION);
            if let Some(connection) = &self.connection {
                url.query_pairs_mut().append_pair("serviceConnectionId", connection);
            }
            Request {
                platform: NAME,
                member: "oidcToken",
                bearer: Some(self.access_token.expose_secret()),
                refused: "the job has to be allowed to use the service connection whose id is in \
                          `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`",
            }
            // Without the second one, it answers a wrong token with a page to sign in.
            .post(url, &[("content-type", "application/json"), ("x-tfs-fedauthredirect", "Suppress")])
            .await
        }
        .boxed()
    }
}
