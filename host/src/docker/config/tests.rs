use secrecy::ExposeSecret as _;
use tempfile::TempDir;

use super::*;
use crate::docker::helper::tests::{Script, script};
use crate::error::Kind;

/// A directory with a `config.json`, and scripts for helpers in it.
fn directory(config: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.json"), config).unwrap();
    directory
}

fn load(directory: &TempDir, overlay: &str) -> Result<Configuration, ConfigError> {
    let path = directory.path().to_str().unwrap();
    let variables = [("DOCKER_CONFIG", path), ("PATH", path), ("DOCKER_AUTH_CONFIG", overlay)];
    Configuration::load(&variables.into_iter().collect())
}

/// The user name for a host, which is enough to tell the sources in these tests apart.
async fn user(configuration: &Configuration, host: &str) -> Result<String, CredentialError> {
    Ok(match configuration.credential(&host.parse().unwrap()).await? {
        Credential::Anonymous => "anonymous".to_owned(),
        Credential::Basic { username, .. } => username,
        Credential::IdentityToken(token) => format!("token={}", token.expose_secret()),
    })
}

const AUTHS: &str = r#""auths":{"a.io":{"username":"file"},"b.io":{"username":"file"},"c.io":{"username":"file"}}"#;

#[tokio::test]
async fn the_order_is_variable_then_own_helper_then_store_then_file() {
    let all =
        directory(&format!(r#"{{"credsStore":"store","credHelpers":{{"b.io":"own"}},{AUTHS},"HttpHeaders":{{}}}}"#));
    script(all.path(), "store", Script::Answer("store"));
    script(all.path(), "own", Script::Answer("own"));
    let configuration = load(&all, r#"{"auths":{"a.io":{"auth":"dmFyaWFibGU6cA=="}}}"#).unwrap();
    for (host, expected) in [("a.io", "variable"), ("b.io", "own"), ("c.io", "store"), ("d.io", "store")] {
        assert_eq!(user(&configuration, host).await.unwrap(), expected, "{host}");
    }
}

#[tokio::test]
async fn the_helper_of_the_default_registry_stands_under_dockers_key_for_it() {
    let hub =
        directory(r#"{"credHelpers":{"https://index.docker.io/v1/":"own"},"auths":{"docker.io":{"username":"file"}}}"#);
    script(hub.path(), "own", Script::Echo);
    let configuration = load(&hub, "").unwrap();
    assert_eq!(user(&configuration, "docker.io").await.unwrap(), "https://index.docker.io/v1/");
    assert_eq!(user(&configuration, "ghcr.io").await.unwrap(), "anonymous");
}

#[tokio::test]
async fn without_a_helper_the_file_counts_and_without_an_entry_access_is_anonymous() {
    let plain = directory(&format!(r#"{{"credHelpers":{{"b.io":""}},"credsStore":null,{AUTHS}}}"#));
    let configuration = load(&plain, r#"{"auths":{"c.io":{}}}"#).unwrap();
    for (host, expected) in [("a.io", "file"), ("b.io", "file"), ("c.io", "anonymous"), ("d.io", "anonymous")] {
        assert_eq!(user(&configuration, host).await.unwrap(), expected, "{host}");
    }
    let empty = load(&tempfile::tempdir().unwrap(), "").unwrap();
    assert_eq!(user(&empty, "a.io").await.unwrap(), "anonymous");
    let homeless = Configuration::load(&Environment::default()).unwrap();
    assert_eq!(user(&homeless, "a.io").await.unwrap(), "anonymous");
}

#[tokio::test]
async fn a_helper_without_credentials_hides_the_file_and_a_broken_one_is_an_error() {
    let stored =
        directory(&format!(r#"{{"credsStore":"store","credHelpers":{{"b.io":"missing","c.io":"../x"}},{AUTHS}}}"#));
    script(stored.path(), "store", Script::NotFound);
    let configuration = load(&stored, "").unwrap();
    assert_eq!(user(&configuration, "a.io").await.unwrap(), "anonymous");
    for host in ["b.io", "c.io"] {
        let error = user(&configuration, host).await.unwrap_err();
        assert!(matches!(error, CredentialError::Helper(_)));
        assert_eq!(error.kind(), Kind::Auth);
        assert!(error.to_string().contains(host) && error.to_string().contains("docker-credential-"), "{error}");
    }
}

#[tokio::test]
async fn a_broken_entry_is_an_error_that_names_its_place() {
    let broken = directory(r#"{"auths":{"https://a.io":{"auth":"s3cret!"}}}"#);
    let configuration = load(&broken, r#"{"auths":{"b.io":{"auth":"s3cret!"}}}"#).unwrap();
    let file = user(&configuration, "a.io").await.unwrap_err();
    assert!(file.to_string().contains("`https://a.io` in") && file.to_string().contains("config.json"), "{file}");
    let variable = user(&configuration, "b.io").await.unwrap_err();
    assert!(variable.to_string().contains("`b.io` in `DOCKER_AUTH_CONFIG`"), "{variable}");
    assert!(!format!("{file:?}{variable:?}").contains("s3cret"));
}

#[test]
fn a_malformed_configuration_is_never_taken_for_an_empty_one() {
    for bad in
        ["{", "[]", "null", "{}{}", r#"{"auths":{"a.io":"s3cret"}}"#, r#"{"auths":[]}"#, r#"{"credHelpers":"s3cret"}"#]
    {
        let file = load(&directory(bad), "").err().expect(bad);
        assert!(file.to_string().contains("config.json` is not a valid file"), "{file}");
        assert!(!format!("{file:?}").contains("s3cret"), "{file:?}");
    }
    for bad in ["{", "[]", r#"{"auths":{"a.io":"s3cret"}}"#] {
        let variable = load(&directory("{}"), bad).err().expect(bad);
        assert!(matches!(variable, ConfigError::Variable(_)));
        assert!(!format!("{variable} {variable:?}").contains("s3cret"), "{variable:?}");
    }
}
