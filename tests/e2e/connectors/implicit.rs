//! Connectors whose values stand ready on the user's machine, and are read there for every push.

use std::fs;

use serde_json::json;

use super::home;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "dev", "--as", "train"];

fn register(method: &str) -> [String; 5] {
    ["connector", "register", "here", "--type=vault", &format!("--auth-method={method}")].map(str::to_owned)
}

/// A registry that the connector `here` is for.
#[track_caller]
fn use_connector(home: &Home, registry: &Registry) -> Image {
    let image = Image::small(here!(), architecture());
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let uri = format!("--uri={}/vault", registry.host());
    home.ok(&["registry", "register", "dev", "--flavor=vault", &uri, "--connector=here"]);
    image
}

#[test]
fn this_machine_is_read_only_with_leave() {
    let home = home();
    let register = register("machine");
    let register: Vec<&str> = register.iter().map(AsRef::as_ref).collect();
    let refused = home.fails(2, &register).says("--allow-implicit");
    for place in ["$VAULT_USER", "$VAULT_PASSWORD", "~/.vault/password"] {
        assert!(refused.error().contains(place), "{place}: {}", *refused);
    }
    // What a flavor reads in clear is told from what it does not.
    assert!(refused.error().contains("as text, which flavors see: $VAULT_USER;"), "{}", *refused);
    let json = home.run(&[&register[..], &["-o", "json"]].concat());
    assert!(json.stderr.contains("as text, which flavors see: $VAULT_USER;"), "{json}");
    // With leave, what is not there can't be proved, and a registry can be registered all the same.
    let allowed = [&register[..], &["--allow-implicit"]].concat();
    home.fails(4, &allowed).says("$VAULT_USER");
    assert_eq!(home.ok(&["connector", "list", "-o", "json"]).json()["connectors"], json!([]));
    home.ok(&[&allowed[..], &["--no-verify"]].concat());
    let registry = ["registry", "register", "dev", "--flavor=vault", "--uri=localhost:1/vault", "--connector=here"];
    home.fails(4, &registry).says("$VAULT_USER");
    home.ok(&[&registry[..], &["--no-verify"]].concat());
    let described = home.ok(&["connector", "describe", "here"]);
    assert!(described.stdout.contains("read from $VAULT_PASSWORD, ~/.vault/password"), "{described}");
    let described = home.ok(&["connector", "describe", "here", "-o", "json"]).json();
    let sources = json!([{"env": "VAULT_PASSWORD"}, {"file": "~/.vault/password"}]);
    assert_eq!((&described["fields"][1]["set"], &described["fields"][1]["sources"]), (&json!(false), &sources));
}

#[test]
fn values_are_read_at_each_push_and_changes_are_seen_at_the_next() {
    let (registry, mut home) = (Registry::with_unusual_password(), home());
    home.set("CRHOST_LOG", "trace");
    home.set("VAULT_USER", USER);
    home.set("VAULT_PASSWORD", UNUSUAL_PASSWORD);
    let secret = Needle::new(UNUSUAL_PASSWORD);
    home.ok(&[&register("machine").each_ref().map(String::as_str)[..], &["--allow-implicit"]].concat());
    let image = use_connector(&home, &registry);
    let pushed = home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/vault/train:v1", registry.host()), &image);
    secret.assert_not_in(pushed.stderr.as_bytes(), "the log");
    secret.assert_not_below(&home.path("crhost"));
    // Another value.
    home.set("VAULT_PASSWORD", "not hers");
    assert_eq!(home.run(&PUSH).code, Some(4));
    // The next place.
    home.set("VAULT_PASSWORD", "");
    let absent = home.run(&PUSH);
    assert_eq!(absent.code, Some(4), "{absent}");
    assert!(absent.stderr.contains("field `password` of connector `here` is not on this machine"), "{absent}");
    fs::create_dir(home.path("home/.vault")).unwrap();
    fs::write(home.path("home/.vault/password"), format!("{UNUSUAL_PASSWORD}\n")).unwrap();
    home.ok(&PUSH);
    // What the user gave is not sought.
    home.ok(&["connector", "update", "here", "--username=bob"]);
    assert_eq!(home.run(&PUSH).code, Some(4));
    home.ok(&["connector", "update", "here", "--remove-field=username", "--allow-implicit"]);
    home.ok(&PUSH);
}

#[test]
fn a_section_of_a_file_opens_a_registry() {
    let (registry, mut home) = (Registry::with_unusual_password(), home());
    let file =
        format!("[default]\nuser = {USER}\npassword = {UNUSUAL_PASSWORD}\n\n[old]\nuser = {USER}\npassword = x\n");
    fs::write(home.path("profiles"), file).unwrap();
    home.set("VAULT_FILE", home.path("profiles"));
    home.ok(&[&register("profile").each_ref().map(String::as_str)[..], &["--allow-implicit"]].concat());
    let image = use_connector(&home, &registry);
    home.ok(&PUSH);
    skopeo::assert_same(registry.access(), &format!("{}/vault/train:v1", registry.host()), &image);
    home.set("VAULT_PROFILE", "old");
    assert_eq!(home.run(&PUSH).code, Some(4));
    home.set("VAULT_PROFILE", "");
    fs::write(home.path("profiles"), "no section").unwrap();
    let refused = home.run(&PUSH);
    assert_eq!(refused.code, Some(4), "{refused}");
    assert!(refused.stderr.contains("the file that $VAULT_FILE names"), "{refused}");
}
