//! Clients of the Docker API, one for each kind of endpoint.

use std::error::Error;
use std::io;
use std::path::Path;
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::endpoint::{Address, Endpoint, Tls};
use super::shown::shown;

/// A client for an endpoint. Nothing is sent yet, but files of TLS are checked.
///
/// `limit` bounds the time until a response's head, the connection included; bodies have no limit (`execute_request` in
/// bollard's `docker.rs`).
pub(super) fn open(endpoint: &Endpoint, limit: Duration) -> Result<Docker, String> {
    let seconds = limit.as_secs();
    let client = match endpoint {
        #[cfg(unix)]
        Endpoint::Socket(path) => {
            let path = path.to_str().ok_or("its path is not UTF-8")?;
            Docker::connect_with_unix(path, seconds, API_DEFAULT_VERSION)
        }
        #[cfg(windows)]
        Endpoint::Pipe(name) => Docker::connect_with_named_pipe(name, seconds, API_DEFAULT_VERSION),
        Endpoint::Http(address) => Docker::connect_with_http(address.as_str(), seconds, API_DEFAULT_VERSION),
        Endpoint::Https(address, tls) => return open_tls(address, tls, seconds),
    };
    client.map_err(|e| reason(&e))
}

fn open_tls(address: &Address, tls: &Tls, seconds: u64) -> Result<Docker, String> {
    check(tls)?;
    // bollard demands all three files. An empty one adds no authority, and no client certificate.
    let nothing = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    let authority = tls.authority.as_deref().unwrap_or(nothing.path());
    let (certificate, key) = match &tls.identity {
        Some(identity) => (identity.certificate.as_path(), identity.key.as_path()),
        None => (nothing.path(), nothing.path()),
    };
    Docker::connect_with_ssl(address.as_str(), key, certificate, authority, seconds, API_DEFAULT_VERSION)
        .map_err(|e| reason(&e))
}

/// Reads the files in advance: bollard reads the client's certificate when the daemon asks for it, and connects without
/// one if that fails.
fn check(tls: &Tls) -> Result<(), String> {
    let certificate = |path: &Path| match CertificateDer::pem_file_iter(path).map(|mut all| all.next()) {
        Ok(Some(Ok(_))) => Ok(()),
        Ok(Some(Err(e))) | Err(e) => Err(format!("cannot use `{}`: {e}", path.display())),
        Ok(None) => Err(format!("cannot use `{}`: it has no certificate", path.display())),
    };
    tls.authority.as_deref().map(certificate).transpose()?;
    if let Some(identity) = &tls.identity {
        certificate(&identity.certificate)?;
        PrivateKeyDer::from_pem_file(&identity.key)
            .map_err(|e| format!("cannot use `{}`: {e}", identity.key.display()))?;
    }
    Ok(())
}

/// The deepest cause: bollard and hyper wrap it in several layers that say "client error".
///
/// Escaped and on one line.
pub(super) fn reason(error: &bollard::errors::Error) -> String {
    match error {
        bollard::errors::Error::RequestTimeoutError => "it does not answer in time".to_owned(),
        bollard::errors::Error::SocketNotFoundError(_) => "there is no such socket".to_owned(),
        bollard::errors::Error::DockerResponseServerError { status_code, message } => {
            shown(&format!("{message} (status {status_code})")).into()
        }
        wrapped => shown(&deepest_cause(wrapped).to_string()).into(),
    }
}

/// Whether the operating system denied access to the endpoint.
pub(super) fn is_permission_denied(error: &bollard::errors::Error) -> bool {
    // This variant is transparent: its source is that of the error in it.
    let own = if let bollard::errors::Error::IOError { err } = error { Some(err) } else { None };
    let cause = own.or_else(|| deepest_cause(error).downcast_ref());
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::PermissionDenied)
}

fn deepest_cause(error: &bollard::errors::Error) -> &(dyn Error + 'static) {
    let mut deepest: &(dyn Error + 'static) = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest
}
