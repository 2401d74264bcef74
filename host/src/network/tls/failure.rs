//! Why TLS with a server failed, in sentences.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, OtherError, PeerIncompatible};

use super::names::OtherNames;
use crate::text::{Escaped, Printable};

/// Why TLS with a server failed. The server stands before these words: "no secure connection to …: its certificate …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Printable)]
pub(crate) enum TlsFailure {
    /// No chain leads to a trusted certificate.
    #[error("its certificate is signed by an authority that this machine doesn't trust")]
    UnknownAuthority,
    /// There is nothing that a chain could lead to, as in containers without any certificates.
    #[error("this machine has no certificates of authorities at all, so that it can trust none")]
    NoAuthorities,
    /// The server's certificate is one of an authority, and not itself a trusted one.
    #[error("its certificate is marked as an authority's, and is not itself among the trusted ones")]
    AuthorityAsServer,
    /// Its last day is over.
    #[error("its certificate expired{}", when.as_ref().map_or_else(String::new, |when| format!(" on {when}")))]
    Expired {
        /// The day and how long ago that is.
        when: Option<Escaped>,
    },
    /// Its first day has not come.
    #[error("its certificate is {}", when.as_ref().map_or_else(|| "not valid yet".to_owned(), |when| format!("valid from {when}")))]
    Early {
        /// The day and how far away that is.
        when: Option<Escaped>,
    },
    /// It is another server's.
    #[error("its certificate {0}")]
    OtherName(OtherNames),
    /// Its authority says that it may not be used for servers.
    #[error("its certificate is not one for servers")]
    Purpose,
    /// Its authority has withdrawn it.
    #[error("its certificate has been revoked")]
    Revoked,
    /// Its authority has the name of a trusted one, and another key, as after a renewal.
    #[error("its certificate carries the name of an authority that this machine trusts, and isn't signed by it")]
    OtherKey,
    /// It is signed in a way that is unknown here.
    #[error("its certificate is signed in a way that can't be verified here")]
    Signature,
    /// It can't be read, or has parts that can't be understood.
    #[error("its certificate is not valid: {0}")]
    Invalid(Escaped),
    /// It asks for a client's certificate and got none, or does not accept the one that it got.
    #[error("it asks for a client's certificate, and doesn't accept {}", if *.0 { "this one" } else { "none" })]
    ClientCertificate(bool),
    /// It has no site of this name.
    #[error("it knows no site of this name")]
    UnknownName,
    /// Its versions of TLS or its ciphers are too old, or too new.
    #[error("it speaks no version of TLS or no cipher that is safe, expected TLS 1.2 or 1.3")]
    Incompatible,
    /// It ended the connection for another reason.
    #[error("it ended TLS with the alert {0}")]
    Alert(Escaped),
    /// It breaks the protocol.
    #[error("it doesn't speak TLS as it should: {0}")]
    Protocol(Escaped),
}

/// Nothing at all is trusted. It travels through rustls, from the verifier to [`TlsFailure::of`].
#[derive(Debug, thiserror::Error)]
#[error("no certificate is trusted")]
pub(super) struct NoAuthorities;

impl From<NoAuthorities> for rustls::Error {
    fn from(error: NoAuthorities) -> Self {
        CertificateError::Other(OtherError(Arc::new(error))).into()
    }
}

/// Whether the server's certificate is one of an authority.
pub(super) fn is_authority_as_server(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(OtherError(other))
        if matches!(other.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity)))
}

impl TlsFailure {
    /// The failure that rustls describes.
    #[must_use]
    pub(crate) fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(invalid) => Self::of_certificate(invalid),
            rustls::Error::AlertReceived(alert) => Self::of_alert(*alert),
            rustls::Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => Self::Incompatible,
            other => Self::Protocol(Escaped::new(&other.to_string(), 200)),
        }
    }

    /// The failure in the words of a library between rustls and here, which has kept no more: an alert that came late,
    /// as a server may look at the client's certificate only when the handshake is over.
    #[must_use]
    pub(crate) fn of_late_alert(text: &str) -> Option<Self> {
        let (_, name) = text.split_once("received fatal alert: ")?;
        let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
        Some(match name.as_str() {
            "CertificateRequired" => Self::ClientCertificate(false),
            "BadCertificate"
            | "UnsupportedCertificate"
            | "CertificateExpired"
            | "CertificateUnknown"
            | "UnknownCA"
            | "AccessDenied" => Self::ClientCertificate(true),
            _ => Self::Alert(name.into()),
        })
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            CertificateError::Expired => Self::Expired { when: None },
            CertificateError::ExpiredContext { time, not_after } => {
                Self::Expired { when: Some(format!("{} ({} ago)", day(*not_after), span(*not_after, *time)).into()) }
            }
            CertificateError::NotValidYet => Self::Early { when: None },
            CertificateError::NotValidYetContext { time, not_before } => {
                Self::Early { when: Some(format!("{} on (in {})", day(*not_before), span(*time, *not_before)).into()) }
            }
            CertificateError::NotValidForName => Self::OtherName(OtherNames::unknown()),
            CertificateError::NotValidForNameContext { expected, presented } => {
                Self::OtherName(OtherNames::new(&expected.to_str(), presented))
            }
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Self::Purpose,
            CertificateError::Revoked => Self::Revoked,
            CertificateError::BadSignature => Self::OtherKey,
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Self::Signature,
            error if is_authority_as_server(error) => Self::AuthorityAsServer,
            CertificateError::Other(OtherError(other)) if other.is::<NoAuthorities>() => Self::NoAuthorities,
            CertificateError::Other(OtherError(other)) => Self::Invalid(Escaped::new(&other.to_string(), 200)),
            other => Self::Invalid(Escaped::new(&other.to_string(), 200)),
        }
    }

    fn of_alert(alert: AlertDescription) -> Self {
        match alert {
            AlertDescription::CertificateRequired | AlertDescription::NoCertificate => Self::ClientCertificate(false),
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied => Self::ClientCertificate(true),
            AlertDescription::UnrecognisedName => Self::UnknownName,
            AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity
            | AlertDescription::HandshakeFailure => Self::Incompatible,
            other => Self::Alert(format!("{other:?}").into()),
        }
    }

    /// The next step, for a server at this `host[:port]`.
    #[must_use]
    pub(crate) fn hint(&self, host: &str) -> String {
        match self {
            Self::UnknownAuthority => format!(
                "if the authority is your own, put its certificate into `/etc/docker/certs.d/{host}/ca.crt`, or name it \
                 in `SSL_CERT_FILE`; the certificate of a server that signed it itself goes there, too"
            ),
            Self::OtherKey => format!(
                "after a renewal, put the new certificate into `/etc/docker/certs.d/{host}/ca.crt`, or wherever the old \
                 one is"
            ),
            Self::NoAuthorities => format!(
                "install the package `ca-certificates`, name a file in `SSL_CERT_FILE`, or put the certificate into \
                 `/etc/docker/certs.d/{host}/ca.crt`"
            ),
            Self::AuthorityAsServer => format!(
                "to trust this very certificate, put it into `/etc/docker/certs.d/{host}/ca.crt`; or make one for the \
                 server with `basicConstraints=CA:FALSE`"
            ),
            Self::Expired { .. } | Self::Early { .. } => format!(
                "renew the certificate; if it is good elsewhere, check this machine's clock, which says {}",
                day(UnixTime::now())
            ),
            Self::OtherName(names) => names.hint(host),
            Self::ClientCertificate(_) => format!(
                "put the client's certificate into `/etc/docker/certs.d/{host}/client.cert` and its key into \
                 `client.key`"
            ),
            Self::UnknownName => "check the host's name".to_owned(),
            Self::Purpose | Self::Revoked | Self::Signature | Self::Invalid(_) => {
                "the server needs another certificate; whoever runs it can tell more".to_owned()
            }
            Self::Incompatible | Self::Alert(_) | Self::Protocol(_) => format!(
                "whoever runs the server can tell more; `openssl s_client -connect {}` shows what it says",
                if host.contains(':') { host.to_owned() } else { format!("{host}:443") }
            ),
        }
    }

    /// The same in few words without a name, a date or an address, for those who may learn nothing of the user's
    /// network.
    #[must_use]
    pub(crate) fn summary(&self) -> &'static str {
        match self {
            Self::UnknownAuthority | Self::NoAuthorities | Self::AuthorityAsServer | Self::OtherKey => {
                "its certificate is signed by an authority that is not trusted here"
            }
            Self::Expired { .. } => "its certificate has expired",
            Self::Early { .. } => "its certificate is not valid yet",
            Self::OtherName(_) => "its certificate is for another name",
            Self::Purpose | Self::Revoked | Self::Signature | Self::Invalid(_) => "its certificate is not valid",
            Self::ClientCertificate(_) | Self::UnknownName | Self::Alert(_) => "the other side refused",
            Self::Incompatible | Self::Protocol(_) => "the other side does not speak it as it should",
        }
    }
}

/// The day, in UTC.
fn day(time: UnixTime) -> String {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()));
    let text = time.map_or_else(String::new, |time| humantime::format_rfc3339_seconds(time).to_string());
    text.split('T').next().unwrap_or_default().to_owned()
}

/// The time between two moments, in whole units of the largest kind of which there are two.
fn span(from: UnixTime, to: UnixTime) -> String {
    let seconds = to.as_secs().saturating_sub(from.as_secs());
    match (seconds / 60, seconds / 3600, seconds / 86_400) {
        (_, _, days @ 2..) => format!("{days} days"),
        (_, hours @ 2.., _) => format!("{hours} hours"),
        (minutes @ 2.., _, _) => format!("{minutes} minutes"),
        _ => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_is_a_sentence_with_a_fitting_next_step_and_no_word_of_a_library() {
        let time = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let (now, end) = (time(1_795_893_330), time(1_763_925_329));
        for (error, sentence, hint) in [
            (
                CertificateError::UnknownIssuer.into(),
                "signed by an authority that this machine doesn't",
                "r.io:5/ca.crt",
            ),
            (NoAuthorities.into(), "no certificates of authorities at all", "`ca-certificates`"),
            (
                CertificateError::ExpiredContext { time: now, not_after: end }.into(),
                "its certificate expired on 2025-11-23 (370 days ago)",
                "this machine's clock, which says 20",
            ),
            (
                CertificateError::NotValidYetContext { time: end, not_before: now }.into(),
                "its certificate is valid from 2026-11-28 on (in 370 days)",
                "this machine's clock, which says 20",
            ),
            (CertificateError::Revoked.into(), "has been revoked", "another certificate"),
            (CertificateError::InvalidPurpose.into(), "is not one for servers", "another certificate"),
            (
                rustls::Error::AlertReceived(AlertDescription::CertificateRequired),
                "it asks for a client's certificate, and doesn't accept none",
                "r.io:5/client.cert",
            ),
            (
                rustls::Error::AlertReceived(AlertDescription::HandshakeFailure),
                "expected TLS 1.2 or 1.3",
                "openssl s_client -connect r.io:5`",
            ),
        ] {
            let failure = TlsFailure::of(&error);
            assert!(failure.to_string().contains(sentence), "{failure}");
            assert!(failure.hint("r.io:5").contains(hint), "{failure}: {}", failure.hint("r.io:5"));
        }
    }

    #[test]
    fn an_alert_that_comes_late_is_told_like_one_in_the_handshake() {
        let late = |text| TlsFailure::of_late_alert(text);
        let required = late("connection error: received fatal alert: CertificateRequired, os error");
        assert_eq!(required, Some(TlsFailure::ClientCertificate(false)));
        assert_eq!(late("received fatal alert: UnknownCA"), Some(TlsFailure::ClientCertificate(true)));
        assert_eq!(late("connection reset"), None);
    }
}
