//! The lock: flavors and policies that are not built in are the ones that were reviewed.

use std::fs;

use super::{planned, write};
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// A flavor of a version, which has five characters.
fn flavor(version: &str) -> Vec<u8> {
    components::flavor(&format!(r#"(data (i32.const 32) "{version}")"#))
}

/// Publishes a version of the flavor under a tag.
fn publish(home: &Home, registry: &Registry, version: &str) {
    fs::write(home.path("published.wasm"), flavor(version)).unwrap();
    home.ok(&["flavor", "publish", "published.wasm", &format!("{}/drawback", registry.host())]);
}

fn entry(registry: &Registry, tag: &str) -> String {
    format!("[flavors.drawback]\nsource = 'oci://{}/drawback{tag}'\n", registry.host())
}

fn version(home: &Home) -> String {
    home.ok(&["flavor", "describe", "drawback", "-o", "json"]).json()["version"].as_str().unwrap().to_owned()
}

#[test]
fn what_the_lock_has_holds_until_it_is_updated() {
    let (home, registry) = (Home::new(), Registry::open());
    publish(&home, &registry, "1.0.0");
    write(&home, &entry(&registry, ""));
    home.fails(5, &["apply", "--yes", "--locked"]).says("flavor `drawback` is not in it");
    let applied = home.ok(&["apply", "--yes"]);
    assert!(applied.stderr.contains("wrote `crhost.lock`: review and commit it"), "{applied}");
    // The same lines as at `crhost flavor register`.
    assert!(applied.stderr.contains("URI examples    localhost:5000\nAuth methods    none\n"), "{applied}");
    home.ok(&["apply", "--locked", "--dry-run", "--exit-code"]);
    publish(&home, &registry, "1.1.0");
    assert_eq!(planned(&home, &["--locked"]), [""; 0]);
    // Another machine gets what was reviewed, though a newer one is there by now.
    let other = Home::new();
    for file in ["crhost.toml", "crhost.lock"] {
        fs::copy(home.path(file), other.path(file)).unwrap();
    }
    other.ok(&["apply", "--yes", "--locked"]);
    assert_eq!(version(&other), "1.0.0");
    let updated = home.ok(&["apply", "--yes", "--update"]);
    assert!(updated.stderr.contains("~ flavor `drawback`: version from `1.0.0` to `1.1.0`"), "{updated}");
    assert_eq!(version(&home), "1.1.0");
}

#[test]
fn offline_takes_what_is_here_and_fetches_nothing() {
    let (home, mut registry) = (Home::new(), Registry::open());
    publish(&home, &registry, "1.0.0");
    write(&home, &entry(&registry, ":1.0.0"));
    home.fails(3, &["apply", "--yes", "--offline"]).says("its component is not on this machine");
    home.ok(&["apply", "--lock-only"]);
    assert!(home.ok(&["flavor", "list"]).stdout.lines().all(|line| !line.starts_with("drawback ")));
    registry.stop();
    home.ok(&["apply", "--yes", "--offline", "--locked"]);
    assert_eq!(version(&home), "1.0.0");
}

#[test]
fn other_bytes_than_the_lock_says_are_refused() {
    let home = Home::new();
    fs::write(home.path("it.wasm"), flavor("1.0.0")).unwrap();
    write(&home, "[flavors.drawback]\nsource = 'it.wasm'\n");
    home.ok(&["apply", "--yes"]);
    fs::write(home.path("it.wasm"), flavor("9.0.0")).unwrap();
    let other = Home::new();
    for file in ["crhost.toml", "crhost.lock", "it.wasm"] {
        fs::copy(home.path(file), other.path(file)).unwrap();
    }
    // The store of the first has the bytes of the lock, and the file beside it is another one all the same.
    for home in [&home, &other] {
        let refused = home.fails(8, &["apply", "--yes"]).says("`crhost apply --update` takes it");
        let expected = "crhost.toml: flavor `drawback`: the component has digest sha256:";
        assert!(refused.error().starts_with(expected), "{}", *refused);
    }
    fs::remove_file(home.path("it.wasm")).unwrap();
    home.ok(&["apply", "--dry-run", "--exit-code"]);
    write(&home, "");
    home.fails(5, &["apply", "--yes", "--locked"]).says("it has `drawback`, which the file has not");
}

#[test]
fn the_same_file_at_another_place_changes_nothing() {
    let home = Home::new();
    fs::create_dir(home.path("checkout")).unwrap();
    fs::write(home.path("checkout/it.wasm"), flavor("1.0.0")).unwrap();
    fs::write(home.path("checkout/crhost.toml"), "version = 1\n[flavors.drawback]\nsource = 'it.wasm'\n").unwrap();
    home.ok(&["apply", "--yes", "checkout/crhost.toml"]);
    fs::rename(home.path("checkout"), home.path("other")).unwrap();
    home.ok(&["apply", "--dry-run", "--exit-code", "other/crhost.toml"]);
    home.ok(&["apply", "--dry-run", "--exit-code", "other/../other/crhost.toml"]);
}

#[test]
fn a_lock_that_does_not_say_where_a_component_is_from_does_not_fit() {
    let home = Home::new();
    write(&home, "[flavors.drawback]\nsource = 'oci://registry.example.com/drawback:1'\n");
    let digest = format!("sha256:{}", "0".repeat(64));
    let lock = format!("[flavors.drawback]\nsource = 'oci://registry.example.com/drawback:1'\ndigest = '{digest}'\n");
    fs::write(home.path("crhost.lock"), lock).unwrap();
    home.fails(5, &["apply", "--yes"]).says("it has no `origin` of it");
}
