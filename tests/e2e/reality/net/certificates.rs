//! Certificates as guides have users make them: by `openssl req -x509`, which marks each as an authority's.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::fakes::certificates::Identity;
use crate::support::fakes::listener::Listener;
use crate::support::fakes::tls_proxy;
use crate::support::images::image::Image;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::process;
use crate::support::programs::registration::RegistrySpec;
use crate::support::programs::registry::Registry;

/// What `openssl req -x509` makes with these arguments more.
fn openssl(directory: &Path, arguments: &[&str]) -> Identity {
    let (certificate, key) = (directory.join("self.crt"), directory.join("self.key"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]);
    openssl.args(arguments).arg("-keyout").arg(&key).arg("-out").arg(&certificate);
    process::run(&mut openssl).ok();
    Identity { certificate: fs::read_to_string(certificate).unwrap(), key: fs::read_to_string(key).unwrap() }
}

/// A real registry behind TLS with this certificate, and a home in which it is registered.
fn scene(identity: &Identity) -> (Registry, Listener, Home, Image) {
    let registry = Registry::open();
    let port = registry.host().rsplit_once(':').unwrap().1.parse().unwrap();
    let front = tls_proxy::routing(identity, move |_, _| port);
    let (mut home, image) = Home::with_image();
    home.set("XDG_CONFIG_HOME", home.path("config"));
    RegistrySpec::new("self", "default", &format!("localhost:{}", front.port())).register(&home);
    (registry, front, home, image)
}

/// Files a certificate for the front's host, as `certs.d` has it.
fn file(home: &Home, front: &Listener, certificate: &str) {
    let directory = home.path(&format!("config/containers/certs.d/localhost:{}", front.port()));
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("ca.crt"), certificate).unwrap();
}

const NAMES: [&str; 4] = ["-days", "365", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];

#[test]
fn the_self_signed_certificate_of_every_guide_is_accepted_where_the_user_trusts_it() {
    let directory = tempfile::tempdir().unwrap();
    let identity = openssl(directory.path(), &NAMES);
    let (registry, front, mut home, image) = scene(&identity);
    let push = push_layout("self", "train:v1");
    let refused = home.fails(1, &push);
    assert_eq!(
        refused.error(),
        format!(
            "no secure connection to registry `localhost:{}`: its certificate is marked as an authority's, and is not \
             itself among the trusted ones",
            front.port()
        )
    );
    assert!(refused.hint().contains(&format!("/etc/docker/certs.d/localhost:{}/ca.crt", front.port())), "{}", *refused);
    // No line of a library's log stands before it.
    assert!(refused.stderr.lines().all(|line| !line.contains("ERROR") && !line.contains("CaUsedAsEndEntity")));

    home.set("SSL_CERT_FILE", directory.path().join("self.crt"));
    home.ok(&push);
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);

    home.set("SSL_CERT_FILE", "");
    file(&home, &front, &identity.certificate);
    home.ok(&push_layout("self", "train:v2"));
    skopeo::assert_same(registry.access(), &format!("{}/train:v2", registry.host()), &image);
}

#[test]
fn a_filed_file_that_is_no_certificate_is_told_and_the_others_count() {
    let directory = tempfile::tempdir().unwrap();
    let identity = openssl(directory.path(), &NAMES);
    let (registry, front, home, image) = scene(&identity);
    file(&home, &front, &format!("\u{feff}{}", identity.certificate));
    let filed = home.path(&format!("config/containers/certs.d/localhost:{}", front.port()));
    fs::write(filed.join("left-over.crt"), "").unwrap();
    let pushed = home.ok(&push_layout("self", "train:v1"));
    assert!(pushed.stderr.contains("left-over.crt`, filed for `localhost:"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
    fs::write(filed.join("ca.cert"), &identity.certificate).unwrap();
    let refused = home.fails(2, &push_layout("self", "train:v1")).says("there is no `ca.key` beside it");
    assert!(refused.hint().contains("has the extension `.crt`"), "{}", *refused);
}

#[test]
fn the_name_in_a_trusted_self_signed_certificate_is_checked_and_told_in_a_sentence() {
    for (arguments, sentence, hint) in [
        (
            ["-days", "365", "-addext", "subjectAltName=DNS:registry.example,IP:10.0.0.1"],
            "its certificate is for registry.example and 10.0.0.1, not for localhost",
            "use a name that is in the certificate",
        ),
        (
            ["-days", "365", "-addext", "basicConstraints=critical,CA:FALSE"],
            "its certificate names no host (a common name does not count), expected localhost",
            "subjectAltName=DNS:localhost",
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let identity = openssl(directory.path(), &arguments);
        let (registry, front, home, _) = scene(&identity);
        file(&home, &front, &identity.certificate);
        let refused = home.fails(1, &push_layout("self", "train:v1")).says(sentence);
        assert!(refused.hint().contains(hint), "{}", *refused);
        registry.assert_untouched();
    }
}
