//! The API of the cluster that this process runs in, as the pod's service account
//! (<https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>).

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::super::names::{FIELD_MANAGER, Namespace};
use super::super::pull_secret::Secret;
use super::error::ApplyError;
use crate::bounded;
use crate::environment::{EnvVars, Environment};
use crate::json;
use crate::text::{Escaped, printable};
use crate::waiting::waiting_for;

/// The directory of a service account in a pod.
const DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The port of the API where none is named.
const PORT: &str = "443";

/// The longest wait for an answer. An API server that restarts is asked again at the next try.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest file that is read, in bytes: a token has one KiB, a bundle of certificates some hundred.
const MAX_FILE: usize = 1 << 20;

/// Bytes of an answer that are read for an error.
const MAX_ANSWER: usize = 64 << 10;

/// Characters of the API's words that are shown.
const MAX_SHOWN: usize = 500;

/// The API.
pub(super) struct PodApi {
    url: String,
    directory: PathBuf,
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
        let Some(host) = environment.text(EnvVars::KUBERNETES_SERVICE_HOST) else { return Ok(None) };
        let port = environment.text(EnvVars::KUBERNETES_SERVICE_PORT).unwrap_or(PORT.into());
        let directory = environment.path(EnvVars::CRHOST_SERVICE_ACCOUNT_DIRECTORY).unwrap_or_else(|| DIRECTORY.into());
        if !directory.join("token").is_file() {
            return Ok(None);
        }
        let host = if host.contains(':') { format!("[{host}]") } else { host.into_owned() };
        let file = directory.join("namespace");
        let namespace = String::from_utf8_lossy(&read(&file)?).trim().parse();
        let namespace = namespace.map_err(|error| unusable(&file, Escaped::of(error)))?;
        Ok(Some(Self { url: format!("https://{host}:{port}"), directory, namespace }))
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
            url: self.url.as_str().into(),
            reason: printable(&innermost(reason), MAX_SHOWN).into(),
        };
        let _waiting = waiting_for("the cluster's API".to_owned());
        // Token and certificates are read anew: the kubelet renews both while the pod runs.
        let request = self.client()?.patch(format!("{}{path}", self.url)).bearer_auth(self.token()?.expose_secret());
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

    /// A client that trusts the cluster's own authority and no other, and asks no proxy.
    fn client(&self) -> Result<reqwest::Client, ApplyError> {
        let file = self.directory.join("ca.crt");
        let pem = read(&file)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        if roots.is_empty() {
            return Err(unusable(&file, "it has no certificate in PEM".into()));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map(|config| config.with_root_certificates(roots).with_no_client_auth());
        let config = config.map_err(|error| unusable(&file, Escaped::of(error)))?;
        let builder = reqwest::Client::builder().tls_backend_preconfigured(config).no_proxy().redirect(Policy::none());
        builder.timeout(TIMEOUT).https_only(true).build().map_err(|error| unusable(&file, Escaped::of(error)))
    }

    fn token(&self) -> Result<SecretString, ApplyError> {
        let file = self.directory.join("token");
        let token = Zeroizing::new(read(&file)?);
        let token = std::str::from_utf8(&token).map_err(|error| unusable(&file, Escaped::of(error)))?;
        Ok(token.trim().into())
    }
}

fn read(file: &Path) -> Result<Vec<u8>, ApplyError> {
    let opened = fs::File::open(file).map_err(|error| unusable(file, Escaped::of(crate::text::Foreign(error))))?;
    bounded::read(opened, MAX_FILE).map_err(|error| unusable(file, Escaped::of(error)))
}

fn unusable(file: &Path, reason: Escaped) -> ApplyError {
    ApplyError::ServiceAccount { path: file.into(), reason }
}

/// The first cause of an error, which says more than the library's own words around it.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if error.is_timeout() { format!("no answer within {} s", TIMEOUT.as_secs()) } else { cause.to_string() }
}
