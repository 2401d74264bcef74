//! What a certificate says of its owner, as claims: rules match them as they match those of tokens.

use rustls::pki_types::CertificateDer;
use serde_json::{Map, Value};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME, ORGANIZATIONAL_UNIT_NAME};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::{Certificate, Version};

use super::error::CertificateError;
use crate::server::rules::CERTIFICATE_CLAIMS;

/// What a certificate says.
pub(super) struct Said {
    /// Whom it is about: its first URI, else its first DNS name, else its common name.
    pub(super) subject: String,
    /// All of it, each claim a list.
    pub(super) claims: Value,
}

/// Reads a certificate in DER.
///
/// # Errors
/// When it is none, or names nobody.
pub(super) fn of(certificate: &[u8]) -> Result<Said, CertificateError> {
    let read = Certificate::from_der(certificate).map_err(|_| CertificateError::Unreadable)?.tbs_certificate;
    let of_subject = |wanted: ObjectIdentifier| {
        let all = read.subject.0.iter().flat_map(|part| part.0.iter());
        all.filter(|part| part.oid == wanted).filter_map(text).collect::<Vec<_>>()
    };
    let names = match read.get::<SubjectAltName>().map_err(|_| CertificateError::Unreadable)? {
        Some((_, names)) => names.0,
        None => Vec::new(),
    };
    let named = |pick: fn(&GeneralName) -> Option<&str>| names.iter().filter_map(pick).map(str::to_owned).collect();
    let all: [Vec<String>; CERTIFICATE_CLAIMS.len()] = [
        of_subject(COMMON_NAME),
        of_subject(ORGANIZATION_NAME),
        of_subject(ORGANIZATIONAL_UNIT_NAME),
        named(|name| if let GeneralName::DnsName(name) = name { Some(name.as_str()) } else { None }),
        named(|name| if let GeneralName::UniformResourceIdentifier(uri) = name { Some(uri.as_str()) } else { None }),
        named(|name| if let GeneralName::Rfc822Name(name) = name { Some(name.as_str()) } else { None }),
    ];
    let [common_names, _, _, dns, uris, _] = &all;
    let subject = [uris, dns, common_names].into_iter().find_map(|names| names.first());
    let subject = subject.filter(|subject| !subject.is_empty()).cloned().ok_or(CertificateError::Nobody)?;
    let claims: Map<String, Value> =
        CERTIFICATE_CLAIMS.into_iter().zip(all).filter(|(_, texts)| !texts.is_empty()).map(claim).collect();
    Ok(Said { subject, claims: claims.into() })
}

/// Whether a certificate says that it is an authority's, as all must but those of before 2002 (RFC 5280, section
/// 4.2.1.9). Whoever has the key of another one could make certificates in any name, if it were taken for one.
pub(super) fn is_authority(certificate: &[u8]) -> bool {
    let Ok(read) = Certificate::from_der(certificate) else { return false };
    let constraints = read.tbs_certificate.get::<BasicConstraints>();
    read.tbs_certificate.version != Version::V3 || matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
}

/// What the first of some certificates says.
///
/// # Errors
/// As for [`of`], and when there is none.
pub(crate) fn claims_of(shown: &[CertificateDer<'_>]) -> Result<Value, CertificateError> {
    of(shown.first().ok_or(CertificateError::Unreadable)?).map(|said| said.claims)
}

fn claim((name, texts): (&str, Vec<String>)) -> (String, Value) {
    (name.to_owned(), texts.into())
}

/// A text of a subject, in one of the forms that are in use.
fn text(part: &AttributeTypeAndValue) -> Option<String> {
    let value = &part.value;
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
    let printable = || value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned());
    let ia5 = || value.decode_as::<Ia5StringRef<'_>>().map(|text| text.as_str().to_owned());
    let teletex = || value.decode_as::<TeletexStringRef<'_>>().map(|text| text.as_str().to_owned());
    utf8.or_else(|_| printable()).or_else(|_| ia5()).or_else(|_| teletex()).ok()
}
