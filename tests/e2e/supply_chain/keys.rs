//! Key pairs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::vector;
use crate::support::programs::crhost::Home;

#[test]
fn a_new_private_key_is_for_its_owner_alone_and_is_never_overwritten() {
    let mut home = Home::new();
    home.set("COSIGN_PASSWORD", "hunter2-of-the-test");
    let made = home.ok(&["generate-key-pair", "--output-key-prefix", "release"]);
    assert_eq!(made.stdout, "release.pub\n");
    let mode = |name: &str| fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("release.key"), mode("release.pub") & 0o644), (0o600, 0o644));
    let private = fs::read(home.path("release.key")).unwrap();
    home.fails(5, &["generate-key-pair", "--output-key-prefix", "release"]).says("never overwritten");
    assert_eq!(fs::read(home.path("release.key")).unwrap(), private);
    assert!(!format!("{}{}", made.stdout, made.stderr).contains("hunter2"));
}

#[test]
fn a_key_that_can_t_be_used_is_told_before_a_registry_is_asked() {
    let mut home = Home::new();
    let sign = |home: &Home, code: i32, key: &str, words: &str| {
        home.fails(code, &["sign", "localhost:1/train:v1", "--key", key]).says(words);
    };
    sign(&home, 4, &vector("p256.key"), "COSIGN_PASSWORD");
    home.set("COSIGN_PASSWORD", "wrong");
    sign(&home, 4, &vector("p256.key"), "the password does not open");
    sign(&home, 2, &vector("p256.pub"), "public key");
    sign(&home, 2, &vector("p521-pkcs8.key"), "can't be used");
    sign(&home, 2, "absent.key", "can't be read");
    sign(&home, 2, "env://ABSENT", "has no key");
    sign(&home, 2, "awskms://alias", "awskms");
    let whole = fs::read_to_string(vector("p256.key")).unwrap();
    fs::write(home.path("cut.key"), whole.get(..300).unwrap()).unwrap();
    sign(&home, 2, "cut.key", "no key");
    fs::write(home.path("large.key"), vec![b'x'; 1 << 20]).unwrap();
    sign(&home, 2, "large.key", "larger than");
    home.fails(2, &["verify", "localhost:1/train:v1", "--key", &vector("p256.key")]).says("private key");
}
