//! Filed certificates in the form that the TLS library takes.

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificates::{CertificateError, FiledCertificates, FiledIdentity};
use crate::distribution::error::Error;
use crate::image::Host;
use crate::network::tls::{self, HTTP_1, HTTP_2, Identity};

/// The TLS of connections to a host with these filed certificates; HTTP/2 where the server speaks it.
///
/// # Errors
/// When a filed certificate or key can't be used.
pub(super) fn config(filed: FiledCertificates, host: Option<&Host>) -> Result<ClientConfig, Error> {
    let own = filed.identity.as_ref().map(|own| own.path.clone());
    let unusable = |path: &std::path::PathBuf| match host {
        Some(host) => Error::from(CertificateError::NoIdentity { host: host.clone(), path: path.into() }),
        None => Error::Setup("the client's certificate is for no host".into()),
    };
    let identity = match &filed.identity {
        // The library's errors could quote the key.
        Some(own) => Some(identity(own).ok_or_else(|| unusable(&own.path))?),
        None => None,
    };
    tls::client_config(filed.authorities, identity, &[HTTP_2, HTTP_1]).map_err(|error| match (error, own) {
        // A key of another certificate, or of a kind that is not known.
        (rustls::Error::InconsistentKeys(_) | rustls::Error::General(_), Some(path)) => unusable(&path),
        (error, _) => Error::Setup(error.to_string().into()),
    })
}

fn identity(own: &FiledIdentity) -> Option<Identity> {
    let chain = CertificateDer::pem_slice_iter(&own.pem).collect::<Result<Vec<_>, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(&own.pem).ok()?;
    (!chain.is_empty()).then_some((chain, key))
}
