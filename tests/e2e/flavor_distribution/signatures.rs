//! Which keys have to have signed what comes from where.

use super::{FLAVOR, flavor, publish, vector, version, write};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

#[test]
fn a_flavor_that_a_key_has_to_have_signed_is_registered_only_with_that_signature() {
    let (home, registry) = (Home::new(), Registry::open());
    let (host, repository) = (registry.host(), format!("{}/acme/myreg", registry.host()));
    let (ours, theirs) = (vector("p256.pub"), vector("p384.pub"));
    let name = format!("oci://{repository}:1.0.0");
    publish(&home, &flavor("1.0.0", ""), &repository, &[]);
    home.ok(&["flavor", "trust", "add", &format!("{host}/acme"), "--key", &ours]);
    home.fails(8, &["flavor", "register", &name]).says("there is no signature").says("flavor trust list");
    // Somebody else signs.
    publish(&home, &flavor("1.0.0", ""), &repository, &["--sign", "--key", &vector("p384-pkcs8.key")]);
    home.fails(8, &["flavor", "register", &name]).says("is not signed as it has to be").says("not made with this key");
    assert!(!home.ok(&["flavor", "list"]).stdout.contains(FLAVOR));
    // And the one who has to.
    publish(&home, &flavor("1.0.0", ""), &repository, &["--sign", &vector("p256-pkcs8.key")]);
    let registered = home.ok(&["flavor", "register", &name]);
    assert!(registered.stderr.contains("signed by key sha256:"), "{registered}");
    // An update is held to the same.
    publish(&home, &flavor("1.1.0", ""), &repository, &[]);
    home.fails(8, &["flavor", "update", FLAVOR]).says("there is no signature");
    assert_eq!(version(&home), "1.0.0");
    // The longest place counts, and one of its keys is enough.
    home.ok(&["flavor", "trust", "add", "*", "--key", &theirs]);
    home.fails(8, &["flavor", "update", FLAVOR]);
    home.ok(&["flavor", "trust", "remove", &format!("{host}/acme")]);
    home.ok(&["flavor", "register", &name, "--force"]);
    home.ok(&["flavor", "trust", "remove", "*"]);
    home.ok(&["flavor", "update", FLAVOR]);
    home.fails(3, &["flavor", "trust", "remove", "*"]);
}

#[test]
fn a_key_is_demanded_for_one_registration() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = format!("{}/acme/myreg", registry.host());
    publish(&home, &flavor("1.0.0", ""), &repository, &["--key", &vector("p256-pkcs8.key")]);
    let name = format!("oci://{repository}:1.0.0");
    let register = |key: &str| ["flavor", "register", &name, "--require-signature", key].map(str::to_owned);
    let other = register(&vector("p384.pub"));
    home.fails(8, &other.each_ref().map(String::as_str)).says("not made with this key");
    home.ok(&register(&vector("p256.pub")).each_ref().map(String::as_str));
    write(&home, "it.wasm", &flavor("1.0.0", ""));
    let file = ["flavor", "register", "it.wasm", "--require-signature", &vector("p256.pub")].map(str::to_owned);
    home.fails(2, &file.each_ref().map(String::as_str)).says("is a file");
}

#[test]
fn a_policy_is_held_to_the_keys_too_and_places_are_listed() {
    let home = Home::new();
    home.ok(&["flavor", "trust", "add", "oci://ghcr.io/acme/*", "--key", &vector("p256.pub")]);
    let listed = home.ok(&["flavor", "trust", "list", "-o", "json"]).json();
    assert_eq!(listed["keys"][0]["name"], "ghcr.io/acme");
    let key = listed["keys"][0]["keyId"].as_str().unwrap();
    home.ok(&["flavor", "trust", "remove", "ghcr.io/acme", "--key-id", key]);
    home.fails(2, &["flavor", "trust", "add", "ghcr.io/a b", "--key", "x"]);
    home.fails(2, &["flavor", "trust", "add", "ghcr.io/a", "--key", "missing.pub"]);
}
