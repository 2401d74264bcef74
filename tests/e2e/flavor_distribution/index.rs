//! Indexes of flavors, which anybody can host.

use std::thread;

use serde_json::json;

use super::{flavor, publish, write};
use crate::support::images::image_files;
use crate::support::judges::screen::assert_harmless;
use crate::support::judges::skopeo;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;
use crate::support::programs::written_repository::Repository;

#[test]
fn what_is_published_is_found_in_an_index_and_registered_by_its_digest() {
    let (mut home, registry) = (Home::new(), Registry::open());
    let host = registry.host();
    let index = format!("{host}/acme/index");
    let digest = publish(&home, &flavor("1.0.0", ""), &format!("{host}/acme/myreg"), &["--index", &index]);
    assert_eq!(
        skopeo::raw(registry.access(), &format!("{index}:latest"))["artifactType"],
        "application/vnd.crhost.index.v1+json"
    );
    home.set("CRHOST_FLAVOR_INDEX", &index);
    let found = home.ok(&["flavor", "search", "DRAW", "-o", "json"]).json();
    let [one] = found["flavors"].as_array().unwrap().as_slice() else { panic!("{found:#}") };
    assert_eq!(one["reference"], format!("oci://{host}/acme/myreg:1.0.0@{digest}"));
    assert_eq!((&one["role"], &one["contract"]), (&"flavor".into(), &"0.1.0".into()));
    home.ok(&["flavor", "register", one["reference"].as_str().unwrap()]);
    let table = home.ok(&["flavor", "search"]);
    assert!(table.stdout.contains("drawback") && table.stdout.contains("1.0.0"), "{table}");
    assert_eq!(home.ok(&["flavor", "search", "nothing-like-it", "-o", "json"]).json()["flavors"], json!([]));
    // A later version takes the place of its entry, and an older one does not.
    publish(&home, &flavor("1.2.0", ""), &format!("{host}/acme/myreg"), &["--index", &index]);
    write(&home, "old.wasm", &flavor("1.1.0", ""));
    let old = home.ok(&["flavor", "publish", "old.wasm", &format!("{host}/acme/myreg"), "--index", &index]);
    assert!(old.stderr.contains("lists version 1.2.0, which is later"), "{old}");
    let found = home.ok(&["flavor", "search", "-o", "json"]).json();
    let versions: Vec<_> = found["flavors"].as_array().unwrap().iter().map(|one| one["version"].clone()).collect();
    assert_eq!(versions, ["1.2.0"]);
}

#[test]
fn several_who_publish_at_once_are_all_listed() {
    let (home, registry) = (Home::new(), Registry::open());
    let index = format!("{}/index", registry.host());
    write(&home, "it.wasm", &flavor("1.0.0", ""));
    // Compiled once, before they compete.
    home.ok(&["flavor", "register", "it.wasm"]);
    thread::scope(|scope| {
        for number in 0..4 {
            let (home, index, host) = (&home, &index, registry.host());
            scope.spawn(move || {
                home.ok(&["flavor", "publish", "it.wasm", &format!("{host}/f{number}"), "--index", index]);
            });
        }
    });
    let found = home.ok(&["flavor", "search", "--index", &index, "-o", "json"]).json();
    assert_eq!(found["flavors"].as_array().unwrap().len(), 4, "{found:#}");
}

#[test]
fn a_hostile_index_can_do_no_harm_and_what_is_none_is_refused() {
    let (home, registry) = (Home::new(), Registry::open());
    let repository = Repository { host: registry.host(), name: "index" };
    let digest = format!("sha256:{}", "0".repeat(64));
    let entry = |name: &str, reference: &str, summary: &str| {
        json!({ "role": "flavor", "name": name, "version": "1.0.0", "reference": reference, "digest": digest,
                "summary": summary })
    };
    let evil = "\u{1b}[2J\u{1b}]0;mine\u{7}\r\nerror: call this number\u{202e}\u{200b}";
    let components = json!({ "components": [
        entry("good", "ghcr.io/acme/good:1.0.0", evil),
        entry(evil, "ghcr.io/acme/good:1.0.0", ""),
        entry("bad", "ghcr.io/acme/bad:1.0.0 --yes", ""),
        7,
    ]});
    let put = |tag: &str, media_type: &str, content: &str| {
        let config = repository.blob("application/vnd.oci.empty.v1+json", b"{}");
        let layer = repository.blob(media_type, content.as_bytes());
        let document = json!({ "schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config,
                               "layers": [layer] });
        repository.manifest(Some(tag), &document);
    };
    const INDEX: &str = "application/vnd.crhost.index.v1+json";
    put("latest", INDEX, &components.to_string());
    put("list", INDEX, "[]");
    put("other", "application/json", "{}");
    let index = |tag: &str| format!("{}/index:{tag}", registry.host());
    for more in [&[][..], &["-o", "json"]] {
        let found = home.ok(&[&["flavor", "search", "--index", &index("latest")], more].concat());
        assert!(found.stdout.contains("ghcr.io/acme/good"), "{found}");
        assert!(!found.stdout.contains("ghcr.io/acme/bad") && found.stderr.contains("3 entries"), "{found}");
        assert_harmless(&found.stdout);
        assert_harmless(&found.stderr);
    }
    home.fails(2, &["flavor", "search", "--index", &index("list")]).says("is no index of flavors");
    home.fails(2, &["flavor", "search", "--index", &index("other")]).says("is no index of flavors");
    home.fails(3, &["flavor", "search", "--index", &index("missing")]);
    home.fails(2, &["flavor", "search"]).says("CRHOST_FLAVOR_INDEX");
    // What is there is not overwritten.
    write(&home, "it.wasm", &components::flavor(""));
    let publish = ["flavor", "publish", "it.wasm", &format!("{}/it", registry.host()), "--index", &index("other")];
    home.fails(2, &publish).says("is no index of flavors");
}
