use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType, date_time_ymd,
};
use rustls::pki_types::CertificateDer;
use serde_json::json;

use super::*;
use crate::server::rules::{AuthoritySpec, Rules};

/// An authority, with its own certificate.
struct Ca(Issuer<'static, KeyPair>, CertificateDer<'static>, String);

fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

impl Ca {
    fn new(name: &str) -> Self {
        let (params, key) = (ca_params(name), KeyPair::generate().unwrap());
        let own = params.self_signed(&key).unwrap();
        let (der, pem) = (own.der().clone(), own.pem());
        Self(Issuer::new(params, key), der, pem)
    }

    /// One that this one vouches for.
    fn below(&self, name: &str) -> Self {
        let (params, key) = (ca_params(name), KeyPair::generate().unwrap());
        let own = params.signed_by(&key, &self.0).unwrap();
        let (der, pem) = (own.der().clone(), own.pem());
        Self(Issuer::new(params, key), der, pem)
    }

    fn client(&self, edit: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["a.example".to_owned(), "b.example".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "builder");
        params.distinguished_name.push(DnType::OrganizationName, "Acme");
        params.distinguished_name.push(DnType::OrganizationalUnitName, "build");
        params.subject_alt_names.push(SanType::URI("spiffe://acme.example/build/7".try_into().unwrap()));
        params.subject_alt_names.push(SanType::Rfc822Name("ci@acme.example".try_into().unwrap()));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        edit(&mut params);
        params.signed_by(&KeyPair::generate().unwrap(), &self.0).unwrap().der().clone()
    }
}

/// The rules of authorities with these names.
fn rules(directory: &std::path::Path, authorities: &[(&str, &Ca)]) -> Rules {
    let write = |(name, ca): &(&str, &Ca)| {
        let ca_file = directory.join(name);
        std::fs::write(&ca_file, &ca.2).unwrap();
        AuthoritySpec { name: name.parse().unwrap(), ca_file }
    };
    Rules { issuers: Vec::new(), authorities: authorities.iter().map(write).collect(), rules: Vec::new() }
}

#[test]
fn a_certificate_says_its_names_as_claims() {
    let ca = Ca::new("one");
    let said = claims::of(&ca.client(|_| {})).unwrap();
    assert_eq!(said.subject, "spiffe://acme.example/build/7");
    let expected = json!({
        "common-name": ["builder"], "organization": ["Acme"], "organizational-unit": ["build"],
        "dns": ["a.example", "b.example"], "uri": ["spiffe://acme.example/build/7"], "email": ["ci@acme.example"],
    });
    assert_eq!(said.claims, expected);
    let of_names = claims::of(&ca.client(|params| params.subject_alt_names.truncate(2))).unwrap();
    assert_eq!(of_names.subject, "a.example");
    let plain = claims::of(&ca.client(|params| params.subject_alt_names.clear())).unwrap();
    assert_eq!((plain.subject.as_str(), plain.claims.get("dns")), ("builder", None));
    let nobody = |params: &mut CertificateParams| {
        params.subject_alt_names.clear();
        params.distinguished_name = rcgen::DistinguishedName::new();
    };
    assert_eq!(claims::of(&ca.client(nobody)).err(), Some(CertificateError::Nobody));
    assert_eq!(claims::of(b"x").err(), Some(CertificateError::Unreadable));
}

#[test]
fn a_certificate_is_of_the_authority_that_vouches_for_it_as_the_rules_are_now() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (Ca::new("one"), Ca::new("two"));
    let both = rules(directory.path(), &[("one", &one), ("two", &two)]);
    let authorities = Authorities::default();
    let issuer = |rules: &Rules, shown: &[CertificateDer<'static>]| {
        authorities.caller(rules, shown).map(|caller| caller.issuer.to_string())
    };
    let of_two = two.client(|_| {});
    assert_eq!(issuer(&both, &[one.client(|_| {})]), Ok("one".to_owned()));
    assert_eq!(issuer(&both, std::slice::from_ref(&of_two)), Ok("two".to_owned()));
    // By an authority between, which the client shows too.
    let below = two.below("between");
    let leaf = below.client(|_| {});
    assert_eq!(issuer(&both, &[leaf.clone(), below.1.clone()]), Ok("two".to_owned()));
    assert!(matches!(issuer(&both, &[leaf]), Err(CertificateError::Refused(_))));
    // Whoever has a connection has no right by it that the rules have taken away.
    let without = Rules { authorities: both.authorities.clone().into_iter().take(1).collect(), ..both.clone() };
    assert!(matches!(issuer(&without, std::slice::from_ref(&of_two)), Err(CertificateError::Refused(_))));
    std::fs::write(directory.path().join("two"), &one.2).unwrap();
    assert!(matches!(issuer(&both, &[of_two]), Err(CertificateError::Refused(_))));
    assert!(issuer(&both, &[]).is_err());
    // What its own authority has against it is told, and not that it is none of another one's.
    std::fs::write(directory.path().join("two"), &two.2).unwrap();
    for ended in [&one, &two].map(|ca| ca.client(|params| params.not_after = date_time_ymd(2021, 1, 1))) {
        let refused = issuer(&both, &[ended]).unwrap_err().to_string();
        assert!(refused.contains("expired"), "{refused}");
    }
}

#[test]
fn one_that_does_not_hold_or_is_for_servers_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let ca = Ca::new("one");
    let rules = rules(directory.path(), &[("one", &ca)]);
    let authorities = Authorities::default();
    let is_refused = |edit: fn(&mut CertificateParams)| {
        matches!(authorities.caller(&rules, &[ca.client(edit)]), Err(CertificateError::Refused(_)))
    };
    assert!(is_refused(|params| params.not_after = date_time_ymd(2021, 1, 1)));
    assert!(is_refused(|params| params.not_before = date_time_ymd(2999, 1, 1)));
    assert!(is_refused(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]));
    // The extension is absent in what older authorities make (RFC 5280, section 4.2.1.12).
    assert!(!is_refused(|params| params.extended_key_usages.clear()));
    assert!(matches!(authorities.caller(&rules, std::slice::from_ref(&ca.1)), Err(CertificateError::Refused(_))));
}

#[test]
fn a_file_of_authorities_holds_nothing_else_and_is_not_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let (file, ca) = (directory.path().join("ca.pem"), Ca::new("one"));
    let leaf = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
    let leaf = leaf.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    let text = format!("one of ours\n{}\nand another:\n{}", ca.2, Ca::new("two").2);
    std::fs::write(&file, &text).unwrap();
    assert_eq!(check(&file), Ok(()));
    for (content, said) in [
        (format!("{text}{leaf}"), "its certificate 3 is not one of an authority"),
        (text.get(..text.len() - 100).unwrap().to_owned(), "no PEM"),
        (text.replacen("MII", "M!!", 1), "no PEM"),
        (ca.2.replace("CERTIFICATE", "PUBLIC KEY"), "no certificate"),
        (String::new(), "no certificate"),
    ] {
        std::fs::write(&file, content).unwrap();
        let told = check(&file).unwrap_err().to_string();
        assert!(told.contains(said), "{told}");
    }
}
