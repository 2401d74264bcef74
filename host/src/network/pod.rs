//! The API of the cluster that this process runs in, as the pod's service account
//! (<https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::bounded;
use crate::environment::{EnvVars, Environment};
use crate::text::{Escaped, Foreign};

/// The directory of a service account in a pod.
const DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// The port of the API where none is named.
const PORT: &str = "443";

/// The longest file that is read, in bytes: a token has one KiB, a bundle of certificates some hundred.
const MAX_FILE: usize = 1 << 20;

/// The pod that this process runs in.
pub(crate) struct Pod {
    url: String,
    directory: PathBuf,
}

/// A file of a pod's service account that can't be used.
#[derive(Debug)]
pub(crate) struct PodError {
    /// The file.
    pub(crate) path: Escaped,
    /// Why not.
    pub(crate) reason: Escaped,
}

impl Pod {
    /// This pod; `None` where this is none, or one without a service account's token.
    #[must_use]
    pub(crate) fn find(environment: &Environment) -> Option<Self> {
        let host = environment.text(EnvVars::KUBERNETES_SERVICE_HOST)?;
        let port = environment.text(EnvVars::KUBERNETES_SERVICE_PORT).unwrap_or(PORT.into());
        let directory = environment.path(EnvVars::CRHOST_SERVICE_ACCOUNT_DIRECTORY).unwrap_or_else(|| DIRECTORY.into());
        let host = if host.contains(':') { format!("[{host}]") } else { host.into_owned() };
        directory.join("token").is_file().then(|| Self { url: format!("https://{host}:{port}"), directory })
    }

    /// The URL of the API, without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The pod's namespace, as its file has it.
    ///
    /// # Errors
    /// When the file can't be read.
    pub(crate) fn namespace(&self) -> Result<String, PodError> {
        Ok(String::from_utf8_lossy(&read(&self.directory.join("namespace"))?).trim().to_owned())
    }

    /// The failure for a namespace that is none.
    pub(crate) fn no_namespace(&self, reason: Escaped) -> PodError {
        unusable(&self.directory.join("namespace"), reason)
    }

    /// The service account's token, read anew: the kubelet renews it while the pod runs.
    ///
    /// # Errors
    /// When its file can't be read.
    pub(crate) fn token(&self) -> Result<SecretString, PodError> {
        let file = self.directory.join("token");
        let token = Zeroizing::new(read(&file)?);
        let token = std::str::from_utf8(&token).map_err(|error| unusable(&file, Escaped::of(error)))?;
        Ok(token.trim().into())
    }

    /// A client that trusts the cluster's own authority, read anew, and no other, and asks no proxy.
    ///
    /// # Errors
    /// When there is no authority to trust.
    pub(crate) fn client(&self, timeout: Duration) -> Result<reqwest::Client, PodError> {
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
        builder.timeout(timeout).https_only(true).build().map_err(|error| unusable(&file, Escaped::of(error)))
    }
}

fn read(file: &Path) -> Result<Vec<u8>, PodError> {
    let opened = File::open(file).map_err(|error| unusable(file, Escaped::of(Foreign(error))))?;
    bounded::read(opened, MAX_FILE).map_err(|error| unusable(file, Escaped::of(error)))
}

fn unusable(file: &Path, reason: Escaped) -> PodError {
    PodError { path: file.into(), reason }
}
