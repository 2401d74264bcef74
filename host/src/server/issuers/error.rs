//! Why a caller is not known.

use crate::error::Explain;
use crate::server::certificate::CertificateError;
use crate::server::token::TokenError;
use crate::text::Escaped;

/// Why a caller is not known.
#[derive(Debug, Clone, thiserror::Error, Explain)]
pub(crate) enum CallerError {
    /// The token proves nobody.
    #[error(transparent)]
    #[explain(transparent)]
    Token(#[from] TokenError),
    /// The certificate proves nobody.
    #[error(transparent)]
    #[explain(transparent)]
    Certificate(#[from] CertificateError),
    /// The issuer's keys can't be had.
    #[error("the keys of the issuer `{issuer}` can't be read: {reason}")]
    #[explain(kind = Network, hint = "see that its url answers from this server, and try again")]
    Unreachable {
        /// Its URL.
        issuer: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// A key that may be a new one, and was not looked for: strangers have had the keys read too often.
    #[error("the issuer `{issuer}` may have a new key, for which it is asked again in {seconds} seconds")]
    #[explain(kind = Network, hint = "try again then")]
    Soon {
        /// Its URL.
        issuer: Escaped,
        /// The time until then.
        seconds: u64,
    },
}
