//! Chains are built and verified by rustls, from the certificates in the system's files.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::network::tls::failure::{NoAuthorities, is_authority_as_server};
use crate::network::tls::roots;

/// Verifies servers against the platform's certificates and some more.
struct Verifier {
    /// Certificates that are trusted besides the platform's.
    filed: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    /// Made at the first handshake, as most of its time goes into the platform's certificates. `None` where nothing at
    /// all is trusted.
    chains: OnceLock<Option<Arc<WebPkiServerVerifier>>>,
}

/// A verifier that trusts the platform's certificates and `filed` ones.
///
/// # Errors
/// When one of `filed` is no certificate.
pub(in crate::network::tls) fn new(
    filed: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    filed.iter().try_for_each(|certificate| RootCertStore::empty().add(certificate.clone()))?;
    Ok(Arc::new(Verifier { filed, provider: Arc::clone(provider), chains: OnceLock::new() }))
}

impl Verifier {
    fn chains(&self) -> Option<&Arc<WebPkiServerVerifier>> {
        let build = || {
            let mut store = RootCertStore::empty();
            // Certificates of the system that can't be parsed are of no use to any connection.
            store.add_parsable_certificates(self.filed.iter().chain(roots::platform()).cloned());
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&self.provider)).build().ok()
        };
        self.chains.get_or_init(build).as_ref()
    }

    /// Whether the user, or the system, trusts exactly this certificate.
    fn is_trusted(&self, certificate: &CertificateDer<'_>) -> bool {
        self.filed.iter().chain(roots::platform()).any(|trusted| trusted.as_ref() == certificate.as_ref())
    }
}

/// Whether nothing but the way to an authority is wrong: with these errors the end of the chain has passed the check of
/// its dates, which comes before all of them (`check_issuer_independent_properties` in webpki's `verify_cert.rs`).
fn is_about_issuer(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => true,
        Error::InvalidCertificate(error) => is_authority_as_server(error),
        _ => false,
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chains) = self.chains() else { return Err(NoAuthorities.into()) };
        match chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(error) if is_about_issuer(&error) && self.is_trusted(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
    use rustls::crypto::ring;

    use super::*;
    use crate::network::tls::TlsFailure;

    /// 2026-06-01, inside of the dates of all certificates here but the expired ones.
    const NOW: u64 = 1_780_272_000;

    /// What `openssl req -x509` writes: self-signed, and an authority's.
    fn params(name: &str, is_ca: bool) -> CertificateParams {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
        params.is_ca = if is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
        params
    }

    fn self_signed(params: &CertificateParams) -> CertificateDer<'static> {
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    /// Why a server with this certificate proves nothing, where `filed` is trusted.
    fn refused(filed: &CertificateDer<'static>, server: &CertificateDer<'static>, name: &str) -> Option<String> {
        let verifier = new(vec![filed.clone()], &Arc::new(ring::default_provider())).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(NOW));
        let error = verifier.verify_server_cert(server, &[], &name, &[], now).err()?;
        Some(TlsFailure::of(&error).to_string())
    }

    #[test]
    fn a_self_signed_certificate_of_an_authority_proves_a_server_that_has_exactly_this_one() {
        let (own, other) = (self_signed(&params("localhost", true)), self_signed(&params("localhost", true)));
        assert_eq!(refused(&own, &own, "localhost"), None);
        let expected = "its certificate is marked as an authority's, and is not itself among the trusted ones";
        assert_eq!(refused(&other, &own, "localhost").unwrap(), expected);
    }

    #[test]
    fn the_certificate_of_a_server_is_trusted_without_its_authority() {
        let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let authority = Issuer::new(params("an authority", true), authority_key);
        let server = params("localhost", false).signed_by(&key, &authority).unwrap().der().clone();
        assert_eq!(refused(&server, &server, "localhost"), None);
        let other = self_signed(&params("localhost", false));
        let error = refused(&other, &server, "localhost").unwrap();
        assert!(error.starts_with("its certificate carries the name of an authority"), "{error}");
        let mut stranger = params("localhost", false);
        stranger.distinguished_name.push(rcgen::DnType::OrganizationName, "others");
        let expected = "its certificate is signed by an authority that this machine doesn't trust";
        assert_eq!(refused(&self_signed(&stranger), &server, "localhost").unwrap(), expected);
    }

    #[test]
    fn name_and_dates_of_a_trusted_certificate_are_checked() {
        for is_ca in [true, false] {
            let own = self_signed(&params("localhost", is_ca));
            let error = refused(&own, &own, "registry.example").unwrap();
            assert_eq!(error, "its certificate is for localhost, not for registry.example");
            let mut old = params("localhost", is_ca);
            (old.not_before, old.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2025, 11, 23));
            let old = self_signed(&old);
            let error = refused(&old, &old, "localhost").unwrap();
            assert_eq!(error, "its certificate expired on 2025-11-23 (190 days ago)");
            let mut early = params("localhost", is_ca);
            (early.not_before, early.not_after) = (date_time_ymd(2026, 6, 2), date_time_ymd(2027, 1, 1));
            let early = self_signed(&early);
            let error = refused(&early, &early, "localhost").unwrap();
            assert_eq!(error, "its certificate is valid from 2026-06-02 on (in 24 hours)");
        }
    }
}
