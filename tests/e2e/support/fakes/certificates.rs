//! A certificate authority of the test's own.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};

const DAY: Duration = Duration::from_secs(86_400);

/// An authority that no machine trusts by itself.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate and key, in PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    /// A new one.
    pub(crate) fn new() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "an authority of one test");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        let pem = authority.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(authority, key) }
    }

    /// Its own certificate in PEM, for clients that are to trust it.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a server of these names.
    pub(crate) fn identity(&self, names: &[&str]) -> Identity {
        self.issue(params(names))
    }

    /// One that has expired.
    pub(crate) fn expired(&self, names: &[&str]) -> Identity {
        let mut params = params(names);
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        self.issue(params)
    }

    /// One that was made for a year, and ends in four days.
    pub(crate) fn ending_soon(&self, names: &[&str]) -> Identity {
        let mut params = params(names);
        let now = SystemTime::now();
        // Half a day more, so that it has four whole days for as long as a test takes.
        params.not_before = (now - 361 * DAY).into();
        params.not_after = (now + 4 * DAY + DAY / 2).into();
        self.issue(params)
    }

    /// One that is not valid yet.
    pub(crate) fn early(&self, names: &[&str]) -> Identity {
        let mut params = params(names);
        (params.not_before, params.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(3000, 1, 1));
        self.issue(params)
    }

    /// A certificate of a build machine, for clients, changed by `edit`.
    pub(crate) fn client(&self, edit: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new(vec!["builder-7.acme.example".to_owned()]).unwrap();
        params.subject_alt_names.push(SanType::URI("spiffe://acme.example/build/7".try_into().unwrap()));
        params.distinguished_name.push(DnType::CommonName, "builder-7");
        params.distinguished_name.push(DnType::OrganizationalUnitName, "build");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        edit(&mut params);
        self.issue(params)
    }

    fn issue(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }
}

impl Identity {
    /// One that a server has signed for itself.
    pub(crate) fn self_signed(names: &[&str]) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = params(names).self_signed(&key).unwrap().pem();
        Self { certificate, key: key.serialize_pem() }
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, names[0]);
    params
}
