//! TLS of connections to others: which certificates prove a server, and in which words one that proves nothing is
//! refused.
//!
//! Registries, their token servers and the targets of flavors are all verified here, by one verifier.

mod failure;
mod names;
#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
mod roots;
mod validity;
mod verifier;

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub(crate) use failure::TlsFailure;
pub(crate) use validity::Validity;

/// A client's own certificate with its chain, and its key.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// HTTP/1.1 in the negotiation of protocols (RFC 7301).
pub(crate) const HTTP_1: &[u8] = b"http/1.1";
/// HTTP/2 in the negotiation of protocols (RFC 9113, section 3.1).
pub(crate) const HTTP_2: &[u8] = b"h2";

/// The configuration of connections that trust the platform's certificates and `filed` ones, show `identity` where the
/// server asks for a certificate, and offer these protocols, the best one first.
///
/// # Errors
/// When one of the certificates or the key can't be used.
pub(crate) fn client_config(
    filed: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
    protocols: &[&[u8]],
) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier::new(filed, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous() // rustls's word for any verifier but its own.
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        Some((chain, key)) => config.with_client_auth_cert(chain, key)?,
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(config)
}
