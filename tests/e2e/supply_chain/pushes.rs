//! What a push does with an image before its first byte is sent, and before its tags move. The scanners are scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::{SBOM, vector};
use crate::support::images::image::Image;
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::registry::Registry;

const PUSH: [&str; 6] = ["push", "docker-archive:train.tar:train:v1", "--to", "local", "--as", "train:v1"];

/// A user with a registry, an image whose layers have to be compressed, and an SBOM.
fn scene() -> (Home, Registry, Image) {
    let (home, registry, image) = (Home::new(), Registry::open(), Image::new(here!()));
    home.register("local", registry.host());
    image_files::archive(&home.path("train.tar"), &[("train:v1", &image)]);
    fs::write(home.path("sbom.json"), SBOM).unwrap();
    (home, registry, image)
}

/// A scanner (a fake one, of a few lines of shell).
fn scanner(home: &Home, script: &str) -> PathBuf {
    let path = home.path("scanner");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_push_attaches_and_signs_before_its_tag_moves() {
    let (home, registry, image) = scene();
    let more = ["--sign", &vector("p256-pkcs8.key"), "--sbom", "sbom.json"];
    let requests = registry.requests_of(|| drop(home.ok(&[&PUSH[..], &more].concat())));
    let name = format!("{}/train:v1", registry.host());
    skopeo::assert_same(registry.access(), &name, &image);
    let place = |part: &str| {
        let written = requests.iter().rposition(|request| request.starts_with("PUT") && request.contains(part));
        written.unwrap_or_else(|| panic!("no {part}: {requests:#?}"))
    };
    assert!(place(".sig") < place("manifests/v1"), "{requests:#?}");
    assert!(requests.iter().any(|request| request.starts_with("PUT") && request.contains("manifests/sha256-")));
    home.ok(&["verify", "local/train:v1", "--key", &vector("p256.pub")]);
    let listed = home.ok(&["referrers", "local/train:v1", "-o", "json"]).json();
    assert_eq!(listed["referrers"][0]["artifactType"], "application/spdx+json");
    // Once more, nothing is new, and the result names what is there.
    let again = home.ok(&[&PUSH[..], &more, &["-o", "json"]].concat());
    let report = again.json();
    assert_eq!(report["unchanged"], true, "{report}");
    let [sbom, signature] = &report["referrers"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!(sbom["digest"], listed["referrers"][0]["digest"]);
    assert_eq!((&sbom["file"], &sbom["artifactType"]), (&"sbom.json".into(), &"application/spdx+json".into()));
    assert_eq!((&sbom["unchanged"], &signature["unchanged"]), (&true.into(), &true.into()));
    let tag = signature["tag"].as_str().unwrap();
    let signed = home.ok(&["digest", &format!("local/train:{tag}")]).stdout;
    assert_eq!(signature["digest"], signed.trim());
    let listed = home.ok(&["referrers", "local/train:v1", "-o", "json"]).json();
    // The SBOM, and the signature under cosign's tag.
    assert_eq!(listed["referrers"].as_array().unwrap().len(), 2);
}

#[test]
fn no_tag_moves_to_an_image_without_the_signature_that_is_wanted() {
    let (home, registry, image) = scene();
    let (key, public) = (vector("p256-pkcs8.key"), vector("p256.pub"));
    let wanted = [&PUSH[..], &["--require-signature", &public]].concat();
    home.fails(8, &wanted).says("is not signed");
    let tag = format!("{}/train:v1", registry.host());
    assert!(!skopeo::has(registry.access(), &tag));
    // Its digest is known now: nothing more is sent.
    let requests = registry.requests_of(|| drop(home.fails(8, &wanted)));
    assert!(requests.iter().all(|request| request.starts_with("GET") || request.starts_with("HEAD")), "{requests:#?}");
    // Signed by its digest, as another job may do it, the tag moves.
    let pushed = home.ok(&[&PUSH[..5], &["train:staged", "-o", "json"]].concat()).json();
    let name = format!("local/train@{}", pushed["digest"].as_str().unwrap());
    home.ok(&["sign", &name, "--key", &key]);
    home.ok(&wanted);
    assert!(skopeo::has(registry.access(), &tag));
    // Policies see the signature of an image whose digest is known before.
    image_files::layout(&home.path("signed"), &[("v1", &image)]);
    let push = ["push", "oci:signed:v1", "--to", "local", "--as", "layout:v1"];
    let staged = home.ok(&[&push[..5], &["layout:staged", "-o", "json"]].concat()).json();
    home.ok(&["sign", &format!("local/layout@{}", staged["digest"].as_str().unwrap()), "--key", &key]);
    let judge = guest::build_with_cargo("judge");
    home.ok(&["policy", "register", judge.to_str().unwrap(), "--option", "way=tell"]);
    let told = home.ok(&[&push[..], &["--require-signature", &public]].concat());
    assert!(told.stderr.contains(" signature=true Some(\"sha256:"), "{told}");
    home.ok(&["policy", "delete", "judge"]);
    home.fails(8, &[&PUSH[..], &["--require-signature", &vector("p384.pub")]].concat()).says("not made with this key");
}

#[test]
fn a_scanner_gets_the_very_image_that_is_pushed_and_its_report_is_attached() {
    let (home, registry, image) = scene();
    let script = "[ -f \"$2/oci-layout\" ] && cp -r \"$2\" \"$HOME/seen\" && echo \"looked at $1\" && \
                  echo '{\"$schema\":\"https://x/sarif-2.1.0.json\",\"runs\":[]}' > \"$3\"";
    let command = format!("'{}' 'the image' {{}} {{report}}", scanner(&home, script).display());
    let pushed = home.ok(&[&PUSH[..], &["--scan", &command, "-o", "json"]].concat());
    assert!(pushed.stderr.contains("looked at the image"), "{pushed}");
    let digest = pushed.json()["digest"].as_str().unwrap().to_owned();
    let seen = home.path("home/seen");
    let index: serde_json::Value = serde_json::from_slice(&fs::read(seen.join("index.json")).unwrap()).unwrap();
    assert_eq!(index["manifests"][0]["digest"], digest.as_str());
    let report = pushed.json()["referrers"][0].clone();
    for layer in skopeo::layers(registry.access(), &format!("{}/train:v1", registry.host())) {
        let blob = layer["digest"].as_str().unwrap().replace(':', "/");
        assert_eq!(fs::metadata(seen.join("blobs").join(blob)).unwrap().len(), layer["size"].as_u64().unwrap());
    }
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
    let listed = home.ok(&["referrers", "local/train:v1", "-o", "json"]).json();
    assert_eq!(listed["referrers"][0]["artifactType"], "application/sarif+json");
    assert_eq!((&listed["referrers"][0]["digest"], &report["unchanged"]), (&report["digest"], &false.into()));
}

#[test]
fn a_scanner_that_refuses_hangs_is_missing_or_writes_no_report_lets_nothing_pass() {
    let (mut home, registry, _) = scene();
    let temporary = home.path("temporary");
    fs::create_dir(&temporary).unwrap();
    home.set("TMPDIR", temporary.as_os_str());
    let scan = |home: &Home, code: i32, script: &str, more: &[&str], words: &str| {
        let command = format!("{} {{}}", scanner(home, script).display());
        home.fails(code, &[&PUSH[..], &["--scan", &command], more].concat()).says(words);
    };
    scan(&home, 9, "echo CVE-2026-1 >&2; exit 3", &[], "ended with exit status 3");
    scan(&home, 9, "kill -9 $$", &[], "ended with signal 9 (SIGKILL)");
    // What it has started ends with it.
    let marker = home.path("still-there");
    let hangs = format!("(sleep 5; touch {}) & sleep 600", marker.display());
    scan(&home, 9, &hangs, &["--scan-timeout", "1"], "has not ended within 1 seconds");
    home.fails(3, &[&PUSH[..], &["--scan", "./absent-scanner {}"]].concat()).says("can't be run");
    let silent = format!("{} {{}} {{report}}", scanner(&home, "true").display());
    home.fails(9, &[&PUSH[..], &["--scan", &silent]].concat()).says("wrote no report");
    home.fails(2, &[&PUSH[..], &["--scan", "trivy image"]].concat()).says("{}");
    registry.assert_untouched();
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "no layout is left behind");
    assert!(!marker.exists());
}

#[test]
fn a_key_or_an_sbom_that_can_t_be_used_is_told_before_a_registry_is_asked() {
    let (home, registry, _) = scene();
    home.fails(3, &[&PUSH[..], &["--sbom", "absent"]].concat()).says("there is no file `absent`");
    home.fails(2, &[&PUSH[..], &["--sign", "absent"]].concat()).says("can't be read");
    home.fails(2, &[&PUSH[..], &["--require-signature", &vector("p256-pkcs8.key")]].concat()).says("private key");
    // A push has no `--type`.
    fs::write(home.path("text"), "some text").unwrap();
    home.fails(2, &[&PUSH[..], &["--sbom", "text"]].concat()).says("`crhost attach` with `--type` says it");
    registry.assert_untouched();
}
