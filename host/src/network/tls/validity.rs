//! The dates of a server's certificate.

use std::time::{Duration, SystemTime};

use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

use crate::text::Moment;

/// The time in which a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    /// Its first second.
    pub(crate) from: SystemTime,
    /// Its last second.
    pub(crate) until: SystemTime,
}

impl Validity {
    /// The dates of a certificate in DER; `None` for one without an end, and for bytes that are no certificate.
    ///
    /// The library shows the dates only in its refusals, and checks them before everything else
    /// (`check_issuer_independent_properties` in webpki's `verify_cert.rs`).
    #[must_use]
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let der = CertificateDer::from(certificate);
        let certificate = EndEntityCert::try_from(&der).ok()?;
        let refused_at = |second| {
            let time = UnixTime::since_unix_epoch(Duration::from_secs(second));
            certificate.verify_for_usage(&[], &[], &[], time, KeyUsage::server_auth(), None, None).err()
        };
        // The last second is that of certificates, too (RFC 5280, section 4.1.2.5).
        match (refused_at(0)?, refused_at(Moment::LAST.0)?) {
            (Error::CertNotValidYet { not_before, .. }, Error::CertExpired { not_after, .. }) => {
                Some(Self { from: system_time(not_before)?, until: system_time(not_after)? })
            }
            _ => None,
        }
    }
}

fn system_time(time: UnixTime) -> Option<SystemTime> {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(time.as_secs()))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn the_dates_of_a_certificate_are_read() {
        let mut params = CertificateParams::new(vec!["registry.example".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 3, 1));
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let at = |text: &str| humantime::parse_rfc3339(text).unwrap();
        let expected = Validity { from: at("2026-01-01T00:00:00Z"), until: at("2027-03-01T00:00:00Z") };
        assert_eq!(Validity::of(certificate.der()), Some(expected));
        assert_eq!(Validity::of(b"no certificate"), None);
    }
}
