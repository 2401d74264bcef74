//! `crhost flavor test`: a component that is a file, against the rules for flavors.

mod promises;

use std::fs;

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use crate::support::fakes::web::Web;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::prober;
use crate::support::programs::process::{self, Finished};

/// What the service issues.
const TOKEN: &str = "tOken-of-the-service-4Lq9";

/// A home with the prober as `it.wasm`, and in `fixtures/token` a call of it in which it asks for a token.
fn home() -> Home {
    let home = Home::new();
    fs::write(home.path("it.wasm"), fs::read(prober::component()).unwrap()).unwrap();
    let web = Web::serve(Router::new().route("/token", get(|| async { json!({"access_token": TOKEN}).to_string() })));
    let host = format!("http://{}", web.host());
    let request = format!("--option=requests=GET {host}/token");
    let prepare = ["flavor", "call", "it.wasm", "prepare-image-push", "--registry=localhost:5000/r", "--image=train"];
    let record = ["--option=then=silence", &request, "--allow-host", &host, "--record", "fixtures/token"];
    home.ok(&[&prepare[..], &record].concat());
    home
}

/// The recorded call with another option, `HOST` in its value being that of the service.
fn set(home: &Home, option: &str, value: &str) {
    let path = home.path("fixtures/token/call.json");
    let mut call: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let host = call["grants"][0]["pattern"].as_str().unwrap().to_owned();
    call["input"]["options"][option] = value.replace("HOST", &host).into();
    fs::write(path, call.to_string()).unwrap();
}

fn test(home: &Home) -> Finished {
    home.run(&["flavor", "test", "it.wasm", "--fixtures", "fixtures", "-o", "json"])
}

/// The rules that a report says are broken.
#[track_caller]
fn broken(finished: &Finished) -> Vec<String> {
    let report: Value = serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("no report{finished}"));
    let rules = report["rules"].as_array().unwrap();
    let failed = rules.iter().filter(|rule| rule["outcome"] == "failed");
    let failed: Vec<String> = failed.map(|rule| rule["rule"].as_str().unwrap().to_owned()).collect();
    assert_eq!(report["passed"], failed.is_empty());
    assert_eq!(finished.code, Some(if failed.is_empty() { 0 } else { 7 }), "{finished}");
    failed
}

/// The first finding of a rule.
#[track_caller]
fn finding(finished: &Finished, rule: &str) -> String {
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    let found = report["rules"].as_array().unwrap().iter().find(|entry| entry["rule"] == rule).unwrap();
    format!("{}: {}", found["findings"][0]["case"], found["findings"][0]["problem"])
}

#[test]
fn a_flavor_that_keeps_every_rule_passes_with_a_line_for_each() {
    let home = home();
    let tested = home.ok(&["flavor", "test", "it.wasm", "--fixtures", "fixtures"]);
    let lines: Vec<&str> = tested.stdout.lines().collect();
    assert_eq!(lines.len(), 19, "{tested}");
    assert!(lines.iter().all(|line| line.starts_with("passed ") || line.starts_with("untried ")), "{tested}");
    assert!(lines.iter().any(|line| line.starts_with("passed   failures-told")), "{tested}");
    assert!(tested.stderr.contains("flavor `prober` ") && tested.stderr.contains(" 0 failed"), "{tested}");
    // Nothing was stored.
    home.fails(3, &["flavor", "describe", "prober"]);
}

#[test]
fn what_a_flavor_does_wrong_is_told_apart() {
    for (option, value, rule, words) in [
        ("requests", "GET HOST/token & GET HOST/token", "requests-once", "is sent again"),
        ("then", "notes", "secrets-kept", "the answer has what a service issued"),
        ("then", "invention", "failures-told", "the failure is `not-found`, expected `unavailable`"),
        ("then", "bare", "outages-explained", "the failure has no hint, expected the next step: nothing came"),
        ("then", "abort", "calls-end", "`prepare-image-push` stopped"),
        ("requests", "GET HOST/token & GET https://elsewhere.example/", "operations-declared", "elsewhere"),
        ("requests", "GET HOST/token?page=2", "fixtures-replayed", "query parameter `page`"),
        (
            "requests",
            "GET HOST/token & HEAD HOST/token times=65",
            "limits-respected",
            "it sends 64 requests, expected fewer than 64",
        ),
    ] {
        let home = home();
        set(&home, option, value);
        let tested = test(&home);
        assert!(broken(&tested).iter().any(|broken| broken == rule), "{value}{tested}");
        let found = finding(&tested, rule);
        assert!(found.contains(words), "{found}");
        assert!(!tested.stdout.contains(TOKEN), "the token is shown{tested}");
    }
}

#[test]
fn a_report_says_the_case_the_problem_and_where_the_reason_stands() {
    let home = home();
    set(&home, "then", "invention");
    let tested = home.run(&["flavor", "test", "it.wasm", "--fixtures", "fixtures"]);
    assert_eq!(tested.code, Some(7), "{tested}");
    for words in [
        "failed   failures-told        12 cases\n         a failure is of the kind",
        "- `prepare-image-push` of `token`, `GET http://",
        "answered with no connection: the failure is `not-found`, expected `unavailable`",
        "see `crhost help flavor-rules`",
    ] {
        assert!(tested.stdout.contains(words), "`{words}` is missing{tested}");
    }
    assert!(tested.stderr.contains("error: flavor `prober` breaks 3 of 19 rules"), "{tested}");
}

#[test]
fn what_can_not_be_tested_is_said_in_one_line() {
    let home = home();
    fs::create_dir(home.path("empty")).unwrap();
    let with = |fixtures: &'static str| ["flavor", "test", "it.wasm", "--fixtures", fixtures];
    home.fails(2, &with("empty")).says("`empty` holds no recorded call").says("--record DIR");
    home.fails(3, &with("nowhere")).says("there is no fixture `nowhere`").says("--record DIR");
    home.fails(2, &with("it.wasm")).says("fixture `it.wasm` can't be read");
    fs::write(home.path("fixtures/token/01-get-localhost-token.json"), "{").unwrap();
    home.fails(2, &with("fixtures")).says("is no recorded exchange: ");
    fs::write(home.path("other.wasm"), components::flavor("")).unwrap();
    home.fails(2, &["flavor", "test", "other.wasm", "--fixtures", "fixtures"])
        .says("was recorded from `prober`, and this is `drawback`");
    fs::write(home.path("policy.wasm"), fs::read(guest::build_with_cargo("judge")).unwrap()).unwrap();
    home.fails(2, &["flavor", "test", "policy.wasm"]).says("is a policy, expected a flavor");
    fs::write(home.path("core.wasm"), b"\0asm\x01\0\0\0").unwrap();
    home.fails(7, &["flavor", "test", "core.wasm"]).says("core module");
    let half = fs::read(prober::component()).unwrap();
    fs::write(home.path("half.wasm"), &half[..half.len() / 2]).unwrap();
    home.fails(7, &["flavor", "test", "half.wasm"]).says("it is cut off in the middle of a section");
    std::os::unix::fs::symlink("loop.wasm", home.path("loop.wasm")).unwrap();
    home.fails(7, &["flavor", "test", "loop.wasm"]).says("`loop.wasm` can't be read");
    home.fails(3, &["flavor", "test", "nowhere.wasm"]).says("`nowhere.wasm` can't be read");
}

#[test]
fn a_recorded_call_that_is_none_is_said_in_one_line() {
    let home = home();
    let path = home.path("fixtures/token/call.json");
    let call: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let mut mistyped = call.clone();
    mistyped["anwser"] = json!({});
    let with = ["flavor", "test", "it.wasm", "--fixtures", "fixtures"];
    for (content, reason) in [
        (String::new(), "is no recorded call: it is empty"),
        ("[]".to_owned(), "is no recorded call: it is no JSON object"),
        (mistyped.to_string(), "unknown field `anwser`"),
        (format!("{{{}", " ".repeat(9 << 20)), "is no recorded call: it has more than 8 MiB"),
    ] {
        fs::write(&path, content).unwrap();
        home.fails(2, &with).says(reason);
    }
    fs::remove_file(&path).unwrap();
    // Opening a pipe would wait for a writer.
    process::tool("mkfifo", [path.to_str().unwrap()]).ok();
    home.fails(2, &with).says("is no recorded call: it is no regular file");
    home.fails(2, &["flavor", "call", "it.wasm", "--replay", "fixtures/token"]).says("it is no regular file");
}

#[test]
fn a_replay_of_another_flavors_recording_is_refused() {
    let home = home();
    fs::write(home.path("other.wasm"), components::flavor("")).unwrap();
    home.fails(2, &["flavor", "call", "other.wasm", "--replay", "fixtures/token"])
        .says("was recorded from `prober`, and this is `drawback`");
}
