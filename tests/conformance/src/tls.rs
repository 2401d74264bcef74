//! The fakes' certificate, by an authority that clients are told to trust.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::failure::{Failure, Result};

/// The server's configuration, and the authority's certificate as PEM.
///
/// # Errors
/// When the system has no randomness.
pub(crate) fn identity() -> Result<(Arc<ServerConfig>, String)> {
    let cannot = |error: &dyn std::fmt::Display| Failure::new(format!("cannot make a certificate: {error}"));
    let of_rcgen = |error: rcgen::Error| cannot(&error);
    let mut authority = CertificateParams::new(Vec::new()).map_err(of_rcgen)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().map_err(of_rcgen)?;
    let authority_certificate = authority.self_signed(&authority_key).map_err(of_rcgen)?;
    let issuer = Issuer::new(authority, authority_key);
    let names = ["localhost", "127.0.0.1"].map(str::to_owned);
    let key = KeyPair::generate().map_err(of_rcgen)?;
    let certificate =
        CertificateParams::new(names).and_then(|params| params.signed_by(&key, &issuer)).map_err(of_rcgen)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| cannot(&error))?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .map_err(|error| cannot(&error))?;
    Ok((Arc::new(config), authority_certificate.pem()))
}
