//! Filed certificates in the form that the HTTP library takes.

use reqwest::{Certificate, Identity};
use rustls::pki_types::CertificateDer;

use crate::certificates::{CertificateError, FiledCertificates};
use crate::distribution::error::Error;
use crate::image::Host;

/// What a connection to one host shows and trusts, besides the platform's authorities.
#[derive(Default)]
pub(super) struct Certificates {
    /// Authorities that are trusted.
    pub(super) authorities: Vec<Certificate>,
    /// The client's own certificate and key.
    pub(super) identity: Option<Identity>,
}

impl Certificates {
    /// # Errors
    /// When a filed certificate or key can't be parsed.
    pub(super) fn new(filed: FiledCertificates, host: &Host) -> Result<Self, Error> {
        let authority = |der: CertificateDer<'_>| {
            Certificate::from_der(&der).map_err(|error| Error::Setup(error.to_string().into()))
        };
        let identity = match filed.identity {
            // The library's error could quote the key.
            Some(own) => Some(
                Identity::from_pem(&own.pem)
                    .map_err(|_| CertificateError::NoIdentity { host: host.clone(), path: own.path.into() })?,
            ),
            None => None,
        };
        let authorities = filed.authorities.into_iter().map(authority).collect::<Result<_, _>>()?;
        Ok(Self { authorities, identity })
    }
}
