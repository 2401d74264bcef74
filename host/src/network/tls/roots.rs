//! The certificates that the platform trusts, or those that the user's variables name in their place.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustls::pki_types::CertificateDer;
use rustls_native_certs::{CertificateResult, ErrorKind, load_certs_from_paths, load_native_certs};

use crate::environment::{EnvVars, Environment};
use crate::network::words::io_words;
use crate::text::Escaped;

/// Where distributions keep their bundle (`crypto/x509/root_linux.go` of Go): Debian, Fedora, SUSE, Alpine. For an
/// empty variable alone, which the library would take for a file's name.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The platform's certificates, read once: that takes 10 ms, and a push over plain http needs none of them.
pub(super) fn platform() -> &'static [CertificateDer<'static>] {
    static ROOTS: OnceLock<Vec<CertificateDer<'static>>> = OnceLock::new();
    ROOTS.get_or_init(|| load(&Environment::of_this_process()))
}

/// What `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or else the platform's own.
fn load(environment: &Environment) -> Vec<CertificateDer<'static>> {
    let file = environment.path(EnvVars::SSL_CERT_FILE);
    let directories = environment.get(EnvVars::SSL_CERT_DIR).map(std::env::split_paths).into_iter().flatten();
    let directories: Vec<PathBuf> = directories.filter(|directory| !directory.as_os_str().is_empty()).collect();
    let is_named = file.is_some() || !directories.is_empty();
    let results = if is_named {
        let of_file = file.iter().map(|file| load_certs_from_paths(Some(file), None));
        of_file.chain(directories.iter().map(|directory| load_certs_from_paths(None, Some(directory)))).collect()
    } else if environment.is_empty(EnvVars::SSL_CERT_FILE) || environment.is_empty(EnvVars::SSL_CERT_DIR) {
        let bundle = BUNDLES.iter().map(Path::new).find(|bundle| bundle.exists());
        vec![load_certs_from_paths(bundle, None)]
    } else {
        vec![load_native_certs()]
    };
    results.into_iter().flat_map(|result| certificates(result, is_named)).collect()
}

fn certificates(result: CertificateResult, is_named: bool) -> Vec<CertificateDer<'static>> {
    for error in &result.errors {
        let text = match &error.kind {
            ErrorKind::Io { inner, path } => format!("`{}`: {}", Escaped::from(path), io_words(inner)),
            _ => error.to_string(),
        };
        // One broken file among the system's many is nothing that the user has to know.
        if is_named {
            tracing::warn!("certificates that `SSL_CERT_FILE` or `SSL_CERT_DIR` name can't be read: {text}");
        } else {
            tracing::debug!("certificates of the system can't be read: {text}");
        }
    }
    if is_named && result.certs.is_empty() && result.errors.is_empty() {
        tracing::warn!("what `SSL_CERT_FILE` or `SSL_CERT_DIR` names holds no certificate in PEM");
    }
    result.certs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> rcgen::Certificate {
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap()
    }

    #[test]
    fn the_variables_name_files_and_directories_and_a_broken_one_hides_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (certificate(), certificate());
        std::fs::create_dir(directory.path().join("d")).unwrap();
        std::fs::write(directory.path().join("d/one.pem"), one.pem()).unwrap();
        std::fs::write(directory.path().join("two.pem"), two.pem()).unwrap();
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        let directories = format!("{}::{}", path("absent"), path("d"));
        for (file, directories, expected) in [
            (path("two.pem"), String::new(), vec![two.der().clone()]),
            (String::new(), directories.clone(), vec![one.der().clone()]),
            (path("two.pem"), directories.clone(), vec![two.der().clone(), one.der().clone()]),
            (path("absent"), directories, vec![one.der().clone()]),
        ] {
            let variables = [("SSL_CERT_FILE", file.as_str()), ("SSL_CERT_DIR", directories.as_str())];
            assert_eq!(load(&variables.into_iter().collect()), expected, "{file}");
        }
    }
}
