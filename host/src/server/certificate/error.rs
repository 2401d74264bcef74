//! What is against a certificate of a client.

use crate::error::Explain;
use crate::network::tls::TlsFailure;
use crate::text::Escaped;

/// Why a certificate proves nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Explain)]
#[explain(kind = Auth)]
pub(crate) enum CertificateError {
    /// None of the authorities vouches for it now.
    #[error("the client's certificate is not accepted: {0}")]
    #[explain(
        hint = "use one for clients that holds, of an authority that an `[[issuer]]` of the rules has as `ca-file`"
    )]
    Refused(Escaped),
    /// It is verified, and can't be read.
    #[error("the client's certificate can't be read")]
    #[explain(hint = "have another one made, in the form of RFC 5280")]
    Unreadable,
    /// It says nothing of its owner.
    #[error("the client's certificate names nobody: it has neither a common name nor another name")]
    #[explain(hint = "have one made with a common name, or with a DNS name or URI as `subjectAltName`")]
    Nobody,
}

/// What the authorities of the rules have against a certificate, in words.
pub(crate) fn reason(error: &rustls::Error) -> Escaped {
    use rustls::CertificateError as Invalid;
    match error {
        rustls::Error::InvalidCertificate(Invalid::UnknownIssuer | Invalid::BadSignature) => {
            "no authority in the rules has signed it".into()
        }
        rustls::Error::InvalidCertificate(Invalid::InvalidPurpose | Invalid::InvalidPurposeContext { .. }) => {
            "it is not one for clients".into()
        }
        error => TlsFailure::of(error).to_string().into(),
    }
}
