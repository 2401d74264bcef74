//! Connectors that are proved: before they are stored, and later.

use std::fs;

use serde_json::{Value, json};

use super::office::Office;
use super::{REGISTER, REGISTRY, home, register_thief};
use crate::support::programs::crhost::Home;

/// A port without a server.
const NOWHERE: &str = "--option=office=http://localhost:1";

fn connectors(home: &Home) -> Value {
    home.ok(&["connector", "list", "-o", "json"]).json()["connectors"].clone()
}

#[test]
fn credentials_are_proved_before_they_are_stored() {
    let home = home();
    let office = Office::open(&home);
    fs::write(home.path("wrong"), "not hers").unwrap();
    let option = office.option();
    let register = [&REGISTER[..], &["--username=alice", &option]].concat();
    let wrong = [&register[..], &["--password=@wrong"]].concat();
    let refused = home.fails(4, &wrong).says("does not know `alice`");
    assert!(!refused.stderr.contains("--no-verify"), "{}", *refused);
    assert_eq!(connectors(&home), json!([]));
    assert!(!home.path("crhost/key").exists(), "a key was made for nothing");
    let right = [&register[..], &["--password=@password"]].concat();
    let registered = home.ok(&right);
    assert!(registered.stderr.contains("accepted as `Alice of the first floor`"), "{registered}");
    home.ok(&["connector", "remove", "prod"]);
    let registered = home.ok(&[&right[..], &["-o", "json"]].concat()).json();
    assert_eq!((&registered["verified"], &registered["identity"]), (&json!(true), &json!("Alice of the first floor")));
    // A name that is taken is found before any request.
    let asked = office.asked().len();
    home.fails(5, &right);
    assert_eq!(office.asked().len(), asked);
}

#[test]
fn an_office_that_does_not_answer_is_another_failure_and_can_be_done_without() {
    let home = home();
    home.ok(&["flavor", "grant", "vault", "--allow-secret-host=http://localhost:1"]);
    let register = [&REGISTER[..], &["--username=alice", "--password=@password", NOWHERE]].concat();
    home.fails(6, &register).says("--no-verify");
    assert_eq!(connectors(&home), json!([]));
    let registered = home.ok(&[&register[..], &["--no-verify", "-o", "json"]].concat()).json();
    assert_eq!((&registered["verified"], &registered["identity"]), (&json!(false), &json!(null)));
    home.fails(6, &["connector", "verify", "prod", NOWHERE]);
}

#[test]
fn what_can_t_be_proved_alone_is_stored_and_says_so() {
    let home = home();
    let registered = home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    assert!(registered.stderr.contains("not verified yet: a registry that uses it will verify it"), "{registered}");
    home.fails(2, &["connector", "verify", "prod"]).says("crhost registry verify");
    home.ok(&REGISTRY);
    home.fails(2, &["connector", "verify", "prod"]).says("crhost registry verify dev");
    home.fails(3, &["connector", "verify", "other"]).says("`prod`");
}

#[test]
fn verify_says_who_it_is_and_what_else_can_be_verified() {
    let home = home();
    let office = Office::open(&home);
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    home.ok(&REGISTRY);
    let verified = home.ok(&["connector", "verify", "prod", &office.option()]);
    assert!(verified.stdout.contains("Alice of the first floor"), "{verified}");
    assert!(verified.stderr.contains("crhost registry verify dev"), "{verified}");
    let verified = home.ok(&["connector", "verify", "prod", &office.option(), "-o", "json"]).json();
    assert_eq!(verified["identity"], "Alice of the first floor");
    assert_eq!((&verified["flavor"], &verified["registries"]), (&json!("vault"), &json!(["dev"])));
}

#[test]
fn options_are_those_of_the_flavor() {
    let home = home();
    let register = [&REGISTER[..], &["--username=alice", "--password=@password"]].concat();
    home.fails(2, &[&register[..], &["--option=colour=red"]].concat()).says("no option `colour`");
    home.fails(2, &[&register[..], &["--flavor=vault", "--option=colour=red"]].concat()).says("`office`");
    assert_eq!(connectors(&home), json!([]));
    // Where the secret must not go, it does not, whatever the option says.
    home.fails(4, &[&register[..], &[NOWHERE]].concat()).says("http://localhost:1");
    assert_eq!(connectors(&home), json!([]));
}

#[test]
fn what_connectors_reach_is_listed_and_one_that_fails_hides_no_other() {
    let home = home();
    let office = Office::open(&home);
    let reached = |name: &str| {
        json!([
            {"connector": name, "uri": "localhost:5000/vault"},
            {"connector": name, "uri": "localhost:5001/vault"},
        ])
    };
    assert_eq!(home.ok(&["connector", "list-resources", "-o", "json"]).json()["resources"], json!([]));
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    let one = ["connector", "list-resources", "prod", &office.option()];
    assert!(home.ok(&one).stdout.contains("localhost:5001/vault"));
    assert_eq!(home.ok(&[&one[..], &["-o", "json"]].concat()).json()["resources"], reached("prod"));
    home.fails(2, &["connector", "list-resources", "prod"]).says("can't be listed");
    // By name, the one that fails comes first.
    fs::write(home.path("wrong"), "not hers").unwrap();
    home.ok(&[
        "connector",
        "register",
        "old",
        "--type=vault",
        "--auth-method=password",
        "--username=alice",
        "--password=@wrong",
    ]);
    home.fails(4, &["connector", "list-resources", "old", &office.option()]);
    let all = home.run(&["connector", "list-resources", &office.option(), "-o", "json"]);
    assert_eq!(all.code, Some(4), "{all}");
    assert_eq!(all.json()["resources"], reached("prod"));
    assert!(all.stderr.contains("connector `old`"), "{all}");
}

#[test]
fn of_several_flavors_none_learns_anything_until_one_is_meant() {
    let home = home();
    let office = Office::open(&home);
    let option = office.option();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    register_thief(&home);
    home.fails(2, &["connector", "verify", "prod"]).says("can't be verified without a registry").says("--flavor");
    for meant in [&[option.as_str()][..], &[option.as_str(), "--flavor=vault"]] {
        let verified = home.ok(&[&["connector", "verify", "prod", "-o", "json"], meant].concat()).json();
        assert_eq!(verified["flavor"], "vault");
    }
    home.fails(2, &["connector", "verify", "prod", "--flavor=thief"]).says("can't be verified without a registry");
    home.fails(2, &["connector", "verify", "prod", "--flavor=thief", &option]).says("no option `office`");
    home.fails(3, &["connector", "verify", "prod", "--flavor=nowhere"]).says("`nowhere`");
    // A flavor that was removed can't prove it.
    home.ok(&["flavor", "remove", "thief"]);
    home.ok(&["flavor", "remove", "vault"]);
    home.fails(2, &["connector", "verify", "prod"]).says("`vault`");
}
