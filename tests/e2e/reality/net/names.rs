//! Names that lead to this machine.

use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registry::Registry;

#[test]
fn a_name_below_localhost_is_this_machine_without_dns_and_may_speak_plain_http() {
    let registry = Registry::open();
    let (mut home, image) = Home::with_image();
    let port = registry.host().rsplit_once(':').unwrap().1;
    // No proxy is asked for it.
    home.set("HTTP_PROXY", "http://127.0.0.1:1");
    home.register("k3d", &format!("k3d-registry-of-no-resolver.localhost:{port}/acme"));
    home.ok(&push_layout("k3d", "train:v1"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
}

#[test]
fn a_name_that_no_resolver_knows_is_told_in_a_sentence() {
    let (home, _) = Home::with_image();
    home.ok(&["registry", "register", "x", "--flavor=default", "--uri=no-such-host.invalid", "--no-verify"]);
    let refused = home.fails(6, &push_layout("x", "train:v1")).says("its name can't be resolved: ");
    for jargon in ["dns error", "lookup address", "os error"] {
        assert!(!refused.stderr.contains(jargon), "{}", *refused);
    }
}
