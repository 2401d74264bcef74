//! Oracle's registry has no API that its auth tokens open: a real registry that takes the same name and token.

use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
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
