//! TLS to a daemon, with the files that Docker's variables and contexts name.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::failure::ConnectFailure;
use crate::bounded;
use crate::docker::endpoint::{Address, Tls};
use crate::network::io_words;
use crate::network::tls::{HTTP_1, TlsFailure, client_config};

/// Longest PEM file, in bytes: a certificate has some 2 KiB, and all that a system trusts 300 KiB.
const MAX_PEM: usize = 4 << 20;

/// The configuration that these files make. All of them are read now: a certificate that can't be used is an error
/// before anything is sent.
///
/// # Errors
/// When a file can't be read, or holds something else.
pub(super) fn config(tls: &Tls) -> Result<ClientConfig, ConnectFailure> {
    let authorities = tls.authority.as_deref().map(certificates).transpose()?.unwrap_or_default();
    let identity = match &tls.identity {
        Some(files) => {
            let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?);
            let key = key.map_err(|error| unusable(&files.key, &error.to_string()))?;
            Some((certificates(&files.certificate)?, key))
        }
        None => None,
    };
    client_config(authorities, identity, &[HTTP_1]).map_err(|error| TlsFailure::of(&error).to_string().into())
}

/// Agrees on TLS with the daemon at an address.
///
/// # Errors
/// When the daemon doesn't prove that it has this name, or refuses.
pub(super) async fn secure(
    stream: TcpStream,
    address: &Address,
    config: ClientConfig,
) -> Result<TlsStream<TcpStream>, ConnectFailure> {
    let name = ServerName::try_from(address.host().to_owned())
        .map_err(|_| ConnectFailure::from("no certificate has such a host".to_owned()))?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(inner) => format!("no secure connection: {}", TlsFailure::of(inner)).into(),
            None => (&error).into(),
        }
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectFailure> {
    let pem = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match all {
        Ok(all) if all.is_empty() => Err(unusable(path, "it has no certificate")),
        Ok(all) => Ok(all),
        Err(error) => Err(unusable(path, &error.to_string())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ConnectFailure> {
    let file = File::open(path).map_err(|error| unusable(path, &io_words(&error)))?;
    bounded::read(file, MAX_PEM).map_err(|error| unusable(path, &error.to_string()))
}

fn unusable(path: &Path, reason: &str) -> ConnectFailure {
    format!("cannot use `{}`: {reason}", path.display()).into()
}
