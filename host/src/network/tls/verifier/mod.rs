//! The verifier of servers' certificates.
//!
//! A chain is verified as rustls does it. Beyond that a server proves itself with a certificate that is byte for byte
//! one of the trusted ones: the user has trusted exactly this server's. `openssl req -x509`, with which most guides
//! make the certificate of a registry, marks it as an authority's, and rustls takes no authority's certificate for a
//! server's. Go, OpenSSL and curl do, and RFC 5280 (section 4.2.1.9) does not forbid it. Name and dates are checked all
//! the same.

#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
pub(super) use chains::new;
#[cfg(any(windows, target_vendor = "apple", target_os = "android"))]
pub(super) use platform::new;

/// The operating system verifies, with the user's settings in it.
#[cfg(any(windows, target_vendor = "apple", target_os = "android"))]
mod platform {
    use std::sync::Arc;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::CryptoProvider;
    use rustls::pki_types::CertificateDer;
    use rustls_platform_verifier::Verifier;

    /// A verifier that trusts the platform's certificates and `filed` ones.
    ///
    /// # Errors
    /// When one of `filed` is no certificate.
    pub(in super::super) fn new(
        filed: Vec<CertificateDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        Ok(Arc::new(Verifier::new_with_extra_roots(filed, Arc::clone(provider))?))
    }
}

/// Systems that keep certificates in files.
#[cfg(not(any(windows, target_vendor = "apple", target_os = "android")))]
mod chains;
