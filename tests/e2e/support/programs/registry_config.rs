//! Configurations of `docker-registry`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::fakes::certificates::Authority;

/// The parts of a configuration that differ; `DIRECTORY` stands for the registry's own directory.
#[derive(Default)]
pub(super) struct Config<'a> {
    pub(super) tls: &'a str,
    pub(super) auth: &'a str,
    pub(super) storage: &'a str,
}

impl Config<'_> {
    /// The whole configuration, as YAML.
    pub(super) fn text(&self) -> String {
        let Self { tls, auth, storage } = self;
        format!(
            "version: 0.1\n\
             log: {{level: info}}\n\
             storage: {{filesystem: {{rootdirectory: DIRECTORY/data}}{storage}}}\n\
             http: {{addr: \"127.0.0.1:0\", secret: one-for-all-tests{tls}}}\n\
             {auth}"
        )
    }
}

/// Makes a certificate for the server's names by an authority of its own, and gives the directory with that authority
/// and with a client's certificate of the same authority.
pub(super) fn prove_names(directory: &Path, names: &[&str]) -> PathBuf {
    let authority = Authority::new();
    let server = authority.identity(names);
    let trusted = directory.join("trusted");
    fs::create_dir(&trusted).unwrap();
    fs::write(trusted.join("ca.crt"), authority.pem()).unwrap();
    let client = authority.identity(&["client.example"]);
    fs::write(trusted.join("client.cert"), client.certificate).unwrap();
    fs::write(trusted.join("client.key"), client.key).unwrap();
    fs::write(directory.join("server.crt"), server.certificate).unwrap();
    fs::write(directory.join("server.key"), server.key).unwrap();
    trusted
}

/// Storage that manifests can be deleted from.
pub(super) const DELETING: &str = ", delete: {enabled: true}";
/// Storage that takes no writes.
pub(super) const READ_ONLY: &str = ", maintenance: {readonly: {enabled: true}}";
/// TLS with the certificate of [`prove_names`].
pub(super) const TLS: &str = ", tls: {certificate: DIRECTORY/server.crt, key: DIRECTORY/server.key}";
/// The same, for clients with a certificate of the same authority only.
pub(super) const MUTUAL_TLS: &str =
    ", tls: {certificate: DIRECTORY/server.crt, key: DIRECTORY/server.key, clientcas: [DIRECTORY/trusted/ca.crt]}";
/// Basic authentication by a file of bcrypt hashes.
pub(super) const PASSWORD_AUTH: &str = "auth: {htpasswd: {realm: crhost-test, path: DIRECTORY/htpasswd}}\n";
