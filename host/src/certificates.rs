//! Certificates that users filed for a registry's host, where Docker and Podman look for them too.
//!
//! `<directory>/<host[:port]>/` holds them: `*.crt` are authorities, `*.cert` with a `*.key` of the same name is the
//! client's own certificate (Docker's page "Verify repository client with certificates", containers-certs.d(5)).

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use webpki::anchor_from_trusted_cert;

use crate::bounded;
use crate::error::Explain;
use crate::files::regular;
use crate::image::Host;
use crate::text::{Escaped, Foreign};

/// Certificates and keys are a few KiB; this keeps a device file or a mistake from being read without end.
const MAX_FILE: usize = 1024 * 1024;

/// Why a filed certificate can't be used.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage, hint = "expected PEM, as Docker wants it there")]
pub(crate) enum CertificateError {
    /// The file can't be read.
    #[error("can't use `{path}` for registry `{host}`: {cause}")]
    Read {
        /// The host that it is filed for.
        host: Host,
        /// The file.
        path: Escaped,
        /// Why it can't be read.
        cause: Foreign<io::Error>,
    },
    /// The client's own certificate has no key beside it.
    #[error("can't use `{path}` for registry `{host}`: there is no `{key}` beside it")]
    #[explain(
        hint = "the certificate of an authority has the extension `.crt`; `.cert` is a client's own, with its key"
    )]
    NoKey {
        /// The host that it is filed for.
        host: Host,
        /// The file of the certificate.
        path: Escaped,
        /// The name of the key's file.
        key: Escaped,
    },
    /// The client's own certificate and its key are not a pair in PEM.
    #[error("can't use `{path}` for registry `{host}`: it and its `.key` are no certificate and key in PEM")]
    #[explain(
        hint = "expected PEM, as Docker wants it there, and a key without a password: `openssl pkey -in client.key`"
    )]
    NoIdentity {
        /// The host that it is filed for.
        host: Host,
        /// The file of the certificate.
        path: Escaped,
    },
}

/// What is filed for one host.
#[derive(Default)]
pub(crate) struct FiledCertificates {
    /// Authorities that are trusted for this host, besides the platform's.
    pub(crate) authorities: Vec<CertificateDer<'static>>,
    /// The client's own certificate, for servers that ask for one.
    pub(crate) identity: Option<FiledIdentity>,
}

/// A client's certificate and its key.
pub(crate) struct FiledIdentity {
    /// The file of the certificate.
    pub(crate) path: PathBuf,
    /// Both in PEM, one after the other. Not checked.
    pub(crate) pem: Vec<u8>,
}

impl FiledCertificates {
    /// Reads what is filed for a host in any of the directories. Of several client certificates the first by name
    /// counts, as one connection shows one certificate.
    ///
    /// # Errors
    /// When a file there can't be used: it was filed in order to be used.
    pub(crate) fn load(directories: &[PathBuf], host: &Host) -> Result<Self, CertificateError> {
        let mut found = Self { authorities: load_authorities(directories, host)?, identity: None };
        if let Some(path) = files(directories, host, "cert").next() {
            let mut pem = read(host, &path)?;
            pem.push(b'\n');
            let key = path.with_extension("key");
            if !key.exists() {
                let key = Escaped::from(key.file_name().map(Path::new).unwrap_or(&key));
                return Err(CertificateError::NoKey { host: host.clone(), path: path.into(), key });
            }
            pem.extend(read(host, &key)?);
            found.identity = Some(FiledIdentity { path, pem });
        }
        Ok(found)
    }

    /// Whether nothing is filed.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.authorities.is_empty() && self.identity.is_none()
    }
}

/// Where Docker and Podman look for certificates: their two directories in `/etc`, and the user's own.
#[must_use]
pub(crate) fn standard_directories(own: Option<PathBuf>) -> Vec<PathBuf> {
    let system = [PathBuf::from("/etc/docker/certs.d"), PathBuf::from("/etc/containers/certs.d")];
    system.into_iter().chain(own).collect()
}

/// The user's own directory of certificates, below the user's directory for configuration.
#[must_use]
pub(crate) fn own_directory(config: &Path) -> PathBuf {
    config.join("containers/certs.d")
}

/// The authorities alone that are filed for a host. Of a file that holds something else the user is told, and the
/// others count, as Docker and Podman ignore it: whether it is needed, the server's certificate will show.
///
/// # Errors
/// As for [`FiledCertificates::load`].
pub(crate) fn load_authorities(
    directories: &[PathBuf],
    host: &Host,
) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let mut found = Vec::new();
    for path in files(directories, host, "crt") {
        let content = read(host, &path)?;
        let blocks = certificates(&content);
        let usable: Vec<_> = blocks.iter().filter(|block| anchor_from_trusted_cert(block).is_ok()).cloned().collect();
        if usable.is_empty() || usable.len() < blocks.len() {
            let path = Escaped::from(&path);
            tracing::warn!(
                "`{path}`, filed for `{host}`, holds something that is no certificate in PEM, and is ignored"
            );
        }
        found.extend(usable);
    }
    Ok(found)
}

/// The authorities in a file that the user names.
///
/// # Errors
/// When it can't be read, holds no certificate, or one that is damaged.
pub(crate) fn in_file(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let content = regular::read(path, MAX_FILE)?;
    match in_der(&content) {
        Some(found) => Ok(vec![found]),
        None => in_pem(&content).map_err(io::Error::other),
    }
}

/// The certificates in PEM, with whatever text is between them. All of them count: a file that is cut off is not half
/// as good.
///
/// # Errors
/// When there is none, or one that is damaged.
pub(crate) fn in_pem(content: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(without_mark(content)).collect();
    match found.map_err(|_| "it holds something between `BEGIN` and `END` that is no PEM, as where it is cut off")? {
        none if none.is_empty() => Err("it holds no certificate in PEM"),
        found => Ok(found),
    }
}

/// The certificates in a file: in PEM, with whatever else is there, or one alone in DER, as Windows exports it.
fn certificates(content: &[u8]) -> Vec<CertificateDer<'static>> {
    let in_pem = || CertificateDer::pem_slice_iter(without_mark(content)).filter_map(Result::ok).collect();
    in_der(content).map_or_else(in_pem, |found| vec![found])
}

/// The certificate of a file in DER.
fn in_der(content: &[u8]) -> Option<CertificateDer<'static>> {
    // The tag of an ASN.1 sequence with a length of two bytes. No text begins so.
    content.starts_with(&[0x30, 0x82]).then(|| content.to_vec().into())
}

fn without_mark(content: &[u8]) -> &[u8] {
    content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content)
}

/// The files of one kind that are filed for a host, by name within each directory.
fn files(directories: &[PathBuf], host: &Host, extension: &'static str) -> impl Iterator<Item = PathBuf> {
    let all = directories.iter().flat_map(|directory| list(&directory.join(host.as_str()))).collect::<Vec<_>>();
    all.into_iter().filter(move |path| path.extension() == Some(OsStr::new(extension)))
}

/// The files of a directory by name; empty where there is no directory.
fn list(directory: &Path) -> Vec<PathBuf> {
    match std::fs::read_dir(directory) {
        Ok(entries) => {
            let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            paths.sort();
            paths
        }
        Err(error) => {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!("can't read certificates in `{}`: {error}", directory.display());
            }
            Vec::new()
        }
    }
}

fn read(host: &Host, path: &Path) -> Result<Vec<u8>, CertificateError> {
    let failed = |cause: io::Error| {
        let (host, path) = (host.clone(), path.into());
        CertificateError::Read { host, path, cause: cause.into() }
    };
    let is_file = std::fs::metadata(path).map_err(failed)?.is_file();
    let no_certificate = || failed(io::Error::other("it is no file of a certificate's size"));
    if !is_file {
        return Err(no_certificate());
    }
    bounded::read(File::open(path).map_err(failed)?, MAX_FILE).map_err(|error| match error {
        bounded::ReadError::Failed(cause) => failed(cause),
        bounded::ReadError::TooLarge { .. } => no_certificate(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn load(files: &[(&str, &str)]) -> Result<FiledCertificates, CertificateError> {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("r.example:5000");
        std::fs::create_dir(&own).unwrap();
        for (name, content) in files {
            std::fs::write(own.join(name), content).unwrap();
        }
        FiledCertificates::load(&[directory.path().to_owned()], &"r.example:5000".parse().unwrap())
    }

    #[test]
    fn nothing_is_filed_for_most_hosts() {
        assert!(load(&[("README", "x")]).unwrap().is_empty());
        assert!(FiledCertificates::load(&["/nowhere".into()], &"ghcr.io".parse().unwrap()).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_can_not_be_used_is_named() {
        let large = "x".repeat(MAX_FILE + 1);
        for (files, text) in [
            (&[("ca.crt", large.as_str())][..], "it is no file of a certificate's size"),
            (&[("ca.cert", "junk")], "ca.cert` for registry `r.example:5000`: there is no `ca.key` beside it"),
        ] {
            let error = load(files).err().unwrap();
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(error.kind(), Kind::Usage);
        }
    }

    #[test]
    fn a_certificate_is_found_beside_whatever_else_a_file_holds() {
        let key = rcgen::KeyPair::generate().unwrap();
        let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let (pem, own) = (own.pem(), [own.der().clone()]);
        let junk = "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n";
        for content in [
            format!("\u{feff}{pem}"),
            format!("# mine\nsubject=x\n\n{pem}\n# end"),
            pem.replace('\n', "\r\n"),
            format!("{}{pem}", key.serialize_pem()),
            format!("{junk}{pem}"),
        ] {
            assert_eq!(load(&[("ca.crt", &content)]).unwrap().authorities, own, "{content}");
        }
        assert!(load(&[("ca.crt", "junk"), ("b.crt", ""), ("c.crt", junk)]).unwrap().is_empty());
        assert_eq!(certificates(&own[0]), own);
    }

    #[test]
    fn the_first_certificate_of_a_client_by_name_counts() {
        let files = [("b.cert", "B"), ("b.key", "b"), ("a.cert", "A"), ("a.key", "a")];
        let identity = load(&files).unwrap().identity.unwrap();
        assert_eq!(identity.pem, b"A\na");
        assert!(identity.path.ends_with("a.cert"));
    }
}
