//! The metadata address of Google's clouds
//! (<https://cloud.google.com/compute/docs/instances/verifying-instance-identity>). The user has to name it: the
//! address is the machine's, whoever works on it.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use url::Url;

use crate::environment::{EnvVars, Environment};
use crate::id_token::error::IdTokenError;
use crate::id_token::http::Request;
use crate::id_token::platform::Platform;
use crate::text::Escaped;

/// The name in messages.
const NAME: &str = "Google's metadata address";

/// The host where the environment names no other.
const HOST: &str = "metadata.google.internal";

/// The identity of the machine's service account.
const PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/identity";

/// The address.
pub(super) struct Google {
    host: String,
}

impl Google {
    /// That of this machine.
    pub(super) fn of(environment: &Environment) -> Self {
        let host = environment.text(EnvVars::GCE_METADATA_HOST);
        Self { host: host.map_or_else(|| HOST.to_owned(), std::borrow::Cow::into_owned) }
    }
}

impl Platform for Google {
    fn name(&self) -> Escaped {
        NAME.into()
    }

    fn issues_now(&self) -> bool {
        true
    }

    fn advice(&self, _: &str) -> Escaped {
        "see what answers at the metadata address of this machine".into()
    }

    fn token<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        async move {
            let url = Url::parse_with_params(
                &format!("http://{}{PATH}", self.host),
                [("audience", audience), ("format", "full")],
            );
            let url = url.map_err(|_| IdTokenError::Url { platform: NAME.into(), url: self.host.as_str().into() })?;
            Request { platform: NAME, member: "", bearer: None, refused: "the machine needs a service account" }
                .metadata(url)
                .await
        }
        .boxed()
    }
}
