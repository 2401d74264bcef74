//! How this machine is known to the server: by an id token, or by a certificate.

use std::path::{Path, PathBuf};

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use super::error::ServerError;
use crate::certificates;
use crate::environment::{EnvVars, Environment};
use crate::files::regular;
use crate::network::tls::Identity;
use crate::text::{Escaped, Foreign};

/// Largest file of a certificate or a key, in bytes.
const MAX_PEM: usize = 1 << 20;

/// The files of a certificate and its key, which are read again for each request: they are renewed often.
pub(super) struct CertificateFiles {
    certificate: PathBuf,
    key: PathBuf,
}

impl CertificateFiles {
    /// Those that the environment names.
    ///
    /// # Errors
    /// When there is a key alone.
    pub(super) fn of(environment: &Environment) -> Result<Option<Self>, ServerError> {
        let certificate = environment.path(EnvVars::CRHOST_SERVER_CERT);
        let key = environment.path(EnvVars::CRHOST_SERVER_KEY);
        match (certificate, key) {
            (None, None) => Ok(None),
            (None, Some(key)) => Err(ServerError::KeyAlone(key.into())),
            // A key in the same file is in the usual order, too.
            (Some(certificate), key) => {
                let key = key.unwrap_or_else(|| certificate.clone());
                Ok(Some(Self { certificate, key }))
            }
        }
    }

    /// Reads both.
    ///
    /// # Errors
    /// When one of them can't be used.
    pub(super) fn read(&self) -> Result<Identity, ServerError> {
        let wrong = |path: &Path, reason: Escaped| ServerError::Certificate { path: path.into(), reason };
        let read = |path: &Path| {
            let read = regular::read(path, MAX_PEM).map(Zeroizing::new);
            read.map_err(|error| wrong(path, Foreign(error).to_string().into()))
        };
        let content = read(&self.certificate)?;
        let chain = certificates::in_pem(&content).map_err(|reason| wrong(&self.certificate, reason.into()))?;
        let no_key = || match self.key == self.certificate {
            true => "it holds no key, and CRHOST_SERVER_KEY names none",
            false => "it holds no key in PEM, or one with a password",
        };
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?).map_err(|_| wrong(&self.key, no_key().into()))?;
        Ok((chain, key))
    }

    /// The file of the certificate.
    pub(super) fn shown(&self) -> Escaped {
        self.certificate.as_path().into()
    }
}
