//! The API of the cluster that this process runs in, as the pod's service account
//! (<https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>).

use std::time::Duration;

use http::header::CONTENT_TYPE;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::super::names::{FIELD_MANAGER, Namespace};
use super::super::pull_secret::Secret;
use super::error::ApplyError;
use crate::bounded;
use crate::environment::Environment;
use crate::json;
use crate::network::Pod;
use crate::text::{Escaped, printable};
use crate::waiting::waiting_for;

/// The longest wait for an answer. An API server that restarts is asked again at the next try.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of an answer that are read for an error.
const MAX_ANSWER: usize = 64 << 10;

/// Characters of the API's words that are shown.
const MAX_SHOWN: usize = 500;

/// The API.
pub(super) struct PodApi {
    pod: Pod,
    namespace: Namespace,
}

/// What the API says to a request that it refuses (`Status` in `k8s.io/apimachinery`).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    message: String,
}

impl PodApi {
    /// The API of this pod; `None` where this is no pod, or one without a service account's token.
    ///
    /// # Errors
    /// When there is a token, and no namespace with it.
    pub(super) fn find(environment: &Environment) -> Result<Option<Self>, ApplyError> {
        let Some(pod) = Pod::find(environment) else { return Ok(None) };
        let namespace = pod.namespace()?.parse();
        let namespace = namespace.map_err(|error| pod.no_namespace(Escaped::of(error)))?;
        Ok(Some(Self { pod, namespace }))
    }

    /// The pod's own namespace.
    pub(super) fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Applies a Secret (server-side apply).
    pub(super) async fn apply(&self, secret: &Secret) -> Result<(), ApplyError> {
        // Maps of strings, which JSON can always represent.
        let manifest = Zeroizing::new(serde_json::to_vec(secret).unwrap_or_default());
        let (namespace, name) = (secret.namespace().unwrap_or(&self.namespace), secret.name());
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}?fieldManager={FIELD_MANAGER}&force=true");
        let unreachable = |reason: &reqwest::Error| ApplyError::Unreachable {
            url: self.pod.url().into(),
            reason: printable(&innermost(reason), MAX_SHOWN).into(),
        };
        let _waiting = waiting_for("the cluster's API".to_owned());
        let url = format!("{}{path}", self.pod.url());
        let request = self.pod.client(TIMEOUT)?.patch(url).bearer_auth(self.pod.token()?.expose_secret());
        let request = request.header(CONTENT_TYPE, "application/apply-patch+yaml").body(manifest.to_vec());
        let answer = request.send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let body = bounded::start(answer.bytes_stream(), MAX_ANSWER).await;
        let told: Status = json::read(&body).unwrap_or_default();
        let message =
            if told.message.is_empty() { "no reason given".to_owned() } else { secret.redacted(&told.message) };
        Err(ApplyError::Refused { status, message: Escaped::new(&message, MAX_SHOWN) })
    }
}

/// The first cause of an error, which says more than the library's own words around it.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.is_timeout() { format!("no answer within {} s", TIMEOUT.as_secs()) } else { cause.to_string() }
}
