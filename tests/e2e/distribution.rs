//! The ways to a registry that only some need: certificates filed for its host, and uploads in chunks.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// A home with an image in a layout.
fn home(image: &Image) -> Home {
    let home = Home::new();
    image_files::layout(&home.path("layout"), &[("v1", image)]);
    home
}

#[test]
fn certificates_that_are_filed_for_a_host_count_for_it() {
    let (registry, image) = (Registry::for_certified_clients(), Image::small(here!(), architecture()));
    let mut home = home(&image);
    home.set("XDG_CONFIG_HOME", home.path("config"));
    let filed = home.path("config/containers/certs.d").join(registry.host());
    fs::create_dir_all(&filed).unwrap();
    let file = |name: &str| fs::copy(registry.authority().with_file_name(name), filed.join(name)).unwrap();
    home.ok(&["registry", "register", "own", "--flavor=default", "--uri", registry.host()]);
    let push = ["push", "oci:layout:v1", "--to", "own", "--as", "train:v1"];

    // Nothing is filed: it is never spoken to in plain http instead, although it is on this machine.
    let refused = home.fails(1, &push);
    assert!(refused.error().contains("no secure connection to registry `localhost:"), "{}", *refused);
    let authority = format!("/etc/docker/certs.d/{}/ca.crt", registry.host());
    assert!(refused.hint().contains(&authority), "{}", *refused);

    file("ca.crt");
    let refused = home.fails(4, &push);
    assert!(
        refused.error().contains("asks for a client's certificate") && refused.hint().contains("client.cert"),
        "{}",
        *refused
    );

    file("client.cert");
    file("client.key");
    home.ok(&push);
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
}

#[test]
fn certificates_that_others_could_have_filed_do_not_count() {
    let (registry, image) = (Registry::for_certified_clients(), Image::small(here!(), architecture()));
    let mut home = home(&image);
    home.set("XDG_CONFIG_HOME", home.path("config"));
    let filed = home.path("config/containers/certs.d").join(registry.host());
    fs::create_dir_all(&filed).unwrap();
    fs::copy(registry.authority(), filed.join("ca.crt")).unwrap();
    home.ok(&["registry", "register", "own", "--flavor=default", "--uri", registry.host(), "--no-verify"]);
    for below in ["config/containers/certs.d", "config"] {
        fs::set_permissions(home.path(below), fs::Permissions::from_mode(0o777)).unwrap();
        let refused = home.fails(1, &["push", "oci:layout:v1", "--to", "own", "--as", "train:v1"]);
        let warned =
            refused.stderr.lines().any(|line| line.starts_with("warning: certificates in") && line.contains(below));
        assert!(warned && refused.error().contains("no secure connection"), "{}", *refused);
        fs::set_permissions(home.path(below), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn a_flavor_may_have_layers_sent_in_chunks() {
    let (registry, image) = (Registry::open(), Image::of_noise(here!()));
    let home = home(&image);
    // Chunks of 64 KiB.
    fs::write(home.path("it.wasm"), components::flavor("(data (i32.const 3008) (i32 1 0) (i64 65536))")).unwrap();
    home.ok(&["flavor", "register", "it.wasm"]);
    home.ok(&["registry", "register", "x", "--flavor", "drawback", "--uri", registry.host()]);
    let requests = registry.requests_of(|| {
        home.ok(&["push", "oci:layout:v1", "--to", "x", "--as", "train:v1"]);
    });
    skopeo::assert_same(registry.access(), &format!("{}/train:v1", registry.host()), &image);
    let chunks = requests.iter().filter(|request| request.starts_with("PATCH ")).count();
    // Noise stays as large as it is, 1,900,000 bytes in four layers.
    assert!((29..=36).contains(&chunks), "{chunks} chunks: {requests:#?}");
}
