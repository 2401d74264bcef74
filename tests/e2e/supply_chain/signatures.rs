//! Signatures, which OpenSSL's program makes and judges too. Debian's skopeo and Podman are built without them, and
//! cosign is in no package registry; a skopeo built with them was tried by hand (docs/guide/supply-chain.md).

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{pushed, tag_of, vector};
use crate::support::fakes::referrers_registry::{Habits, ReferrersRegistry};
use crate::support::images::digest;
use crate::support::images::image_files;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

const PASSWORD: &str = "of the test";

/// A user with a key pair `cosign.key` and `cosign.pub`.
fn with_keys(home: &mut Home) {
    home.set("COSIGN_PASSWORD", PASSWORD);
    home.ok(&["generate-key-pair"]);
}

/// Whether OpenSSL's program finds that each signature of an image is by one of these keys, for the very bytes of its
/// payload; gives the payloads.
#[track_caller]
fn judged(home: &Home, registry: &Registry, image: &str, keys: &[&str]) -> Vec<Value> {
    let directory = TempDir::new().unwrap();
    let tag = format!("{}/train:{}", registry.host(), tag_of(image, ".sig"));
    let manifest = skopeo::copy(registry.access(), &tag, directory.path());
    let layers = manifest["layers"].as_array().unwrap();
    let judge = |layer: &Value| {
        assert_eq!(layer["mediaType"], "application/vnd.dev.cosign.simplesigning.v1+json");
        let payload = directory.path().join(digest::hex(layer["digest"].as_str().unwrap()));
        let signature = layer["annotations"]["dev.cosignproject.cosign/signature"].as_str().unwrap();
        fs::write(home.path("signature"), STANDARD.decode(signature).unwrap()).unwrap();
        let is_by = |key: &&&str| {
            let mut openssl = home.other("openssl");
            openssl.args(["dgst", "-sha256", "-verify", **key, "-signature", "signature"]).arg(&payload);
            process::run(&mut openssl).code == Some(0)
        };
        assert_eq!(keys.iter().filter(is_by).count(), 1, "{layer:#}");
        serde_json::from_slice(&fs::read(payload).unwrap()).unwrap()
    };
    layers.iter().map(judge).collect()
}

#[test]
fn openssl_accepts_signatures_of_crhost_for_the_payload_that_cosign_documents() {
    let registry = Registry::open();
    let (mut home, image) = pushed(registry.host());
    with_keys(&mut home);
    assert_eq!(home.ok(&["sign", "local/train:v1", "--key", "cosign.key"]).stdout.trim(), image);
    let payloads = judged(&home, &registry, &image, &["cosign.pub"]);
    let (name, digest) = image.split_once('@').unwrap();
    let expected = json!({
        "critical": {
            "identity": { "docker-reference": name },
            "image": { "docker-manifest-digest": digest },
            "type": "cosign container image signature",
        },
        "optional": null,
    });
    assert_eq!(payloads, [expected]);
    // A second signature of the same key is the same, and one of another key leaves it there.
    let again = home.ok(&["sign", "local/train:v1", "--key", "cosign.key", "-o", "json"]).json();
    assert_eq!(again["signed"][0]["unchanged"], true);
    home.ok(&["sign", "local/train:v1", "--key", &vector("p256-pkcs8.key")]);
    let public = vector("p256.pub");
    assert_eq!(judged(&home, &registry, &image, &["cosign.pub", &public]).len(), 2);
    for key in ["cosign.pub", &public] {
        home.ok(&["verify", "local/train:v1", "--key", key]);
    }
    home.fails(8, &["verify", "local/train:v1", "--key", &vector("p384.pub")]).says("not made with this key");
}

#[test]
fn annotations_are_signed_and_wanted_ones_have_to_be_there() {
    let registry = Registry::open();
    let (home, _) = pushed(registry.host());
    let (key, public) = (vector("p384-pkcs8.key"), vector("p384.pub"));
    home.ok(&["sign", "local/train:v1", "--key", &key, "--annotation", "env=prod"]);
    home.ok(&["verify", "local/train:v1", "--key", &public, "--annotation", "env=prod"]);
    home.fails(8, &["verify", "local/train:v1", "--key", &public, "-a", "env=dev"]).says("expected `dev`");
    home.fails(8, &["verify", "local/train:v1", "--key", &public, "-a", "team=x"]).says("missing");
}

#[test]
fn an_index_is_signed_with_its_images() {
    let registry = Registry::open();
    let (home, image) = crate::support::programs::crhost::Home::with_image();
    home.register("local", registry.host());
    image_files::multi_platform_layout(&home.path("many"), "v1", &[("amd64", &image), ("arm64", &image)]);
    home.ok(&["push", "oci:many:v1", "--to", "local", "--as", "train", "--all-platforms"]);
    let key = vector("p256-pkcs8.key");
    let signed = home.ok(&["sign", "local/train:v1", "--key", &key, "--recursive", "-o", "json"]).json();
    let digests: Vec<&str> =
        signed["signed"].as_array().unwrap().iter().map(|one| one["digest"].as_str().unwrap()).collect();
    assert!(digests.len() >= 2, "{signed:#}");
    assert!(signed["name"].as_str().unwrap().ends_with(digests[0]), "the index comes first");
    for digest in digests {
        let name = format!("local/train@{digest}");
        home.ok(&["verify", &name, "--key", &vector("p256.pub")]);
    }
}

/// A manifest of signatures, as cosign has it under its tag.
fn signatures(payloads: &[(&[u8], &str, u64)]) -> Value {
    let layers: Vec<Value> = payloads
        .iter()
        .map(|(payload, signature, more)| {
            json!({
                "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
                "digest": digest::of(payload),
                "size": payload.len() as u64 + more,
                "annotations": { "dev.cosignproject.cosign/signature": signature },
            })
        })
        .collect();
    json!({
        "schemaVersion": 2,
        "mediaType": image_files::MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest::of(b"{}"), "size": 2 },
        "layers": layers,
    })
}

/// Signs bytes with a plain key by OpenSSL's program.
fn openssl(home: &Home, key: &str, message: &[u8]) -> String {
    fs::write(home.path("message"), message).unwrap();
    let mut openssl = Command::new("openssl");
    openssl.args(["dgst", "-sha256", "-sign", key]).arg(home.path("message"));
    STANDARD.encode(process::run(&mut openssl).ok().bytes)
}

#[test]
fn a_signature_counts_only_for_its_image_its_key_and_its_very_payload() {
    let registry = ReferrersRegistry::start(Habits::default());
    let (home, image) = pushed(&registry.host());
    let (tag, digest) = (tag_of(&image, ".sig"), image.split_once('@').unwrap().1);
    let payload = |digest: &str| {
        json!({
            "critical": {
                "identity": { "docker-reference": "elsewhere.example/acme/train" },
                "image": { "docker-manifest-digest": digest },
                "type": "cosign container image signature",
            },
            "optional": null,
        })
        .to_string()
        .into_bytes()
    };
    let (key, public) = (vector("p256-pkcs8.key"), vector("p256.pub"));
    let verify = |home: &Home, code: i32, words: &str| {
        home.fails(code, &["verify", "local/train:v1", "--key", &public]).says(words);
    };
    verify(&home, 8, "is not signed");
    let good = payload(digest);
    let (signature, other) = (openssl(&home, &key, &good), payload(&digest::of(b"another image")));
    let (other_signature, longer) = (openssl(&home, &key, &other), [good.as_slice(), b"{}"].concat());
    let longer_signature = openssl(&home, &key, &longer);
    for (payload, signature, more, words) in [
        (&other, &other_signature, 0, "it is for another image"),
        (&longer, &longer_signature, 0, "its payload is invalid"),
        (&other, &signature, 0, "not made with this key"),
        (&good, &"%%%".to_owned(), 0, "not made with this key"),
        (&good, &signature, 1 << 30, "a signature has at most"),
    ] {
        registry.put(&tag, &signatures(&[(payload, signature, more)]), &[payload]);
        verify(&home, 8, words);
    }
    // One valid signature among others is enough, and the reasons of the others are told.
    let all = signatures(&[(&good, &signature, 0), (&other, &other_signature, 0)]);
    registry.put(&tag, &all, &[&good, &other]);
    let verified = home.ok(&["verify", "local/train:v1", "--key", &public]);
    assert!(verified.stderr.contains("1 of 2") && verified.stderr.contains("another image"), "{verified}");
    assert_eq!(verified.stdout.trim(), image);
}

#[test]
fn a_signature_whose_payload_is_not_what_its_digest_says_does_not_count() {
    let registry = ReferrersRegistry::start(Habits { lies_about_blobs: true, ..Habits::default() });
    let (home, image) = pushed(&registry.host());
    let payload = b"{}".as_slice();
    registry.put(&tag_of(&image, ".sig"), &signatures(&[(payload, "AAAA", 0)]), &[payload]);
    home.fails(8, &["verify", "local/train:v1", "--key", &vector("p256.pub")]).says("other content");
}

/// A bundle of cosign 3 as a referrer of the image.
#[test]
fn a_bundle_among_the_referrers_is_a_signature_too() {
    let registry = ReferrersRegistry::start(Habits { lists: true, ..Habits::default() });
    let (home, image) = pushed(&registry.host());
    let digest = image.split_once('@').unwrap().1;
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "digest": { "sha256": digest::hex(digest) } }],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    })
    .to_string();
    let kind = "application/vnd.in-toto+json";
    let message = format!("DSSEv1 {} {kind} {} {statement}", kind.len(), statement.len());
    let signature = openssl(&home, &vector("p256-pkcs8.key"), message.as_bytes());
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": { "publicKey": { "hint": "" } },
        "dsseEnvelope": {
            "payload": STANDARD.encode(&statement), "payloadType": kind, "signatures": [{ "sig": signature }],
        },
    })
    .to_string();
    let media_type = "application/vnd.dev.sigstore.bundle.v0.3+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": image_files::MANIFEST,
        "artifactType": media_type,
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest::of(b"{}"), "size": 2 },
        "layers": [{ "mediaType": media_type, "digest": digest::of(bundle.as_bytes()), "size": bundle.len() }],
        "subject": { "mediaType": image_files::MANIFEST, "digest": digest, "size": 2 },
    });
    let referrer = registry.put("bundle", &manifest, &[bundle.as_bytes(), b"{}"]);
    let verified = home.ok(&["verify", "local/train:v1", "--key", &vector("p256.pub"), "-o", "json"]).json();
    assert_eq!(verified["signatures"][0]["place"].as_str(), Some(referrer.as_str()));
    home.fails(8, &["verify", "local/train:v1", "--key", &vector("p384.pub")]).says("not made with this key");
}
