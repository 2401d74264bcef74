//! TLS towards a flavor's targets: trust in the platform's authorities, and in those that the user filed for the host.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::certificates;
use crate::image::Host;
use crate::network::tls::{self, HTTP_1, TlsFailure};

/// Makes the configurations of connections.
pub(super) struct Tls {
    /// Directories with a directory per host that holds certificates.
    certificate_directories: Vec<PathBuf>,
    /// By `host[:port]`.
    configs: Mutex<HashMap<Option<String>, Arc<ClientConfig>>>,
}

#[cfg(test)]
impl Tls {
    /// Trusts one certificate for every host.
    pub(super) fn trusting(certificate: CertificateDer<'static>) -> Self {
        let configs = HashMap::from([(None, Arc::new(build(vec![certificate]).unwrap()))]);
        Self { certificate_directories: Vec::new(), configs: Mutex::new(configs) }
    }
}

impl Tls {
    /// Trusts the platform's authorities, and those in the directories.
    pub(super) fn new(certificate_directories: Vec<PathBuf>) -> Self {
        Self { certificate_directories, configs: Mutex::default() }
    }

    /// The configuration for `host[:port]`.
    ///
    /// # Errors
    /// When authorities can't be used. The text is for the guest and names no file; the log has the file.
    pub(super) fn config(&self, authority: &str) -> Result<Arc<ClientConfig>, &'static str> {
        let filed = match authority.parse::<Host>() {
            Ok(host) => certificates::load_authorities(&self.certificate_directories, &host).map_err(|error| {
                tracing::warn!("{error}");
                "the authorities that are filed for it can't be used"
            })?,
            Err(_) => Vec::new(),
        };
        // Hosts without authorities of their own share one configuration.
        let key = (!filed.is_empty()).then(|| authority.to_owned());
        let mut configs = self.configs.lock();
        if let Some(config) = configs.get(&key) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(build(filed).map_err(|error| {
            tracing::warn!("certificates can't be checked: {error}");
            "certificates can't be checked here"
        })?);
        configs.insert(key, Arc::clone(&config));
        Ok(config)
    }
}

fn build(filed: Vec<CertificateDer<'static>>) -> Result<ClientConfig, rustls::Error> {
    tls::client_config(filed, None, &[HTTP_1])
}

/// Why TLS failed, for the guest. The whole reason goes to the log alone: it quotes the certificate, which may name
/// hosts and addresses of the user's network.
pub(super) fn reason(error: &std::io::Error) -> &'static str {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(_)) => "something else than TLS answers there",
        Some(error) => {
            let failure = TlsFailure::of(error);
            tracing::debug!("TLS failed: {failure}");
            failure.summary()
        }
        None => "the connection broke",
    }
}
