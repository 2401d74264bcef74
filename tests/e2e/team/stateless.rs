//! Runs with `--config`: nothing is stored or kept, and what comes of them is the same.

use std::fs;

use serde_json::Value;

use super::{with_login, write};
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::components;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::mounted::Mounted;
use crate::support::programs::registry::{PASSWORD, Registry, UNUSUAL_PASSWORD};
use crate::support::programs::tree::files;
use crate::support::skip::{Capability, skip};

/// What a result says, without times.
fn lasting(mut result: Value) -> Value {
    for member in ["seconds", "bytesPerSecond"] {
        result.as_object_mut().unwrap().remove(member);
    }
    result
}

#[test]
fn a_run_without_a_store_pushes_the_same_bytes_and_says_the_same() {
    let (registry, again) = (Registry::with_unusual_password(), Registry::with_unusual_password());
    let (mut home, image) = Home::with_image();
    home.set("TEAM_PASSWORD", UNUSUAL_PASSWORD);
    write(&home, &with_login("prod", registry.host()));
    let words = |name: &'static str| [&push_layout("prod", name)[..], &["-o", "json"]].concat();
    let bare = home.ok(&[&words("acme/train:v1")[..], &["--config", "crhost.toml"]].concat()).json();
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    assert!(!home.path("crhost/crhost.db").exists() && !home.path("crhost/key").exists());
    write(&home, &with_login("prod", again.host()));
    home.ok(&["apply", "--yes"]);
    let stored = home.ok(&words("acme/train:v1")).json();
    assert_eq!(bare["digest"], stored["digest"]);
    let names = |report: &Value| report.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&lasting(bare)), names(&lasting(stored)));
    // Failures, too, have the same words and exit codes.
    write(&home, &with_login("prod", registry.host()));
    home.ok(&["apply", "--yes"]);
    home.set("TEAM_PASSWORD", "not-hers");
    let stored = home.fails(4, &push_layout("prod", "acme/train:v2"));
    home.set("CRHOST_CONFIG", "crhost.toml");
    let bare = home.fails(4, &push_layout("prod", "acme/train:v2"));
    assert_eq!((stored.error(), stored.hint()), (bare.error(), bare.hint()));
}

#[test]
fn every_command_that_reads_what_is_registered_takes_the_file() {
    let registry = Registry::with_unusual_password();
    let (mut home, _) = Home::with_image();
    home.set("TEAM_PASSWORD", UNUSUAL_PASSWORD);
    home.set("CRHOST_CONFIG", "crhost.toml");
    write(&home, &format!("default-registry = 'prod'\n{}", with_login("prod", registry.host())));
    home.ok(&["push", "oci:layout:v1", "--as", "acme/train:v1"]);
    for words in [
        &["copy", "prod/acme/train:v1", "prod/acme/copied:v1"][..],
        &["pull", "prod/acme/train:v1", "oci:pulled"],
        &["inspect", "prod/acme/train:v1"],
        &["tags", "prod/acme/train"],
        &["digest", "prod/acme/copied:v1"],
        &["registry", "verify", "prod", "acme/train"],
        &["registry", "list"],
        &["connector", "describe", "prod-login"],
        &["auth", "token", "prod"],
    ] {
        home.ok(words);
    }
    for (variable, words) in [
        ("crhost.toml", &["docker", "credential-helper", "get"][..]),
        ("", &["--config", "crhost.toml", "docker", "credential-helper", "get"]),
    ] {
        home.set("CRHOST_CONFIG", variable);
        let (code, answer, _) =
            crate::support::programs::process::with_input(&mut home.command(words), registry.host());
        assert_eq!(code, 0, "{answer}");
        assert!(answer.contains("alice"), "{answer}");
    }
    assert!(!home.path("crhost/crhost.db").exists());
}

#[test]
fn what_would_change_the_store_says_that_the_file_is_all_there_is() {
    let home = Home::new();
    write(&home, "[registries.prod]\nflavor = 'default'\nuri = 'registry.example.com/acme'\n");
    for words in [
        &["registry", "remove", "prod"][..],
        &["registry", "use", "prod"],
        &["registry", "register", "b", "--flavor", "default", "--uri", "localhost:5000"],
        &["connector", "register", "ci", "--type", "docker", "--username=a", "--password=b", "--no-verify"],
        &["flavor", "grant", "default", "--allow-host", "https://example.com"],
        &["policy", "register", "no-latest"],
    ] {
        let refused = home.fails(1, &[words, &["--config", "crhost.toml"]].concat());
        assert!(refused.error().contains("what is registered is what `crhost.toml` says"), "{}", *refused);
        assert_eq!(refused.hint(), "change the file, or leave out `--config` and CRHOST_CONFIG");
    }
}

#[test]
fn a_flavor_that_is_not_built_in_needs_the_lock_and_runs_from_the_cache_then() {
    let (registry, home) = (Registry::open(), Home::with_image().0);
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "publish", "it.wasm", &format!("{}/drawback", registry.host())]);
    write(
        &home,
        &format!(
            "[flavors.drawback]\nsource = 'oci://{0}/drawback:1.0.0'\n\
             [registries.it]\nflavor = 'drawback'\nuri = 'localhost:5000'\n",
            registry.host()
        ),
    );
    let list = ["registry", "list", "--config", "crhost.toml"];
    home.fails(5, &list).says("`crhost apply --lock-only crhost.toml` writes it; review and commit both");
    home.ok(&["apply", "--lock-only"]);
    let requests = registry.requests_of(|| {
        home.ok(&["flavor", "precompile", "--config", "crhost.toml"]);
        home.ok(&list);
    });
    assert_eq!(requests, [""; 0], "what was fetched for the lock is kept");
    fs::remove_dir_all(home.path("crhost/cache/components")).unwrap();
    let fetched = registry.requests_of(|| drop(home.ok(&list)));
    assert!(!fetched.is_empty());
}

#[test]
fn a_home_that_can_t_be_written_to_is_no_hindrance() {
    let registry = Registry::with_password();
    let (mut home, image) = Home::with_image();
    write(&home, &with_login("prod", registry.host()));
    home.set("TEAM_PASSWORD", PASSWORD);
    home.set("CRHOST_HOME", "/proc/nowhere");
    home.ok(&[&push_layout("prod", "acme/train:v1")[..], &["--config", "crhost.toml"]].concat());
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
}

#[test]
fn compiled_code_that_an_image_carries_is_used_where_nothing_can_be_written() {
    let registry = Registry::with_password();
    let (mut home, image) = (Home::without_cache(), Image::small(here!(), architecture()));
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    write(&home, &with_login("prod", registry.host()));
    home.set("TEAM_PASSWORD", PASSWORD);
    let made = home.ok(&["flavor", "precompile", "--config", "crhost.toml", "-o", "json"]).json();
    assert_eq!(made["components"][0]["name"], "default", "{made}");
    let before = files(&home.path("crhost"));
    let Some(_read_only) = Mounted::read_only(&home.path("crhost")) else {
        return skip(Capability::Root, "only root can mount a file system");
    };
    home.set("CRHOST_LOG", "debug");
    let pushed = home.ok(&[&push_layout("prod", "acme/train:v1")[..], &["--config", "crhost.toml"]].concat());
    assert!(!pushed.stderr.contains("compiled flavors are not kept"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    assert_eq!(files(&home.path("crhost")), before);
}
