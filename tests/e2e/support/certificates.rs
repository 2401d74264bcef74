//! A certificate authority of the test's own.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// What a server on this machine needs, and what its clients have to trust; all in PEM.
pub(crate) struct Certificates {
    /// The authority, for clients.
    pub(crate) authority: String,
    /// The server's certificate.
    pub(crate) server: String,
    /// The server's key.
    pub(crate) key: String,
}

impl Certificates {
    /// A new authority and a certificate of it for this machine.
    pub(crate) fn new() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "an authority of one test");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let authority_key = KeyPair::generate().unwrap();
        let certificate = authority.self_signed(&authority_key).unwrap();

        let mut server = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        server.distinguished_name.push(DnType::CommonName, "localhost");
        let server_key = KeyPair::generate().unwrap();
        let signed = server.signed_by(&server_key, &Issuer::new(authority, authority_key)).unwrap();

        Self { authority: certificate.pem(), server: signed.pem(), key: server_key.serialize_pem() }
    }
}
