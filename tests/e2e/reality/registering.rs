//! Registering twice: by scripts that run again, and by jobs that run at once.

use std::thread;

use serde_json::{Value, json};

use crate::support::programs::crhost::Home;
use crate::support::programs::process::Finished;

fn register(home: &Home, uri: &str, more: &[&str]) -> Finished {
    home.ok(&[&["registry", "register", "dev", "--flavor", "default", "--uri", uri], more].concat())
}

fn described(home: &Home) -> Value {
    home.ok(&["registry", "describe", "dev", "-o", "json"]).json()
}

#[test]
fn a_taken_name_is_refused_with_both_ways_to_go_on() {
    let home = Home::new();
    home.register("dev", "localhost:1/acme");
    let again = ["registry", "register", "dev", "--flavor", "default", "--uri", "localhost:1/acme"];
    home.fails(5, &again).says("--if-missing").says("--replace");
    let secret = ["connector", "register", "ci", "--type=docker", "--username=u", "--password=@env:HOME"];
    home.ok(&[&secret[..], &["--no-verify"]].concat());
    home.fails(5, &secret).says("--if-missing").says("--replace");
    for command in [&again[..], &secret[..]] {
        home.fails(2, &[command, &["--if-missing", "--replace"]].concat());
    }
}

#[test]
fn if_missing_leaves_what_is_there_and_names_what_differs() {
    let home = Home::new();
    let first = register(&home, "localhost:1/acme", &["--if-missing"]);
    assert!(first.stderr.contains("registered registry `dev`"), "{first}");
    let again = register(&home, "LOCALHOST:1/acme/", &["--if-missing"]);
    assert!(again.stderr.contains("registered already") && !again.stderr.contains("warning"), "{again}");
    home.ok(&["connector", "register", "ci", "--type=docker", "--username=u", "--password=@env:HOME", "--if-missing"]);
    let before = described(&home);
    // Nothing is proved for a registry that is not stored.
    let other = register(&home, "localhost:2", &["--if-missing", "--connector", "ci", "--insecure"]);
    for words in
        ["warning: ", "URI `localhost:1/acme` instead of `localhost:2`", "connector none instead of `ci`", "--replace"]
    {
        assert!(other.stderr.contains(words), "{words}{other}");
    }
    assert_eq!(described(&home), before);
    let json = register(&home, "localhost:2", &["--if-missing", "-o", "json"]).json();
    assert_eq!((&json["outcome"], &json["uri"]), (&json!("kept"), &json!("localhost:1/acme")));
    let uri = json!([{"part": "URI", "stored": "localhost:1/acme", "given": "localhost:2"}]);
    assert_eq!(json["differences"], uri);
}

#[test]
fn replace_puts_all_of_a_registry_anew_and_says_what_changed() {
    let home = Home::new();
    register(&home, "localhost:1/acme", &["--replace", "--insecure", "--allow-host", "https://api.example.com"]);
    home.ok(&["registry", "use", "dev"]);
    let replaced = register(&home, "localhost:2", &["--replace"]);
    for words in
        ["URI from `localhost:1/acme` to `localhost:2`", "plain HTTP from `allowed` to `no`", "api.example.com"]
    {
        assert!(replaced.stderr.contains(words), "{words}{replaced}");
    }
    let now = described(&home);
    assert_eq!((&now["uri"], &now["insecure"], &now["grants"]), (&json!("localhost:2"), &json!(false), &json!([])));
    assert_eq!(now["current"], json!(true), "it is no longer in use");
    let same = register(&home, "localhost:2", &["--replace"]);
    assert!(same.stderr.contains("registered already"), "{same}");
    // What is refused changes nothing.
    home.fails(3, &["registry", "register", "dev", "--flavor=defualt", "--uri=localhost:3", "--replace"]);
    assert_eq!(described(&home), now);
}

#[test]
fn a_connector_is_kept_or_replaced_and_its_secrets_are_named_without_their_values() {
    let mut home = Home::new();
    home.set("ONE", "hunter1");
    home.set("TWO", "hunter2");
    let connector = |user: &str, secret: &str, more: &[&str]| {
        let (user, secret) = (format!("--username={user}"), format!("--password=@env:{secret}"));
        let register = ["connector", "register", "ci", "--type=docker", "--auth-method=password", &user, &secret];
        home.ok(&[&register[..], more].concat())
    };
    connector("ann", "ONE", &["--if-missing"]);
    home.ok(&["registry", "register", "dev", "-f=default", "-u=localhost:1", "-c=ci", "--no-verify"]);
    let same = connector("ann", "ONE", &["--if-missing"]);
    assert!(same.stderr.contains("registered already") && !same.stderr.contains("warning"), "{same}");
    let kept = connector("bob", "TWO", &["--if-missing"]);
    for words in ["warning: ", "field `username` `ann` instead of `bob`", "another field `password`"] {
        assert!(kept.stderr.contains(words), "{words}{kept}");
    }
    let json = connector("bob", "TWO", &["--if-missing", "-o", "json"]);
    assert_eq!(json.json()["outcome"], json!("kept"));
    let replaced = connector("bob", "TWO", &["--replace"]);
    for words in ["field `username` from `ann` to `bob`", "field `password` changed"] {
        assert!(replaced.stderr.contains(words), "{words}{replaced}");
    }
    for run in [&kept, &json, &replaced] {
        assert!(!format!("{run}").contains("hunter"), "{run}");
    }
    let fields = home.ok(&["connector", "describe", "ci", "-o", "json"]).json();
    assert_eq!(fields["fields"][0]["value"], json!("bob"));
    // A registry that uses it would have no credentials then.
    let other = ["connector", "register", "ci", "--type=gitlab", "--auth-method=implicit", "--allow-implicit"];
    home.fails(5, &[&other[..], &["--replace", "--no-verify"]].concat()).says("`dev`").says("disconnect");
}

#[test]
fn jobs_that_register_the_same_at_once_all_succeed() {
    for option in ["--if-missing", "--replace"] {
        let home = Home::new();
        let outcomes: Vec<String> = thread::scope(|scope| {
            let run = || {
                let secret = ["connector", "register", "ci", "--type=docker", "--auth-method=password"];
                let fields = ["--username=u", "--password=@env:HOME", "--no-verify", option];
                home.ok(&[&secret[..], &fields].concat());
                let registered = register(&home, "localhost:1", &["-c=ci", "--no-verify", "-o=json", option]);
                registered.json()["outcome"].as_str().unwrap().to_owned()
            };
            let jobs: Vec<_> = (0..6).map(|_| scope.spawn(run)).collect();
            jobs.into_iter().map(|job| job.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "registered").count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| outcome != "kept" && outcome != "replaced"), "{outcomes:?}");
        assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn no_registry_is_in_use_when_that_is_asked_for_or_when_it_is_removed() {
    let home = Home::new();
    home.register("dev", "localhost:1/acme");
    home.ok(&["registry", "use", "dev"]);
    let none = home.ok(&["registry", "use", "--none"]);
    assert!(none.stderr.contains("no registry is in use now"), "{none}");
    assert_eq!(described(&home)["current"], json!(false));
    home.ok(&["registry", "use", "dev"]);
    assert_eq!(home.ok(&["registry", "use", "--none", "-o", "json"]).json()["was"], json!("dev"));
    home.fails(2, &["registry", "use"]);
    home.fails(2, &["registry", "use", "dev", "--none"]);
    home.ok(&["registry", "use", "dev"]);
    let removed = home.ok(&["registry", "remove", "dev"]);
    assert!(removed.stderr.contains("none is in use now"), "{removed}");
}

#[test]
fn a_mistyped_name_is_answered_with_the_one_that_was_meant() {
    let home = Home::new();
    home.register("production", "localhost:1/acme");
    home.ok(&["connector", "register", "github-ci", "--type=docker", "--username=u", "--password=@env:HOME"]);
    home.fails(3, &["registry", "describe", "prodcution"]).says("did you mean `production`?");
    home.fails(3, &["push", "train:v3", "--to", "prodution"]).says("did you mean `production`?");
    home.fails(3, &["connector", "describe", "github-cl"]).says("did you mean `github-ci`?");
    let connect = ["registry", "connect", "production", "--connector", "githubci"];
    home.fails(3, &connect).says("did you mean `github-ci`?");
}
