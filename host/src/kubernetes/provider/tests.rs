//! Requests and answers, to the byte.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::match_image::MatchImage;
use super::*;
use crate::credential::Credential;
use crate::environment::Environment;
use crate::error::Explain as _;
use crate::store::Home;

fn store(uris: &[(&str, &str)]) -> (tempfile::TempDir, Store) {
    use crate::store::IfTaken;
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Home::at(directory.path())).unwrap();
    let grantee = crate::store::Grantee { flavor: "default", digest: None };
    for (name, uri) in uris {
        let registry = RegistryRecord::example(name, uri);
        store.put_registry(&registry, grantee, &[], IfTaken::Refuse).unwrap();
    }
    (directory, store)
}

fn request(image: &str) -> Request {
    let document = json!({"apiVersion": VERSION, "kind": "CredentialProviderRequest", "image": image});
    Request::read(document.to_string().as_bytes()).unwrap()
}

fn login(expires_at: Option<u64>) -> RegistryLogin {
    let credential = Credential::Basic { username: "ann".to_owned(), password: "s3cret".into() };
    RegistryLogin { credential, given_at: None, expires_at }
}

fn answered(store: &Store, image: &str, login: &RegistryLogin) -> Value {
    let request = request(image);
    let wanted = wanted(store, &request).unwrap();
    let found = wanted.as_ref().map(|wanted| (wanted, login));
    serde_json::to_value(answer(&request, found, 1_000).unwrap()).unwrap()
}

#[test]
fn an_answer_has_keys_that_the_kubelet_finds_the_image_by_and_is_kept_for_no_image_of_another_account() {
    let registries = [
        ("acme", "ghcr.io/acme"),
        ("ml", "ghcr.io/acme/ml"),
        ("hub", "docker.io/acme"),
        ("local", "localhost:5000"),
        ("quay", "quay.io"),
        ("team", "quay.io/team"),
    ];
    let (_directory, store) = store(&registries);
    for (image, key, kept_for) in [
        ("ghcr.io/acme/train", "ghcr.io/acme", "Image"),
        ("ghcr.io/acme/train:v1", "ghcr.io/acme", "Image"),
        ("ghcr.io/acme/ml/train", "ghcr.io/acme/ml", "Image"),
        ("docker.io/acme/train", "docker.io/acme", "Image"),
        ("index.docker.io/acme/train", "index.docker.io/acme", "Image"),
        ("acme/train", "docker.io/acme", "Image"),
        ("localhost:5000/any/thing", "localhost:5000", "Registry"),
        ("quay.io/other/train", "quay.io", "Image"),
        ("quay.io/team/train", "quay.io/team", "Image"),
    ] {
        let answer = answered(&store, image, &login(None));
        let account = json!({"username": "ann", "password": "s3cret"});
        assert_eq!(answer["auth"], json!({ key: account }), "{image}");
        assert_eq!(answer["cacheKeyType"], kept_for, "{image}");
        let image = if image == "acme/train" { "docker.io/acme/train" } else { image };
        assert!(key.parse::<MatchImage>().unwrap().matches(image), "{image}");
    }
    for image in ["ghcr.io/acmes/train", "ghcr.io/other/train", "busybox", "quay.example.com/x", "localhost:5001/x"] {
        let answer = answered(&store, image, &login(None));
        let expected = json!({
            "apiVersion": VERSION, "kind": "CredentialProviderResponse",
            "cacheKeyType": "Image", "cacheDuration": "0s", "auth": null,
        });
        assert_eq!(answer, expected, "{image}");
    }
}

#[test]
fn the_kubelet_keeps_an_answer_until_shortly_before_it_ends() {
    let (_directory, store) = store(&[("local", "localhost:5000")]);
    let duration = |end| answered(&store, "localhost:5000/x", &login(end)).get("cacheDuration").cloned();
    assert_eq!(duration(Some(1_000 + 43_200)), Some("11h58m0s".into()));
    assert_eq!(duration(Some(1_000 + 180)), Some("1m0s".into()));
    // Over before a pull could begin.
    for end in [1_000 + 120, 1_000, 0] {
        assert_eq!(duration(Some(end)), Some("0s".into()));
    }
    assert_eq!(duration(None), None);
}

#[test]
fn a_registry_without_credentials_is_answered_with_none_and_a_token_is_told() {
    let (_directory, store) = store(&[("local", "localhost:5000")]);
    let anonymous = RegistryLogin { credential: Credential::Anonymous, ..login(None) };
    assert_eq!(answered(&store, "localhost:5000/x", &anonymous)["auth"], Value::Null);
    let (request, token) = (request("localhost:5000/x"), Credential::IdentityToken("t".into()));
    let (wanted, login) =
        (wanted(&store, &request).unwrap().unwrap(), RegistryLogin { credential: token, ..login(None) });
    let error = answer(&request, Some((&wanted, &login)), 0).err().unwrap();
    assert!(error.to_string().contains("identity token") && error.hint().is_some(), "{error}");
}

#[test]
fn every_version_is_answered_in_its_own_and_others_are_told() {
    let (_directory, store) = store(&[]);
    for version in request::VERSIONS {
        let text = json!({"apiVersion": version, "kind": "CredentialProviderRequest", "image": "a.io/x"}).to_string();
        let request = Request::read(text.as_bytes()).unwrap();
        assert!(wanted(&store, &request).unwrap().is_none());
        let answer = serde_json::to_value(answer(&request, None, 0).unwrap()).unwrap();
        assert_eq!(answer["apiVersion"], version);
    }
    for (text, words) in [
        (
            json!({"apiVersion": "credentialprovider.kubelet.k8s.io/v2", "kind": "CredentialProviderRequest", "image": "a.io/x"}),
            "`credentialprovider.kubelet.k8s.io/v2`",
        ),
        (json!({"kind": "CredentialProviderRequest", "image": "a.io/x"}), "version ``"),
        (json!({"apiVersion": VERSION, "kind": "ExecCredential", "image": "a.io/x"}), "`ExecCredential`"),
        (json!({"apiVersion": VERSION, "kind": "CredentialProviderRequest"}), "no image"),
        (json!({"apiVersion": VERSION, "kind": "CredentialProviderRequest", "image": "a b"}), "no image"),
        (json!([]), "no request"),
    ] {
        let error = Request::read(text.to_string().as_bytes()).err().unwrap();
        assert!(error.to_string().contains(words) && error.hint().is_some(), "{text}: {error}");
    }
    assert!(Request::read(b"").is_err() && Request::read(b"{").is_err());
}

#[test]
fn a_token_goes_nowhere_unless_a_variable_is_named_and_then_into_a_file_for_this_answer() {
    let text = json!({
        "apiVersion": VERSION, "kind": "CredentialProviderRequest", "image": "a.io/x",
        "serviceAccountToken": "of.the.pod", "serviceAccountAnnotations": {"example.com/role": "puller"},
    });
    let with_token = Request::read(text.to_string().as_bytes()).unwrap();
    let machine = Environment::from_iter([("ROLE", "of-the-node"), ("OTHER", "of-the-node")]);
    let nothing = ServiceAccountUse::default();
    assert!(nothing.environment(&with_token, &machine).unwrap().is_none());
    let used = ServiceAccountUse {
        token_file: Some("TOKEN_FILE".parse().unwrap()),
        annotations: BTreeMap::from([
            ("example.com/role".to_owned(), "ROLE".parse().unwrap()),
            ("example.com/absent".to_owned(), "OTHER".parse().unwrap()),
        ]),
    };
    assert!(used.environment(&request("a.io/x"), &machine).unwrap().is_none());
    let pod = used.environment(&with_token, &machine).unwrap().unwrap();
    let file = pod.environment.path("TOKEN_FILE").unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "of.the.pod");
    assert_eq!((pod.environment.text("ROLE").as_deref(), pod.environment.get("OTHER")), (Some("puller"), None));
    drop(pod);
    assert!(!file.exists());
}

#[test]
fn no_variable_that_crhost_itself_reads_can_be_set_by_a_pod() {
    for good in ["CLOUD_WEB_IDENTITY_TOKEN_FILE", "TOKEN_FILE", "_X1"] {
        assert!(good.parse::<VariableName>().is_ok(), "{good}");
    }
    for bad in
        ["", "1X", "a", "A-B", "A=B", "PATH", "HOME", "CRHOST_HOME", "SSL_CERT_FILE", "HTTPS_PROXY", "LD_PRELOAD"]
    {
        assert!(bad.parse::<VariableName>().is_err(), "{bad}");
    }
}
