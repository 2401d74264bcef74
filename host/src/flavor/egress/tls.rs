//! TLS towards what a flavor reaches: the platform's authorities, and those that people filed for the host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls_platform_verifier::Verifier;

use crate::distribution::filed_authorities;
use crate::image::Host;

/// Configurations, made when first needed: reading all authorities of a platform takes 10 ms.
#[derive(Default)]
pub(super) struct Tls(Mutex<HashMap<Option<String>, Arc<ClientConfig>>>);

#[cfg(test)]
impl Tls {
    /// Trusts one certificate for every host.
    pub(super) fn trusting(certificate: CertificateDer<'static>) -> Self {
        Self(Mutex::new(HashMap::from([(None, Arc::new(build(vec![certificate]).unwrap()))])))
    }
}

impl Tls {
    /// The configuration for `host[:port]`.
    ///
    /// # Errors
    /// In words for a person, when authorities can't be used.
    pub(super) fn config(&self, authority: &str) -> Result<Arc<ClientConfig>, String> {
        let filed = match authority.parse::<Host>() {
            Ok(host) => filed_authorities(&host).map_err(|error| error.to_string())?,
            Err(_) => Vec::new(),
        };
        // Hosts without authorities of their own share one.
        let key = (!filed.is_empty()).then(|| authority.to_owned());
        let mut configs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(&key) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(build(filed).map_err(|error| format!("certificates can't be checked: {error}"))?);
        configs.insert(key, Arc::clone(&config));
        Ok(config)
    }
}

fn build(filed: Vec<CertificateDer<'static>>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(filed, Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous() // The library's word for any verifier but its own; this one asks the platform.
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// What was wrong, in words that say nothing of the network: the library's own are about certificates and protocols.
pub(super) fn reason(error: &std::io::Error) -> String {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let text = match tls {
        Some(rustls::Error::InvalidMessage(_)) => "something else than TLS answers there".to_owned(),
        Some(error) => error.to_string(),
        None => "the connection broke".to_owned(),
    };
    crate::text::printable(&text, 300)
}
