//! `crhost registry verify`: a real registry is asked, and nothing is stored there.

use serde_json::Value;

use super::{WRONG, home, register, vault};
use crate::support::fakes::token_server::TokenServer;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::Finished;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// Verifies, expects an exit code, and gives the outcome of each step.
#[track_caller]
fn verify(home: &Home, code: i32, arguments: &[&str]) -> (Vec<(String, String)>, Finished) {
    let finished = home.run(&[&["registry", "verify", "-o", "json"], arguments].concat());
    assert_eq!(finished.code, Some(code), "{finished}");
    assert!(!finished.stderr.contains(WRONG) && !finished.stdout.contains(WRONG), "a password is shown{finished}");
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    assert_eq!(report["schemaVersion"], 1);
    assert_eq!(report["verified"], code == 0, "{finished}");
    let text = |step: &Value, name: &str| step[name].as_str().unwrap().to_owned();
    let steps = report["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| !text(step, "message").is_empty()), "{finished}");
    (steps.iter().map(|step| (text(step, "step"), text(step, "outcome"))).collect(), finished)
}

/// Steps as [`verify`] gives them: so many went well, then one failed if that is so.
fn outcomes(good: usize, fails: bool) -> Vec<(String, String)> {
    let names = ["uri", "options", "connector", "credentials", "registry", "push"];
    let outcome = |index: usize| match index {
        _ if index < good => "ok",
        _ if index == good && fails => "failed",
        _ => "skipped",
    };
    names.iter().enumerate().map(|(index, name)| ((*name).to_owned(), outcome(index).to_owned())).collect()
}

#[test]
fn a_password_that_opens_the_registry_is_verified_and_nothing_is_stored() {
    let registry = Registry::with_password();
    let home = home();
    register(&home, "dev", registry.host(), &["--connector=good"]);
    assert_eq!(verify(&home, 0, &["dev"]).0, outcomes(5, false));
    assert_eq!(verify(&home, 0, &["dev", "train"]).0, outcomes(5, false));
    let asked = registry.requests();
    assert!(asked.iter().all(|request| request == "GET /v2/"), "{asked:?}");
    assert_eq!(verify(&home, 0, &["dev", "train", "--push"]).0, outcomes(6, false));
    let asked = registry.requests();
    let opened = |method: &str| {
        let uploads = format!("{method} /v2/vault/train/blobs/uploads/");
        asked.iter().filter(|request| request.starts_with(&uploads)).count()
    };
    assert_eq!((opened("POST"), opened("DELETE")), (1, 1), "{asked:?}");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
    let told = home.ok(&["registry", "verify", "dev", "train", "--push"]);
    for words in ["STEP", "`good` (vault/password)", "of `alice`", "accepts them", "`vault/train`"] {
        assert!(told.stdout.contains(words), "`{words}` is missing{told}");
    }
}

#[test]
fn a_wrong_password_and_a_registry_that_is_gone_are_told_apart() {
    let mut registry = Registry::with_password();
    let home = home();
    register(&home, "dev", registry.host(), &["--connector=bad"]);
    let (steps, finished) = verify(&home, 4, &["dev"]);
    assert_eq!(steps, outcomes(4, true));
    assert!(finished.stderr.contains(r#""code":"auth""#), "{finished}");
    let told = home.run(&["registry", "verify", "dev", "train", "--push"]);
    assert_eq!(told.code, Some(4), "{told}");
    assert!(told.stdout.contains("failed") && told.stdout.contains("not reached"), "{told}");
    assert!(told.stderr.contains("refused the credentials of `"), "{told}");
    registry.stop();
    let (steps, finished) = verify(&home, 6, &["dev"]);
    assert_eq!(steps, outcomes(4, true));
    assert!(finished.stderr.contains(r#""code":"network""#), "{finished}");
}

#[test]
fn a_token_is_fetched_and_shown_to_the_registry() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let home = home();
    register(&home, "dev", registry.host(), &["--connector=good"]);
    assert_eq!(verify(&home, 0, &["dev"]).0, outcomes(5, false));
    let granted = tokens.granted();
    assert_eq!(granted.len(), 1);
    assert_eq!((granted[0].by.as_str(), granted[0].scopes.len()), ("basic", 0), "{granted:?}");
    // The first one told where tokens are to be had; the second one showed it.
    assert_eq!(registry.requests(), ["GET /v2/", "GET /v2/"]);
    home.ok(&["registry", "connect", "dev", "--connector=bad", "--no-verify"]);
    assert_eq!(verify(&home, 4, &["dev"]).0, outcomes(4, true));
}

#[test]
fn a_repository_that_must_not_be_pushed_to_is_found_out() {
    let tokens = TokenServer::start();
    let registry = Registry::with_tokens(&tokens);
    let home = Home::new();
    home.register("local", registry.host());
    home.docker_login(registry.host(), USER, PASSWORD);
    assert_eq!(verify(&home, 0, &["local", "team/train", "--push"]).0, outcomes(6, false));
    // The credentials are good; only a push is refused.
    assert_eq!(verify(&home, 0, &["local", "locked/train"]).0, outcomes(5, false));
    let (steps, finished) = verify(&home, 4, &["local", "locked/train", "--push"]);
    assert_eq!(steps, outcomes(5, true));
    assert!(finished.stderr.contains("`locked/train`"), "{finished}");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn credentials_of_dockers_configuration_count_and_none_are_told() {
    let registry = Registry::with_password();
    let home = Home::new();
    home.register("local", registry.host());
    let (steps, finished) = verify(&home, 4, &["local"]);
    assert_eq!(steps, outcomes(4, true));
    assert!(finished.stdout.contains("asked without credentials"), "{finished}");
    assert!(finished.stderr.contains("docker login"), "{finished}");
    home.docker_login(registry.host(), USER, WRONG);
    assert_eq!(verify(&home, 4, &["local"]).0, outcomes(4, true));
    home.docker_login(registry.host(), USER, PASSWORD);
    assert_eq!(verify(&home, 0, &["local", "train", "--push"]).0, outcomes(6, false));
}

#[test]
fn a_registry_that_is_open_to_anybody_says_nothing_about_credentials() {
    let registry = Registry::open();
    let home = home();
    register(&home, "dev", registry.host(), &["--connector=bad"]);
    let (steps, finished) = verify(&home, 0, &["dev"]);
    assert_eq!(steps, outcomes(5, false));
    assert!(finished.stdout.contains("has not looked at the credentials"), "{finished}");
    // A wrong password is stored with a warning.
    let again =
        ["registry", "register", "again", "--flavor=vault", "--connector=bad", "--uri", &vault(registry.host())];
    assert!(home.ok(&again).stderr.contains("the credentials are not verified"));
    let read_only = Registry::read_only();
    register(&home, "frozen", read_only.host(), &["--connector=good"]);
    let frozen = home.run(&["registry", "verify", "frozen", "train", "--push"]);
    assert_ne!(frozen.code, Some(0), "{frozen}");
    assert!(frozen.stdout.contains("failed"), "{frozen}");
}

#[test]
fn a_flavor_that_needs_a_connector_says_so_before_anything_is_sent() {
    let registry = Registry::with_password();
    let home = home();
    register(&home, "dev", registry.host(), &[]);
    let (steps, finished) = verify(&home, 4, &["dev"]);
    assert_eq!(steps, outcomes(3, true));
    assert!(finished.stderr.contains("no connector"), "{finished}");
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_question_that_makes_no_sense_is_refused() {
    let home = home();
    register(&home, "dev", "localhost:1", &["--connector=good"]);
    home.fails(3, &["registry", "verify", "prod"]).says("`dev`");
    home.fails(2, &["registry", "verify", "dev", "localhost:2/vault/train"]).says("`localhost:1/vault`");
    home.fails(2, &["registry", "verify", "dev", "NOT A NAME"]);
    let without_image = home.run(&["registry", "verify", "dev", "--push"]);
    assert_eq!((without_image.code, without_image.stdout.as_str()), (Some(2), ""), "{without_image}");
}
