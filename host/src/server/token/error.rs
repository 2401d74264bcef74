//! What is against a token.

use crate::error::Explain;
use crate::text::Escaped;

/// Why a token proves nobody. None of its bytes are shown but claims that are no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Explain)]
#[explain(kind = Auth)]
pub(crate) enum TokenError {
    /// No token came.
    #[error("the request has no id token")]
    #[explain(
        hint = "send `Authorization: Bearer TOKEN` with a token of an issuer in the rules, or use a certificate of one"
    )]
    Missing,
    /// Another text.
    #[error("what came is no JSON Web Token: expected three parts in base64url")]
    #[explain(hint = "send the id token itself, without quotes")]
    NoToken,
    /// Too many bytes.
    #[error("the token is longer than 16 KiB")]
    #[explain(hint = "send the id token itself")]
    TooLong,
    /// An algorithm that proves nothing, or that others don't use for id tokens.
    #[error("the token is signed with `{0}`: expected RS256, ES256 or EdDSA")]
    #[explain(hint = "have the issuer sign with RS256, which every issuer can")]
    Algorithm(Escaped),
    /// A header that has to be understood (RFC 7515, section 4.1.11).
    #[error("the token has critical headers, none of which is known here")]
    #[explain(hint = "use another kind of token")]
    Critical,
    /// An issuer that no rule speaks of.
    #[error("the issuer `{0}` is not in the rules")]
    #[explain(hint = "add an `[[issuer]]` with exactly this url to the rules")]
    Issuer(Escaped),
    /// No key of the issuer fits.
    #[error("the issuer has no key that signed the token")]
    #[explain(hint = "get a new token: the issuer may have changed its keys since")]
    NoKey,
    /// The signature is another one's.
    #[error("the signature of the token is wrong")]
    #[explain(hint = "get a new token from the issuer")]
    Signature,
    /// For somebody else.
    #[error("the token is for the audience `{found}`: expected `{expected}`")]
    #[explain(hint = "request it for the audience `{expected}`; crhost does with CRHOST_SERVER_AUDIENCE={expected}")]
    Audience {
        /// Its audiences.
        found: Escaped,
        /// The one in the rules.
        expected: Escaped,
    },
    /// A claim without which it would hold for ever.
    #[error("the token has no `{0}`, or one that is no time")]
    #[explain(hint = "use an id token with an end; a service account's token is one of the TokenRequest API")]
    NoTime(&'static str),
    /// It ended.
    #[error("the token ended {0} seconds ago, by this server's clock")]
    #[explain(hint = "get a new one; if this one is new, see both clocks")]
    Ended(u64),
    /// It begins later.
    #[error("the token holds in {0} seconds, by this server's clock")]
    #[explain(hint = "see both clocks: they differ")]
    Early(u64),
}

impl TokenError {
    /// The kind of fault in a word, for the audit.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NoToken | Self::TooLong | Self::Critical => "malformed",
            Self::Algorithm(_) => "algorithm",
            Self::Issuer(_) => "issuer",
            Self::NoKey => "key",
            Self::Signature => "signature",
            Self::Audience { .. } => "audience",
            Self::NoTime(_) | Self::Ended(_) | Self::Early(_) => "time",
        }
    }
}
