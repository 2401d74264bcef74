//! What is against a certificate of a client.

use crate::error::Explain;
use crate::text::Escaped;

/// Why a certificate proves nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Explain)]
#[explain(kind = Auth)]
pub(crate) enum CertificateError {
    /// None of the authorities vouches for it now.
    #[error("the client's certificate is not accepted by any authority in the rules: {0}")]
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
