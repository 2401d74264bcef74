//! Why a server gives no login.

use super::wire::Problem;
use crate::error::{Explain, Kind};
use crate::id_token::IdTokenError;
use crate::json;
use crate::text::{Escaped, Printable};

/// A failure of a crhost server, or on the way to it.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ServerError {
    /// No URL of a server.
    #[error("CRHOST_SERVER is `{0}`: expected `https://HOST[:PORT]`")]
    Url(Escaped),
    /// No place of tokens.
    #[error("CRHOST_SERVER_TOKEN is invalid: {0}")]
    TokenFrom(Escaped),
    /// This machine has no id token.
    #[error(transparent)]
    Token(#[from] Box<IdTokenError>),
    /// A key, and no certificate.
    #[error("CRHOST_SERVER_KEY is `{0}`, and CRHOST_SERVER_CERT names no certificate")]
    KeyAlone(Escaped),
    /// The certificate, or its key, can't be used.
    #[error("the certificate for the server, `{path}`, can't be used: {reason}")]
    Certificate {
        /// The file.
        path: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// The server refuses the certificate, or wants one.
    #[error("the server `{server}` does not accept {}", shown(certificate.as_ref()))]
    NoCertificate {
        /// Its URL.
        server: Escaped,
        /// The file of the certificate that was shown.
        certificate: Option<Escaped>,
    },
    /// It does not answer, or another service does.
    #[error("the server `{server}` can't be asked: {reason}")]
    Unreachable {
        /// Its URL.
        server: Escaped,
        /// The reason.
        reason: Escaped,
    },
    /// It says no.
    #[error("the server `{server}` refuses: {detail}")]
    Refused {
        /// Its URL.
        server: Escaped,
        /// Its status.
        status: u16,
        /// Its words.
        detail: Escaped,
        /// Its advice.
        hint: Option<Escaped>,
    },
}

/// What is not accepted.
fn shown(certificate: Option<&Escaped>) -> String {
    certificate.map_or_else(|| "a client without a certificate".to_owned(), |file| format!("the certificate `{file}`"))
}

impl ServerError {
    /// The failure of an answer, with the words of its problem details (RFC 9457) if it has some.
    pub(super) fn of_problem(server: Escaped, status: u16, body: &[u8]) -> Self {
        let problem: Option<Problem> = json::object(body).ok();
        let (detail, hint) = match problem {
            Some(problem) => (problem.detail.unwrap_or(problem.title), problem.hint),
            None => (format!("it answers {status}"), None),
        };
        let hint = hint.map(|hint| Escaped::new(&hint, 500));
        Self::Refused { server, status, detail: Escaped::new(&detail, 500), hint }
    }
}

impl Explain for ServerError {
    fn kind(&self) -> Kind {
        match self {
            Self::Url(_) | Self::TokenFrom(_) | Self::KeyAlone(_) | Self::Certificate { .. } => Kind::Usage,
            Self::NoCertificate { .. } => Kind::Auth,
            Self::Token(error) => error.kind(),
            Self::Unreachable { .. } => Kind::Network,
            Self::Refused { status, .. } => match status {
                400 => Kind::Usage,
                401 | 403 => Kind::Auth,
                404 => Kind::NotFound,
                409 => Kind::Conflict,
                422 | 502 => Kind::Flavor,
                429 | 503 | 504 => Kind::Network,
                _ => Kind::General,
            },
        }
    }

    fn hint(&self) -> Option<Escaped> {
        match self {
            Self::Url(_) => Some("unset it to work with what this machine has".into()),
            Self::TokenFrom(_) => Some("unset it to take the token of the CI system".into()),
            Self::Token(error) => match **error {
                // Its own hint is about a connector.
                IdTokenError::NoPlatform => Some(
                    "CRHOST_SERVER_TOKEN says where one is: `file:PATH`, `env:VARIABLE`, `google` or another; or \
                     CRHOST_SERVER_CERT names a certificate in its place"
                        .into(),
                ),
                _ => {
                    let other = "CRHOST_SERVER_TOKEN says where else one is";
                    Some(error.hint().map_or_else(|| other.into(), |hint| format!("{hint}; {other}").into()))
                }
            },
            Self::KeyAlone(_) => Some("set CRHOST_SERVER_CERT to the file of the certificate, or unset both".into()),
            Self::Certificate { .. } => Some(
                "expected PEM: in CRHOST_SERVER_CERT the certificate and those that sign it, in CRHOST_SERVER_KEY its key"
                    .into(),
            ),
            Self::NoCertificate { certificate: None, .. } => {
                Some("CRHOST_SERVER_CERT and CRHOST_SERVER_KEY name a certificate and its key".into())
            }
            Self::NoCertificate { certificate: Some(file), .. } => Some(
                format!(
                    "it has to be for clients, to hold now, and to be of an authority in the server's rules: `openssl \
                     x509 -in {file} -noout -issuer -dates -ext extendedKeyUsage` shows what it is"
                )
                .into(),
            ),
            Self::Unreachable { .. } => Some("see CRHOST_SERVER, and that `/healthz` answers there".into()),
            Self::Refused { hint, .. } => {
                Some(hint.clone().unwrap_or_else(|| "ask whoever runs the server: its log says more".into()))
            }
        }
    }
}
