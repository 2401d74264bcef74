//! Why a server does not start.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::rules::RulesError;
use crate::error::Explain;
use crate::store::{Name, StoreError};
use crate::text::{Escaped, Foreign};

/// A failure to start.
#[derive(Debug, thiserror::Error, Explain)]
pub(crate) enum ServerFailure {
    /// The rules can't be used.
    #[error(transparent)]
    #[explain(transparent)]
    Rules(#[from] Arc<RulesError>),
    /// The keys of an issuer can't be used.
    #[error("the `keys-file` of the issuer `{issuer}`, `{path}`, can't be used: {reason}")]
    #[explain(kind = Usage, hint = "expected a JSON Web Key Set (RFC 7517), such as an issuer serves as its `jwks_uri`")]
    KeysFile {
        /// The issuer's name.
        issuer: Name,
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// The certificate of an authority can't be used.
    #[error("the `ca-file` of the issuer `{issuer}`, `{path}`, can't be used: {reason}")]
    #[explain(kind = Usage, hint = "expected the authority's own certificate in PEM, or several")]
    CaFile {
        /// The issuer's name.
        issuer: Name,
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// The store can't be used.
    #[error(transparent)]
    #[explain(transparent)]
    Store(#[from] StoreError),
    /// The address can't be had.
    #[error("`{address}` can't be listened at: {reason}")]
    #[explain(kind = General, hint = "choose another one with `--listen`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        reason: Foreign<io::Error>,
    },
    /// The certificate or the key can't be used.
    #[error("`{path}` can't be used for TLS: {reason}")]
    #[explain(kind = Usage, hint = "expected a chain of certificates and its key in PEM, the server's own first")]
    Tls {
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Escaped,
    },
}
