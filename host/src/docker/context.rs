//! Docker's contexts: named endpoints, one directory each.
//!
//! Follows `cli/context/store` and `cli/context/docker/load.go` of <https://github.com/docker/cli>; described for users
//! at <https://docs.docker.com/engine/manage-resources/contexts/>.

use std::path::Path;

use serde::Deserialize;

use super::endpoint::{Security, Tls};
use super::json_file::{FileError, read_json};
use super::shown::shown;
use crate::error::Explain;
use crate::image::Digest;
use crate::text::Escaped;

/// The Docker endpoint of a context.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Context {
    /// The endpoint's address; empty for Docker's default one.
    pub(super) host: String,
    /// The TLS settings, for an endpoint with TLS.
    pub(super) security: Security,
}

/// A context that cannot be used.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = NotFound, hint = "`docker context ls` lists them; `DOCKER_CONTEXT=default` uses none")]
pub(crate) enum ContextError {
    /// No context has this name.
    #[error("there is no Docker context `{0}`")]
    Unknown(Escaped),
    /// It describes another kind of endpoint, such as Kubernetes.
    #[error("the context `{0}` has no endpoint for Docker")]
    NoEndpoint(Escaped),
    /// Its file cannot be used.
    #[error(transparent)]
    #[explain(transparent)]
    File(#[from] FileError),
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Meta {
    endpoints: Endpoints,
}

#[derive(Default, Deserialize)]
struct Endpoints {
    docker: Option<MetaEndpoint>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MetaEndpoint {
    #[serde(rename = "Host")]
    host: String,
    #[serde(rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

impl Context {
    /// Reads a context from the directory of Docker's configuration. Its directories are named by the SHA-256 of its
    /// name, so that no name is a path out of them.
    ///
    /// # Errors
    /// When no context has this name, or it cannot be read or has no Docker endpoint.
    pub(super) fn load(directory: &Path, name: &str) -> Result<Self, ContextError> {
        let id = Digest::of(name.as_bytes());
        let contexts = directory.join("contexts");
        let meta: Meta = read_json(&contexts.join("meta").join(id.hex()).join("meta.json"))?
            .ok_or_else(|| ContextError::Unknown(shown(name)))?;
        let endpoint = meta.endpoints.docker.ok_or_else(|| ContextError::NoEndpoint(shown(name)))?;
        let security = if endpoint.skip_tls_verify {
            Security::Unverified
        } else {
            security(&contexts.join("tls").join(id.hex()).join("docker"))
        };
        Ok(Self { host: endpoint.host, security })
    }
}

/// TLS is on where its files exist.
fn security(directory: &Path) -> Security {
    let mut tls = Tls::in_directory(directory);
    tls.authority = tls.authority.filter(|file| file.exists());
    if tls == Tls::default() { Security::Unspecified } else { Security::Verified(tls) }
}

/// Writes a context as `docker context create` does.
#[cfg(test)]
pub(super) fn create(directory: &Path, name: &str, meta: &str, tls: &[&str]) {
    let id = Digest::of(name.as_bytes());
    let contexts = directory.join("contexts");
    let meta_directory = contexts.join("meta").join(id.hex());
    std::fs::create_dir_all(&meta_directory).unwrap();
    std::fs::write(meta_directory.join("meta.json"), meta).unwrap();
    let tls_directory = contexts.join("tls").join(id.hex()).join("docker");
    std::fs::create_dir_all(&tls_directory).unwrap();
    tls.iter().for_each(|file| std::fs::write(tls_directory.join(file), "").unwrap());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docker::endpoint::Identity;
    use crate::error::Kind;

    const META: &str =
        r#"{"Name":"x","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://h:1","SkipTLSVerify":false}}}"#;

    fn load(meta: &str, tls: &[&str]) -> Result<Context, ContextError> {
        let directory = tempfile::tempdir().unwrap();
        create(directory.path(), "x", meta, tls);
        Context::load(directory.path(), "x")
    }

    #[test]
    fn a_context_is_found_by_the_digest_of_its_name() {
        let directory = tempfile::tempdir().unwrap();
        // The context of every Docker Desktop.
        let id = "fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e";
        let meta = directory.path().join("contexts/meta").join(id);
        std::fs::create_dir_all(&meta).unwrap();
        std::fs::write(meta.join("meta.json"), META).unwrap();
        let context = Context::load(directory.path(), "desktop-linux").unwrap();
        assert_eq!(context, Context { host: "tcp://h:1".to_owned(), security: Security::Unspecified });
    }

    #[test]
    fn the_files_beside_a_context_decide_about_tls() {
        let verified = |tls: &[&str]| match load(META, tls).unwrap().security {
            Security::Verified(Tls { authority, identity }) => Some((authority.is_some(), identity.is_some())),
            _ => None,
        };
        assert_eq!(verified(&[]), None);
        assert_eq!(verified(&["ca.pem"]), Some((true, false)));
        assert_eq!(verified(&["cert.pem", "key.pem"]), Some((false, true)));
        assert_eq!(verified(&["ca.pem", "cert.pem", "key.pem"]), Some((true, true)));
        let skipping = META.replace("false", "true");
        assert_eq!(load(&skipping, &["ca.pem"]).unwrap().security, Security::Unverified);
    }

    #[test]
    fn a_client_certificate_without_its_key_does_not_count() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("cert.pem"), "").unwrap();
        assert_eq!(Tls::in_directory(directory.path()).identity, None::<Identity>);
    }

    #[test]
    fn a_context_that_is_missing_or_broken_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["x", "", "../../x", "\u{1b}[2J"] {
            let error = Context::load(directory.path(), name).unwrap_err();
            assert_eq!(error.kind(), Kind::NotFound, "{name}");
            assert!(!error.to_string().contains('\u{1b}'));
        }
        assert!(matches!(load(r#"{"Endpoints":{"kubernetes":{}}}"#, &[]), Err(ContextError::NoEndpoint(_))));
        assert!(matches!(load(r#"{"Endpoints":null}"#, &[]), Err(ContextError::NoEndpoint(_))));
        for broken in ["{", "[]", "7", r#"{"Endpoints":{"docker":"tcp://h"}}"#] {
            assert!(matches!(load(broken, &[]), Err(ContextError::File(FileError::Malformed { .. }))), "{broken}");
        }
    }
}
