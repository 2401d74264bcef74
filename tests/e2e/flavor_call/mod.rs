//! `crhost flavor call`: one export of a component that is a file, and nothing stored.

mod inspect;
mod quirks;
mod recordings;

use std::fs;

use crate::support::fakes::github_oidc::GithubOidc;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::prober;
use crate::support::programs::process;

/// A home with a component as `it.wasm`.
fn home_with(component: &[u8]) -> Home {
    let home = Home::new();
    fs::write(home.path("it.wasm"), component).unwrap();
    home
}

/// A home with the prober as `it.wasm`.
fn home() -> Home {
    home_with(&fs::read(prober::component()).unwrap())
}

/// A call of `it.wasm`.
fn call<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["flavor", "call", "it.wasm"], arguments].concat()
}

#[test]
fn an_export_answers_from_a_file_and_nothing_is_stored() {
    let home = home_with(&components::flavor(""));
    let called = home.ok(&call(&["validate-uri", "localhost:5000/team"]));
    assert_eq!(called.stdout, "uri: localhost:5000/team\nwarnings: none\n");
    assert!(called.stderr.lines().any(|line| line.starts_with("used: ") && line.ends_with("0 requests")), "{called}");
    let called = home.ok(&call(&["describe", "-o", "json"])).json();
    assert_eq!(called["answer"]["uriExamples"][0], "localhost:5000");
    assert!(called["memoryBytes"].as_u64().unwrap() > 0 && called["milliseconds"].as_f64().unwrap() >= 0.0);
    let prepared = home.ok(&call(&["prepare-image-push", "--registry=localhost:5000", "--image=train", "-o=json"]));
    assert_eq!(prepared.json()["answer"]["profile"]["deletion"], "unknown");
    home.fails(3, &["flavor", "describe", "drawback"]);
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"].as_array().unwrap().len(), 0);
}

#[test]
fn a_call_reaches_what_this_call_is_granted() {
    let home = home();
    let prepare = |more: &[&'static str]| {
        let requests = "--option=requests=GET https://granted.example/x";
        let arguments = ["prepare-image-push", "--registry=localhost:5000/r", "--image=train:v3", requests];
        call(&[&arguments[..], &["--option=then=failure"], more].concat())
    };
    home.fails(4, &prepare(&[])).says("is not granted").says("`--yes` grants this call all hosts");
    // Granted, and the name is one that no one has.
    let called = home.run(&prepare(&["--yes", "-o", "json"]));
    assert_eq!(called.code, Some(6), "{called}");
    let shown: serde_json::Value = serde_json::from_str(&called.stdout).unwrap();
    assert_eq!(shown["answer"], serde_json::Value::Null);
    assert_eq!(shown["failure"]["code"], "network");
    let request = &shown["requests"][0];
    assert_eq!((&request["method"], &request["url"]), (&"GET".into(), &"https://granted.example/x".into()));
    assert!(request["status"].is_null() && request["error"].as_str().unwrap().contains("granted.example"), "{shown}");
}

#[test]
fn a_secret_is_lent_by_its_source_and_shown_by_its_name() {
    let mut home = home_with(&fs::read(guest::build_with_cargo("leaker")).unwrap());
    home.set("LEAKER_TOKEN", "s3cret-t0ken-of-the-test");
    let credentials = ["credentials", "--registry=localhost:5000/acme", "--auth-method=token", "--yes"];
    let with = |more: &[&'static str]| call(&[&credentials[..], more].concat());
    let refused = home.fails(2, &with(&["--field=token=s3cret-t0ken-of-the-test"]));
    assert!(refused.hint().contains("--field token=@env:VARIABLE"), "{}", *refused);
    assert!(!refused.stderr.contains("s3cret"), "{}", *refused);
    home.fails(2, &with(&["--field=tokn=@env:LEAKER_TOKEN"])).says("`tokn`");
    home.fails(2, &with(&["--field=token=@env:NOT_THERE"])).says("`--field token` names an environment variable");
    home.fails(2, &call(&["identify"])).says("`identify` needs a connector");
    // From a file of arguments, too; its method does not declare a password of the registry.
    let input = r#"{"registry": "localhost:5000/acme", "authMethod": "leaker/token", "fields": {"token": "@env:LEAKER_TOKEN"}}"#;
    fs::write(home.path("input.json"), input).unwrap();
    for arguments in [with(&["--field=token=@env:LEAKER_TOKEN"]), call(&["credentials", "--input=input.json", "--yes"])]
    {
        let refused = home.fails(4, &arguments).says("does not declare this secret as the registry's password");
        assert!(!refused.stderr.contains("s3cret-t0ken"), "{}", *refused);
    }
}

#[test]
fn a_field_takes_an_id_token_of_the_machine() {
    let github = GithubOidc::start();
    let mut home = home_with(&fs::read(guest::build_with_cargo("leaker")).unwrap());
    github.permit(&mut home);
    let credentials = ["credentials", "--registry=localhost:5000/acme", "--auth-method=token", "--yes"];
    let arguments = call(&[&credentials[..], &["--field=token=@oidc:https://acme.example"]].concat());
    let refused = home.fails(4, &arguments).says("does not declare this secret as the registry's password");
    assert_eq!(github.audiences(), ["https://acme.example"]);
    assert!(github.issued().iter().all(|token| !refused.stderr.contains(token.as_str())), "{}", *refused);
    // The method declares no audience.
    home.fails(2, &call(&[&credentials[..], &["--field=token=@oidc"]].concat())).says("audience");
    assert_eq!(github.audiences().len(), 1);
}

#[test]
fn a_trap_tells_where_the_component_was_and_what_it_wrote() {
    let home = home_with(&components::flavor(
        r#"(func $burn (unreachable))
        (func $light_a_match (call $burn))
        (func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
          (call $light_a_match) (i32.const 2000))"#,
    ));
    let failed = home.fails(7, &call(&["validate-uri", "x"])).says("`validate-uri` stopped");
    let stack: Vec<&str> =
        failed.stderr.lines().filter(|line| line.contains(" in ") || line.contains(" by ")).collect();
    assert!(stack[0].starts_with("stopped in burn"), "{}", *failed);
    assert!(stack[1].ends_with("called by light_a_match"), "{}", *failed);
    let shown = home.run(&call(&["validate-uri", "x", "-o", "json"]));
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(shown["stack"][0], "burn");
    assert_eq!(shown["failure"]["code"], "flavor");
}

#[test]
fn a_component_that_stops_while_it_describes_itself_is_shown_as_well() {
    let home = home_with(&components::flavor(include_str!("../../hostile/execution/describe_recurses.wat")));
    let failed = home.fails(7, &call(&["describe"])).says("`describe` filled its stack (512 KiB");
    assert!(failed.stderr.lines().any(|line| line.starts_with("stopped in deeper (32 times")), "{}", *failed);
}

#[test]
fn a_policy_decides_about_what_it_is_given() {
    let home = home_with(&fs::read(guest::build_with_cargo("judge")).unwrap());
    let described = home.ok(&call(&["describe", "-o", "json"])).json();
    assert_eq!(described["answer"]["name"], described["name"]);
    home.fails(2, &call(&["validate-uri", "x"])).says("has no export `validate-uri`");
    home.fails(2, &call(&["admit"])).says("`admit` needs an image");
    let decided = home.ok(&call(&["admit", "--image=ghcr.io/acme/train:v3", "-o", "json"])).json();
    assert!(decided["answer"]["decision"].is_string(), "{decided}");
}

#[test]
fn what_is_no_argument_is_refused_in_a_line() {
    let home = home_with(&components::flavor(""));
    home.fails(2, &call(&["push"])).says("`prepare-image-push`");
    home.fails(2, &call(&["credentials"])).says("`credentials` needs the URI of a registry");
    home.fails(2, &call(&["prepare-image-push", "--registry=localhost:5000"])).says("needs an image");
    home.fails(2, &call(&["list-tags", "--registry=localhost:5000"])).says("`list-tags` needs a repository");
    home.fails(2, &call(&["delete-tag", "--registry=localhost:5000", "--repository=a", "--tag=v1"]))
        .says("does not export `delete-tag`, which is of the optional interface `cleanup`");
    home.fails(2, &call(&["validate-uri", "x", "--input=nowhere.json"])).says("`nowhere.json` can't be read");
    let input = r#"{"registri": "localhost:5000"}"#;
    let piped = process::with_input(&mut home.command(&call(&["credentials", "--input=-"])), input);
    assert_eq!(piped.0, 2);
    assert!(piped.2.contains("unknown field `registri`"), "{}", piped.2);
    home.fails(3, &["flavor", "call", "nowhere.wasm", "describe"]).says("`nowhere.wasm` can't be read");
}
