//! Any registry, with a stored password.

use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// A home with a connector of a password, and an image to push to a registry that uses it.
fn home(flavor: &str, registry: &Registry, password: &str) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("PASSWORD", password);
    let me = Connector::proved("me", "docker", "password").field("username", USER).field("password", "@env:PASSWORD");
    me.register(&home);
    RegistrySpec::new("local", flavor, registry.host()).connector("me").register(&home);
    (home, image)
}

#[test]
fn any_registry_takes_a_stored_password() {
    let registry = Registry::with_unusual_password();
    // One connector fits all flavors that take passwords.
    for flavor in ["default", "dockerhub"] {
        let (home, image) = home(flavor, &registry, UNUSUAL_PASSWORD);
        home.ok(&push_layout("local", "team/train"));
        skopeo::assert_same(registry.access(), &format!("{}/team/train:v1", registry.host()), &image);
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_wrong_stored_password_stops_the_push_before_any_byte() {
    let registry = Registry::with_unusual_password();
    let (home, _) = home("default", &registry, "not-hers-at-all");
    let refused = home.fails(4, &push_layout("local", "team/train")).says(registry.host());
    Needle::new("not-hers-at-all").assert_not_in(refused.stderr.as_bytes(), "standard error");
    registry.assert_untouched();
}
