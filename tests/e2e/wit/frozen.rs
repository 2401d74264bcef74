//! Versions of the contract that are released: they never change, and what was built for them works for ever.

use std::fs;

use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// The files of version 0.1 with the SHA-256 of each.
const SINCE_V0_1: [(&str, &str); 9] = [
    ("clock.wit", "303b7b2352f7284321467a6d1daaf8e82cdffdcb0a3b053356a89fc1b0dd812e"),
    ("flavor.wit", "0f0998e543f0848601bbcf5d546610681331f283eab11da0cdc17e0e7c337801"),
    ("http.wit", "8e01898574c2b5971c19f3ca1e3065ce0f0e717f383c93e5facd63a250836c15"),
    ("identity.wit", "6055aa7b349a3021ef7810ef36cc37e6ba18020391efdff1f078c8a6cec9cb6b"),
    ("log.wit", "ba2907bf81a34467c3ac76bd150e82d65798ef11dc23e68ad9fec4c5a0e4aebd"),
    ("resources.wit", "391438cea1d62f1ea6be89868cdf56f99236961d0b8994453d201ded5e148a28"),
    ("secrets.wit", "d0e9438a0891bc5e83a49276ab212a9f2714a8e4b65df4b375eb7efd19526b97"),
    ("types.wit", "fc0c62744e7bb66056ff7481d028304876cafb460112ca6a83b6c8b714a0895b"),
    ("worlds.wit", "a2e4ca231a696514f31913e95185400e90134285efedcc4950928d81767a8586"),
];

/// The names and bytes of the WIT files in a directory, in order.
fn files(directory: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(repository().join(directory)).unwrap();
    let file = |entry: fs::DirEntry| (entry.file_name().into_string().unwrap(), entry.path());
    let mut files: Vec<_> =
        entries.map(|entry| file(entry.unwrap())).filter(|(name, _)| name.ends_with(".wit")).collect();
    files.sort();
    files.into_iter().map(|(name, path)| (name, fs::read(path).unwrap())).collect()
}

#[test]
fn a_released_version_of_the_contract_never_changes() {
    let found: Vec<(String, String)> =
        files("wit/since-v0.1").into_iter().map(|(name, bytes)| (name, sha256(&bytes))).collect();
    let frozen: Vec<(String, String)> =
        SINCE_V0_1.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect();
    assert_eq!(found, frozen, "`wit/since-v0.1` is frozen: a change needs a new version beside it");
}

#[test]
fn the_contract_of_today_is_the_released_one_until_its_version_says_otherwise() {
    let types = fs::read_to_string(repository().join("wit/types.wit")).unwrap();
    if types.contains("package crhost:flavor@0.1.0;") {
        assert_eq!(files("wit"), files("wit/since-v0.1"));
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `tests/frozen/since-v0.1.wasm` is the guest `vault` as it was built for version 0.1. It is never built again: it
/// stands for the flavors of strangers, which nobody builds again either.
#[test]
fn a_flavor_that_was_built_for_the_first_version_works_for_ever() {
    let (registry, (mut home, image)) = (Registry::with_password(), Home::with_image());
    let component = repository().join("tests/frozen/since-v0.1.wasm");
    home.ok(&["flavor", "register", component.to_str().unwrap(), "--yes"]);
    home.set("PASSWORD", PASSWORD);
    let user = format!("--username={USER}");
    let of_type = ["--type=vault", "--auth-method=password"];
    let connector = ["connector", "register", "good", &user, "--password=@env:PASSWORD"];
    home.ok(&[&connector[..], &of_type].concat());
    let uri = format!("{}/vault", registry.host());
    home.ok(&["registry", "register", "old", "--flavor=vault", "--connector=good", "--uri", &uri]);
    home.ok(&["push", "oci:layout:v1", "--to", "old", "--as", "train"]);
    skopeo::assert_same(registry.access(), &format!("{uri}/train:v1"), &image);
}
