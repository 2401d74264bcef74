//! Any registry, with a stored password.

use crate::support::crhost::Home;
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::judge;
use crate::support::needle::Needle;
use crate::support::registry::{Registry, UNUSUAL_PASSWORD, USER};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "local", "--as", "team/train"];

/// A home with a connector of a password, and an image to push to a registry that uses it.
fn home(flavor: &str, registry: &Registry, password: &str) -> (Home, Image) {
    let (mut home, image) = (Home::warm(), Image::small(200, architecture()));
    home.set("PASSWORD", password);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let user = format!("--username={USER}");
    home.ok(&[
        "connector",
        "register",
        "me",
        "--type=docker",
        "--auth-method=password",
        &user,
        "--password=@env:PASSWORD",
    ]);
    let (flavor, uri) = (format!("--flavor={flavor}"), format!("--uri={}", registry.host()));
    home.ok(&["registry", "register", "local", &flavor, &uri, "--connector=me", "--no-verify"]);
    (home, image)
}

#[test]
fn any_registry_takes_a_stored_password() {
    let registry = Registry::with_unusual_password();
    // One connector fits all flavors that take passwords.
    for flavor in ["default", "dockerhub"] {
        let (home, image) = home(flavor, &registry, UNUSUAL_PASSWORD);
        home.ok(&PUSH);
        judge::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_wrong_stored_password_stops_the_push_before_any_byte() {
    let registry = Registry::with_unusual_password();
    let (home, _) = home("default", &registry, "not-hers-at-all");
    let refused = home.fails(4, &PUSH).says(registry.host());
    Needle::new("not-hers-at-all").assert_not_in(refused.stderr.as_bytes(), "standard error");
    let changing = |request: &&String| !request.starts_with("GET ") && !request.starts_with("HEAD ");
    assert_eq!(registry.requests().iter().find(changing), None);
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
