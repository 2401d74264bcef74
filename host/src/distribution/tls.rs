//! Certificates that people filed for a registry, and the TLS library's cryptography.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use reqwest::{Certificate, Identity};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::error::Error;
use crate::image::Host;

/// Certificates and keys are a few KiB; this keeps a device file or a mistake from being read for ever.
const MAX_FILE: u64 = 1024 * 1024;

/// What is filed for one registry host.
#[derive(Default)]
pub(super) struct Certificates {
    /// Authorities that are trusted for this host, besides the platform's.
    pub(super) authorities: Vec<Certificate>,
    /// Who we are, for registries that ask: a certificate and its key.
    pub(super) identity: Option<Identity>,
}

/// Makes *ring* the cryptography of rustls in this process, once; later calls do nothing. Two providers in one binary
/// would otherwise make rustls panic.
pub(super) fn install_provider() {
    // An error says that a provider is installed already, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Where Docker and Podman look for certificates (Docker's page "Verify repository client with certificates",
/// containers-certs.d(5)).
pub(super) fn standard_directories() -> Vec<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME").filter(|path| Path::new(path).is_absolute()).map(PathBuf::from);
    let config = config.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".config")));
    let system = [PathBuf::from("/etc/docker/certs.d"), PathBuf::from("/etc/containers/certs.d")];
    system.into_iter().chain(config.map(|config| config.join("containers/certs.d"))).collect()
}

/// The authorities that people filed for a host, where Docker and Podman look for them.
///
/// # Errors
/// When a file there can't be used.
pub(crate) fn filed_authorities(host: &Host) -> Result<Vec<CertificateDer<'static>>, Error> {
    let folders = standard_directories().into_iter().map(|directory| directory.join(host.as_str()));
    let mut found = Vec::new();
    for path in folders.flat_map(|folder| files(&folder)).filter(|path| path.extension() == Some(OsStr::new("crt"))) {
        found.extend(authorities(host, &path)?);
    }
    Ok(found)
}

/// The authorities in one file, at least one.
fn authorities(host: &Host, path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = read(path).map_err(|error| refused(host, path, error.to_string()))?;
    let bundle = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().unwrap_or_default();
    if bundle.is_empty() { Err(refused(host, path, NO_CERTIFICATE.to_owned())) } else { Ok(bundle) }
}

const NO_CERTIFICATE: &str = "it holds no certificate in PEM";

fn refused(host: &Host, path: &Path, cause: String) -> Error {
    Error::Certificate { host: host.to_string(), path: path.to_owned(), cause }
}

impl Certificates {
    /// Reads `<directory>/<host[:port]>/` of each directory: `*.crt` are authorities, `*.cert` with a `*.key` of the same
    /// name is the client's own. Of several pairs the first by name counts, as one connection shows one certificate.
    ///
    /// # Errors
    /// When a file there can't be used: who filed it wants it to be used.
    pub(super) fn load(directories: &[PathBuf], host: &Host) -> Result<Self, Error> {
        let mut found = Self::default();
        for path in directories.iter().flat_map(|directory| files(&directory.join(host.as_str()))) {
            let refuse = |cause: &str| refused(host, &path, cause.to_owned());
            let read = |path: &Path| read(path).map_err(|error| refused(host, path, error.to_string()));
            match path.extension().and_then(OsStr::to_str) {
                Some("crt") => {
                    for authority in authorities(host, &path)? {
                        let certificate = Certificate::from_der(&authority);
                        found.authorities.push(certificate.map_err(|_| refuse(NO_CERTIFICATE))?);
                    }
                }
                Some("cert") if found.identity.is_none() => {
                    let mut pem = read(&path)?;
                    pem.push(b'\n');
                    pem.extend(read(&path.with_extension("key"))?);
                    // The library's error could quote the key.
                    let identity = Identity::from_pem(&pem);
                    let cause = "it and its `.key` are no certificate and key in PEM";
                    found.identity = Some(identity.map_err(|_| refuse(cause))?);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Whether nothing is filed.
    pub(super) fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.identity.is_none()
    }
}

/// The files of a folder by name; none where there is no folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!("can't read certificates in `{}`: {error}", folder.display());
            }
            Vec::new()
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        return Err(io::Error::other("it is no file of a certificate's size"));
    }
    std::fs::read(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    fn load(files: &[(&str, &str)]) -> Result<Certificates, Error> {
        let directory = tempfile::tempdir().unwrap();
        let folder = directory.path().join("r.example:5000");
        std::fs::create_dir(&folder).unwrap();
        for (name, content) in files {
            std::fs::write(folder.join(name), content).unwrap();
        }
        Certificates::load(&[directory.path().to_owned()], &"r.example:5000".parse().unwrap())
    }

    #[test]
    fn nothing_is_filed_for_most_hosts() {
        assert!(load(&[("README", "x")]).unwrap().is_empty());
        assert!(Certificates::load(&["/nowhere".into()], &"ghcr.io".parse().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_holds_no_certificate_is_named() {
        for files in
            [&[("ca.crt", "junk")][..], &[("client.cert", "junk")], &[("client.cert", "x"), ("client.key", "y")]]
        {
            let error = load(files).err().unwrap();
            assert!(error.to_string().contains("r.example:5000"), "{error}");
            assert_eq!(error.kind(), crate::error::Kind::Usage);
        }
    }
}
