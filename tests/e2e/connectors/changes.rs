//! Connectors that change: all at once or not at all.

use std::fs;

use serde_json::{Value, json};

use super::office::Office;
use super::{REGISTER, REGISTRY, home};
use crate::support::programs::crhost::Home;

fn username(home: &Home, connector: &str) -> Value {
    home.ok(&["connector", "describe", connector, "-o", "json"]).json()["fields"][0]["value"].clone()
}

#[test]
fn fields_change_and_others_stay() {
    let home = home();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    let changed = home.ok(&["service-connector", "update", "prod", "--username=bob", "-o", "json"]).json();
    assert_eq!((&changed["name"], &changed["verified"]), (&json!("prod"), &json!(false)));
    assert_eq!(changed["fields"][0]["value"], "bob");
    assert_eq!(changed["fields"][1], json!({"name": "password", "kind": "secret", "publicMembers": [], "set": true}));
    assert_eq!(username(&home, "prod"), "bob");
    let warned = home.ok(&["connector", "update", "prod", "--password=seen"]);
    assert_eq!(warned.stderr.matches("warning:").count(), 1, "{warned}");
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let home = home();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    home.ok(&["connector", "register", "robot", "--type=vault", "--auth-method=key-file", "--key=@key.json"]);
    for (code, arguments, words) in [
        (2, &["prod"][..], "--remove-field"),
        (2, &["prod", "--user=bob"], "no field `user`"),
        (2, &["prod", "--username=bob", "--password="], "field `password` is empty"),
        (2, &["prod", "--username=bob", "--remove-field=password"], "needs the field `password`"),
        (2, &["prod", "--username=bob", "--remove-attr=token"], "has no field `token`"),
        (2, &["prod", "--username=bob", "--remove-field=username"], "`username` is given a value and removed"),
        (2, &["robot", "--key=[]"], "no JSON object"),
        (3, &["other", "--username=bob"], "`prod`"),
        (5, &["prod", "--username=bob", "--name=robot"], "`robot`"),
    ] {
        home.fails(code, &[&["connector", "update"], arguments].concat()).says(words);
        assert_eq!(username(&home, "prod"), "alice");
    }
}

#[test]
fn a_change_is_proved_before_it_is_stored() {
    let home = home();
    let office = Office::open(&home);
    let option = office.option();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password", &option]].concat());
    fs::write(home.path("wrong"), "not hers").unwrap();
    home.fails(4, &["connector", "update", "prod", "--password=@wrong", &option]).says("does not know `alice`");
    home.ok(&["connector", "verify", "prod", &option]);
    let changed = home.ok(&["connector", "update", "prod", "--password=@password", &option]);
    assert!(changed.stderr.contains("Alice of the first floor"), "{changed}");
    home.ok(&["connector", "update", "prod", "--password=@wrong", "--no-verify"]);
    home.fails(4, &["connector", "verify", "prod", &option]);
}

#[test]
fn registries_follow_a_connector_to_its_new_name() {
    let home = home();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    home.ok(&REGISTRY);
    home.ok(&["connector", "update", "prod", "--name=live"]);
    home.fails(3, &["connector", "describe", "prod"]).says("`live`");
    assert_eq!(username(&home, "live"), "alice");
    assert_eq!(home.ok(&["registry", "describe", "dev", "-o", "json"]).json()["connector"], "live");
    home.fails(5, &["connector", "remove", "live"]).says("`dev`");
}
