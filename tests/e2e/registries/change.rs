//! Registries that change: what they become is what their flavor accepts, or they stay as they were.

use serde_json::{Value, json};

use super::{connector_of, home, register, vault};
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::registry::Registry;

fn described(home: &Home, name: &str) -> Value {
    home.ok(&["registry", "describe", name, "-o", "json"]).json()
}

/// A home with a registry of the flavor `drawer`, which has options.
fn home_with_drawer() -> Home {
    let home = Home::with_guest(&guest::build_with_cargo("drawer"), &["--yes"]);
    let register = ["registry", "register", "dev", "--flavor=drawer", "--uri=localhost:1/drawer"];
    home.ok(&[&register[..], &["--option=password=a", "--option=username=bob"]].concat());
    home
}

#[test]
fn a_uri_and_options_are_changed_in_one_step() {
    let home = home_with_drawer();
    let update = ["registry", "update", "dev", "--uri=localhost:2/drawer/top", "--option=password=b"];
    let changed = home.ok(&[&update[..], &["--remove-option=username", "-o", "json"]].concat()).json();
    assert_eq!(changed["uri"], "localhost:2/drawer/top");
    assert_eq!(changed["options"], json!({"password": "b"}));
    let told = home.ok(&["registry", "update", "dev", "--option=username=carol"]);
    assert!(told.stderr.contains("updated registry `dev` (localhost:2/drawer/top)"), "{told}");
    assert_eq!(described(&home, "dev")["options"], json!({"password": "b", "username": "carol"}));
}

#[test]
fn a_change_that_the_flavor_refuses_changes_nothing() {
    let home = home_with_drawer();
    let before = described(&home, "dev");
    let update = ["registry", "update", "dev"];
    for (arguments, words) in [
        (&["--uri=localhost:2/shelf", "--option=password=b"][..], "no drawer"),
        (&["--option=password=b", "--option=colour=red"], "no option `colour`"),
        (&["--uri=localhost:2/drawer", "--remove-option=password"], "needs the option `password`"),
        (&["--uri=localhost:2/drawer", "--remove-option=colour"], "`password`, `username`"),
    ] {
        home.fails(2, &[&update[..], arguments].concat()).says(words);
    }
    home.fails(3, &["registry", "update", "nowhere", "--uri=localhost:2/drawer"]).says("`dev`");
    home.fails(3, &["registry", "update", "dev", "--connector=nowhere"]);
    let nothing = home.run(&update);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(2), ""), "{nothing}");
    assert_eq!(described(&home, "dev"), before);
}

#[test]
fn a_registry_with_a_connector_moves_only_to_where_that_opens() {
    let (mut old, new) = (Registry::with_password(), Registry::with_password());
    let home = home();
    register(&home, "dev", old.host(), &["--connector=good"]);
    let (old_uri, new_uri) = (vault(old.host()), vault(new.host()));
    old.stop();
    home.ok(&["registry", "update", "dev", "--uri", &new_uri]);
    assert_eq!(described(&home, "dev")["uri"], new_uri);
    home.fails(6, &["registry", "update", "dev", "--uri", &old_uri]).says("--no-verify");
    home.fails(4, &["registry", "update", "dev", "-c", "bad"]);
    assert_eq!((&described(&home, "dev")["uri"], connector_of(&home, "dev")), (&json!(new_uri), json!("good")));
    home.ok(&["registry", "update", "dev", "--uri", &old_uri, "-c", "bad", "--no-verify"]);
    assert_eq!((&described(&home, "dev")["uri"], connector_of(&home, "dev")), (&json!(old_uri), json!("bad")));
}

#[test]
fn a_registry_is_renamed_with_all_that_refers_to_it() {
    let home = home();
    let grant = ["--connector=good", "--allow-host=https://api.example.com"];
    register(&home, "dev", "localhost:1", &grant);
    home.ok(&["registry", "use", "dev"]);
    let before = described(&home, "dev");
    let told = home.ok(&["container-registry", "rename", "dev", "live"]);
    assert!(told.stderr.contains("registry `dev` is `live` now"), "{told}");
    home.fails(3, &["registry", "describe", "dev"]).says("`live`");
    let after = described(&home, "live");
    assert_eq!(after["grants"].as_array().unwrap().len(), 1, "{after}");
    for member in ["uri", "connector", "grants", "current"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!((&after["name"], &after["current"]), (&json!("live"), &json!(true)));
    home.fails(5, &["connector", "remove", "good"]).says("`live`");
}

#[test]
fn a_registry_is_copied_with_all_that_it_has() {
    let home = home();
    register(&home, "dev", "localhost:1", &["--connector=good", "--allow-host=https://api.example.com"]);
    home.ok(&["registry", "use", "dev"]);
    let before = described(&home, "dev");
    let copy = home.ok(&["registry", "copy", "dev", "second", "-o", "json"]).json();
    for member in ["flavor", "uri", "connector", "grants", "options"] {
        assert_eq!(copy[member], before[member], "{member}");
    }
    assert_eq!((&copy["name"], &copy["current"]), (&json!("second"), &json!(false)));
    home.ok(&["registry", "delete", "dev"]);
    assert_eq!(described(&home, "second"), copy);
}

#[test]
fn a_name_that_is_taken_or_unknown_is_refused() {
    let home = Home::new();
    home.register("dev", "localhost:1");
    home.register("live", "localhost:2");
    for command in ["rename", "copy"] {
        home.fails(5, &["registry", command, "dev", "live"]).says("`live`");
        home.fails(5, &["registry", command, "dev", "dev"]).says("`dev`");
        home.fails(3, &["registry", command, "nowhere", "third"]).says("`dev`, `live`");
        let bad = home.run(&["registry", command, "dev", "a/b"]);
        assert_eq!(bad.code, Some(2), "{bad}");
    }
    let listed = home.ok(&["registry", "list", "-o", "json"]).json();
    assert_eq!(listed["registries"].as_array().unwrap().len(), 2);
}
