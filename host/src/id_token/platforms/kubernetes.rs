//! The TokenRequest API of the cluster that this pod runs in
//! (<https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>): a token for any
//! audience, by the account's own credentials. The user has to name it: the account has to be let do that.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use crate::environment::Environment;
use crate::id_token::claims::Claims;
use crate::id_token::error::IdTokenError;
use crate::id_token::from::ServiceAccount;
use crate::id_token::http::{Request, TIMEOUT};
use crate::id_token::platform::Platform;
use crate::network::{Pod, PodError};
use crate::text::Escaped;

/// The name in messages.
const NAME: &str = "Kubernetes";

/// Seconds that a token lives: the least that the API takes, since one is requested for each use.
const LIFETIME: u32 = 600;

/// The pod, and the account that tokens are about.
pub(super) struct Kubernetes {
    pod: Pod,
    account: Option<ServiceAccount>,
}

impl Kubernetes {
    /// That of this pod, for the pod's own account unless another is named.
    ///
    /// # Errors
    /// When this is no pod with a token.
    pub(super) fn of(account: Option<&ServiceAccount>, environment: &Environment) -> Result<Self, IdTokenError> {
        let pod = Pod::find(environment).ok_or_else(|| IdTokenError::NotAllowed {
            platform: NAME.into(),
            missing: "this is no pod with the token of a service account",
            hint: "`automountServiceAccountToken: true` of the pod gives it one; elsewhere, `--id-token-from \
                   file:PATH` reads a projected volume"
                .into(),
        })?;
        Ok(Self { pod, account: account.cloned() })
    }

    async fn request(&self, audience: &str) -> Result<SecretString, IdTokenError> {
        let own = self.pod.token()?;
        let account = self.account.clone().or_else(|| of_token(&own));
        let ServiceAccount { namespace, name } = account.ok_or_else(|| IdTokenError::NotAllowed {
            platform: NAME.into(),
            missing: "the pod's token does not say which account it is of",
            hint: "name the account: `--id-token-from kubernetes:NAMESPACE/ACCOUNT`".into(),
        })?;
        let url = format!("{}/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", self.pod.url());
        let wrong = || IdTokenError::Url { platform: NAME.into(), url: self.pod.url().into() };
        let url = Url::parse(&url).map_err(|_| wrong())?;
        let body = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"audiences": [audience], "expirationSeconds": LIFETIME},
        });
        let client = self.pod.client(TIMEOUT)?;
        Request {
            platform: NAME,
            member: "status.token",
            bearer: Some(own.expose_secret()),
            refused: "let the pod's account `create` the resource `serviceaccounts/token`, by a Role and its binding",
        }
        .post_json(client, url, &body)
        .await
    }
}

/// The account that a pod's token is of: its subject is `system:serviceaccount:NAMESPACE:NAME`.
fn of_token(token: &SecretString) -> Option<ServiceAccount> {
    let subject = Claims::of(token)?.subject.to_string();
    let (namespace, name) = subject.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    ServiceAccount::new(namespace, name)
}

impl Platform for Kubernetes {
    fn name(&self) -> Escaped {
        NAME.into()
    }

    fn issues_now(&self) -> bool {
        true
    }

    fn advice(&self, _: &str) -> Escaped {
        "the cluster gave another token than it was asked for: see what answers at `KUBERNETES_SERVICE_HOST`".into()
    }

    fn token<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString, IdTokenError>> {
        self.request(audience).boxed()
    }
}

impl From<PodError> for IdTokenError {
    fn from(PodError { path, reason }: PodError) -> Self {
        Self::Pod { path, reason }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::error::Explain as _;

    #[test]
    fn the_account_is_that_of_the_pod_s_token() {
        let token = |subject: &str| {
            let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
            SecretString::from(format!("{}.{}.c2ln", part(json!({"alg": "RS256"})), part(json!({"sub": subject}))))
        };
        let account = of_token(&token("system:serviceaccount:ci:push")).unwrap();
        assert_eq!((account.namespace.as_str(), account.name.as_str()), ("ci", "push"));
        for subject in ["", "system:node:a", "system:serviceaccount:ci", "system:serviceaccount:c/i:push"] {
            assert!(of_token(&token(subject)).is_none(), "{subject}");
        }
    }

    #[test]
    fn outside_of_a_pod_the_next_step_is_told() {
        let error = Kubernetes::of(None, &Environment::default()).err().unwrap();
        assert!(error.to_string().contains("no pod"), "{error}");
        assert!(error.hint().unwrap().to_string().contains("file:PATH"));
    }
}
