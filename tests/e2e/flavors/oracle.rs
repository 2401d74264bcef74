//! Oracle's registry: a real registry that takes its names and logins, and a named fake of its API. What is signed is
//! held to the vendor's SDK by the flavor's unit tests.

use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::process;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD};

#[test]
fn oracle_takes_a_user_of_the_tenancy_and_an_auth_token() {
    const USER: &str = "acme/ann@acme.example";
    let registry = Registry::with_unusual_password_of(USER);
    for (user, code, words) in [(USER, 0, ""), ("ann@acme.example", 2, "has no tenancy")] {
        let (mut home, image) = Home::with_image();
        home.set("SECRET", UNUSUAL_PASSWORD);
        let connector = Connector::new("me", "oracle", "auth-token").field("username", user);
        connector.field("token", "@env:SECRET").register(&home);
        let uri = format!("{}/acme", registry.host());
        RegistrySpec::new("oci", "oracle", &uri).connector("me").register(&home);
        if code != 0 {
            home.fails(code, &push_layout("oci", "train")).says(words);
            continue;
        }
        home.ok(&push_layout("oci", "train"));
        skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

const TENANCY: &str = "ocid1.tenancy.oc1..aaaa";
const USER_ID: &str = "ocid1.user.oc1..bbbb";
const FINGERPRINT: &str = "20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34";

/// An API key: the file, and its public half.
fn key() -> (String, Vec<u8>) {
    let pem = process::tool("openssl", ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let pem = pem.ok().stdout;
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(base64).unwrap()).unwrap();
    (pem, pair.public_key().as_ref().to_vec())
}

/// Whether the key signed a request as Oracle wants it: draft-cavage-http-signatures-08, with the headers that its
/// documentation demands.
fn is_signed(request: &RecordedRequest, public: &[u8]) -> bool {
    let Some(parameters) = request.authorization().strip_prefix("Signature ") else { return false };
    let value = |name: &str| {
        let (_, rest) = parameters.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let (method, path) = request.line.split_once(' ').unwrap();
    let header = |name: &str| request.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let names = value("headers").unwrap_or_default();
    let line = |name: &str| match name {
        "(request-target)" => format!("{name}: {} {path}", method.to_lowercase()),
        name => format!("{name}: {}", header(name)),
    };
    let message: Vec<String> = names.split(' ').map(line).collect();
    let body = ["content-length", "content-type", "x-content-sha256"];
    let needed = ["(request-target)", "host", "date"].into_iter().chain(body.into_iter().filter(|_| method == "POST"));
    let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, request.body.as_bytes()));
    let signature = STANDARD.decode(value("signature").unwrap_or_default()).unwrap();
    value("keyId").as_deref() == Some(&format!("{TENANCY}/{USER_ID}/{FINGERPRINT}"))
        && value("algorithm").as_deref() == Some("rsa-sha256")
        && needed.into_iter().all(|name| names.split(' ').any(|one| one == name))
        && (method != "POST" || header("x-content-sha256") == digest)
        && UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(message.join("\n").as_bytes(), &signature)
            .is_ok()
}

/// The fake of the API: one key, and no repository before one is created.
fn oracle(public: Vec<u8>) -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    let created = AtomicBool::new(false);
    const REPOSITORIES: &str = "/20160918/container/repositories";
    move |request| {
        if !is_signed(request, &public) {
            return (401, Vec::new(), json!({"code": "NotAuthenticated", "message": "Failed to verify the signature"}));
        }
        let (path, query) = request.line.split_once('?').unwrap_or((&request.line, ""));
        match path.split_once(' ').unwrap() {
            ("GET", "/20180419/docker/token") => {
                (200, Vec::new(), json!({"token": UNUSUAL_PASSWORD, "access_token": "", "expires_in": 3600}))
            }
            ("GET", REPOSITORIES) => {
                assert!(query.contains("compartmentIdInSubtree=true&displayName=train"), "{query}");
                let items = if created.load(Ordering::Relaxed) { json!([{"displayName": "train"}]) } else { json!([]) };
                (200, Vec::new(), json!({"items": items}))
            }
            ("POST", REPOSITORIES) => {
                let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
                assert_eq!(
                    (&body["compartmentId"], &body["isPublic"]),
                    (&json!("ocid1.compartment.oc1..cccc"), &json!(false))
                );
                created.store(true, Ordering::Relaxed);
                (200, Vec::new(), json!({"displayName": "train"}))
            }
            _ => (404, Vec::new(), json!({"code": "NotAuthorizedOrNotFound"})),
        }
    }
}

#[test]
fn oracle_issues_a_login_for_a_key_and_creates_a_missing_repository_in_its_compartment() {
    let ((known, public), (other, _)) = (key(), key());
    let (api, registry) = (FakeApi::start(oracle(public)), Registry::with_unusual_password_of("BEARER_TOKEN"));
    for (pem, code) in [(&other, 4), (&known, 0)] {
        let (mut home, image) = Home::with_image();
        home.set("OCI_CLI_KEY_CONTENT", pem);
        let connector = Connector::new("me", "oracle", "api-key").field("tenancy", TENANCY).field("user", USER_ID);
        let connector = connector.field("fingerprint", FINGERPRINT);
        connector.field("private-key", "@env:OCI_CLI_KEY_CONTENT").register(&home);
        let uri = format!("{}/acme", registry.host());
        let oci = RegistrySpec::new("oci", "oracle", &uri).connector("me").option("create-repository", "true");
        let oci = oci.option("compartment", "ocid1.compartment.oc1..cccc").allow_secret_host(&api.url());
        oci.option("artifacts-endpoint", &api.url()).option("login-endpoint", &api.url()).register(&home);
        if code != 0 {
            home.fails(code, &push_layout("oci", "train")).says("Failed to verify the signature");
            continue;
        }
        for created in [true, false] {
            let pushed = home.ok(&push_layout("oci", "train"));
            assert_eq!(pushed.stderr.contains("the repository `train` was created"), created, "{pushed}");
        }
        skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
        let secret = pem.lines().nth(3).unwrap();
        for request in api.requests() {
            Needle::new(secret).assert_not_in(format!("{request:?}").as_bytes(), "a request");
        }
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}
