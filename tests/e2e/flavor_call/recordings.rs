//! Recordings of calls: what the real service answered, without secrets, in place of the network.

use parking_lot::Mutex;
use std::fs;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use serde_json::{Value, json};

use super::home_with;
use crate::support::fakes::web::Web;
use crate::support::judges::needle::Needle;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::prober;

/// What the service issues: in a form that has to be escaped in URLs.
const TOKEN: &str = "tOken/of+the_service=4Lq9";
const PASSWORD: &str = "pAssword-of&the~author/7Zt2";

/// A service that issues a token, and says who asks with a password; with the authorisations that it was shown.
fn service() -> (Web, Arc<Mutex<Vec<String>>>) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let keep = |headers: &HeaderMap, heard: &Mutex<Vec<String>>| {
        let value = headers.get("authorization").and_then(|value| value.to_str().ok());
        heard.lock().push(value.unwrap_or("none").to_owned());
    };
    let at = |answer: Value| {
        let heard = Arc::clone(&heard);
        get(move |headers: HeaderMap| async move {
            keep(&headers, &heard);
            answer.to_string()
        })
    };
    let router = Router::new()
        .route("/token", at(json!({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300})))
        .route("/whoami", at(json!("alice of the vault")))
        .route("/things", at(json!({"things": ["a", "b"], "echo": format!("it was {TOKEN}")})));
    (Web::serve(router), heard)
}

/// Asserts that neither secret is in any file of a home, in whatever form.
#[track_caller]
fn assert_silent(home: &Home) {
    for secret in [TOKEN, PASSWORD] {
        Needle::new(secret).assert_not_below(&home.path("recorded"));
    }
}

#[test]
fn a_call_is_recorded_without_its_secret_and_repeated_without_the_service() {
    let mut home = home_with(&fs::read(guest::build_with_cargo("vault")).unwrap());
    home.set("VAULT_PASSWORD", PASSWORD);
    let (web, heard) = service();
    let office = format!("http://{}", web.host());
    let option = format!("--option=office={office}");
    let identify = ["flavor", "call", "it.wasm", "identify", "--auth-method=password", "--field=username=alice"];
    let more = ["--field=password=@env:VAULT_PASSWORD", &option, "--allow-secret-host", &office];
    let recorded = home.ok(&[&identify[..], &more, &["--record", "recorded"]].concat());
    assert_eq!(recorded.stdout, "identity: \"alice of the vault\"\n");
    drop(web);
    assert_silent(&home);
    let names: Vec<_> = fs::read_dir(home.path("recorded")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().any(|name| name == "01-get-localhost-whoami.json"), "{names:?}");
    let exchange = fs::read_to_string(home.path("recorded/01-get-localhost-whoami.json")).unwrap();
    assert!(exchange.contains("\"authorization\": \"Basic ${alice:password}\""), "{exchange}");
    // The whole call again: its arguments are recorded, too.
    let replayed = home.ok(&["flavor", "call", "it.wasm", "--replay", "recorded", "-o", "json"]).json();
    assert_eq!(replayed["answer"]["identity"], "\"alice of the vault\"");
    assert_eq!(replayed["replay"], json!({"mismatches": [], "unused": [], "differences": []}));
    assert_eq!(heard.lock().len(), 1, "the replay asked the service");
    // By hand, a field may name a source: the replay and the test read it alike.
    edit_call(&home, |call| call["input"]["fields"]["password"] = "@env:VAULT_PASSWORD".into());
    home.ok(&["flavor", "call", "it.wasm", "--replay", "recorded"]);
    let test = ["flavor", "test", "it.wasm", "--fixtures", "recorded", "-o", "json"];
    let replayed = |report: &Value| {
        let rules = report["rules"].as_array().unwrap();
        let rule = rules.iter().find(|entry| entry["rule"] == "fixtures-replayed").unwrap();
        rule["outcome"].clone()
    };
    let tested = home.run(&test);
    assert_eq!(replayed(&serde_json::from_str(&tested.stdout).unwrap()), "passed", "{tested}");
    edit_call(&home, |call| call["input"]["fields"]["password"] = "@env:NOT_SET".into());
    for command in [&test[..5], &["flavor", "call", "it.wasm", "--replay", "recorded"]] {
        home.fails(2, command).says("names an environment variable that is not set");
    }
}

/// A recording of the prober, which asks for a token and then for things with it.
fn recorded_prober() -> Home {
    let home = home_with(&fs::read(prober::component()).unwrap());
    let (web, heard) = service();
    let host = format!("http://{}", web.host());
    let requests =
        format!("--option=requests=GET {host}/token & GET {host}/things?page=1 header:authorization=Bearer\\s{TOKEN}");
    let prepare = ["flavor", "call", "it.wasm", "prepare-image-push", "--registry=localhost:5000/r", "--image=train"];
    home.ok(&[&prepare[..], &[&requests, "--allow-host", &host, "--record", "recorded"]].concat());
    assert_eq!(heard.lock().last().unwrap(), &format!("Bearer {TOKEN}"));
    home
}

/// Changes the recorded call, as its author may.
fn edit_call(home: &Home, edit: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    let path = home.path("recorded/call.json");
    let mut call = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    edit(&mut call);
    fs::write(&path, serde_json::to_string(&call).unwrap()).unwrap();
}

#[test]
fn what_a_service_issued_has_a_stand_in_that_fits_wherever_it_stands() {
    let home = recorded_prober();
    assert_silent(&home);
    let read =
        |name: &str| -> Value { serde_json::from_slice(&fs::read(home.path("recorded").join(name)).unwrap()).unwrap() };
    let stand_in = "stand-in-1-for-access-token";
    assert_eq!(read("01-get-localhost-token.json")["response"]["json"]["access_token"], stand_in);
    let things = read("02-get-localhost-things.json");
    assert_eq!(things["request"]["headers"]["authorization"], format!("Bearer {stand_in}"));
    assert_eq!(things["response"]["json"]["echo"], format!("it was {stand_in}"));
    // The prober tells the sizes of answers, and a stand-in has its own.
    edit_call(&home, |call| drop(call.remove("answer")));
    let replayed = home.ok(&["flavor", "call", "it.wasm", "--replay", "recorded", "-o", "json"]).json();
    assert_eq!(replayed["replay"], json!({"mismatches": [], "unused": [], "differences": []}));
    assert_eq!(replayed["requests"][1]["status"], 200);
}

#[test]
fn a_recording_changes_nothing_that_it_did_not_write() {
    let home = recorded_prober();
    let call: Value = serde_json::from_slice(&fs::read(home.path("recorded/call.json")).unwrap()).unwrap();
    let option = format!("--option=requests={}", call["input"]["options"]["requests"].as_str().unwrap());
    let record = |into: &'static str| {
        let prepare = ["flavor", "call", "it.wasm", "prepare-image-push", "--registry=localhost:5000/r"];
        [&prepare[..], &["--image=train", &option, "--yes", "--record", into]].concat()
    };
    // By hand: notes beside exchanges, and a call.
    for (directory, name, text) in [
        ("recorded", "03-notes.json", "{}"),
        ("by-hand", "call.json", r#"{"export": "describe", "input": {}, "time": 1}"#),
    ] {
        fs::create_dir_all(home.path(directory)).unwrap();
        fs::write(home.path(directory).join(name), text).unwrap();
        let before = fs::read_dir(home.path(directory)).unwrap().count();
        let arguments = record(directory);
        let refused = home.fails(5, &arguments).says(&format!("`{directory}/{name}` has a name that recordings write"));
        assert!(!refused.stderr.contains("request:"), "{}", *refused);
        assert_eq!(fs::read_to_string(home.path(directory).join(name)).unwrap(), text);
        assert_eq!(fs::read_dir(home.path(directory)).unwrap().count(), before);
    }
}

#[test]
fn the_directory_of_several_recordings_names_them() {
    let home = recorded_prober();
    fs::create_dir(home.path("fixtures")).unwrap();
    fs::rename(home.path("recorded"), home.path("fixtures/token")).unwrap();
    let refused = home.fails(2, &["flavor", "call", "it.wasm", "--replay", "fixtures"]);
    assert!(refused.error().ends_with("but directories that do: `fixtures/token`"), "{}", *refused);
    assert!(refused.hint().contains("`--replay fixtures/token`"), "{}", *refused);
}

#[test]
fn a_replay_says_what_differs_and_what_is_left() {
    let home = recorded_prober();
    let call: Value = serde_json::from_slice(&fs::read(home.path("recorded/call.json")).unwrap()).unwrap();
    let requests = call["input"]["options"]["requests"].as_str().unwrap().replace("page=1", "page=2");
    let option = format!("--option=requests={requests}");
    // The call has an answer, which is shown, too.
    let refused = home.run(&["flavor", "call", "it.wasm", "--replay", "recorded", &option]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("\nerror: no recorded exchange answers `GET http://localhost:"), "{refused}");
    for words in ["nearest: 02-get-localhost-things.json", "query parameter `page` is `2`, recorded `1`"] {
        assert!(refused.stderr.contains(words), "`{words}` is missing{refused}");
    }
    assert!(refused.stderr.contains("warning: `02-get-localhost-things.json` answered no request"), "{refused}");
    // A file that holds no exchange, and a directory without a call.
    fs::write(home.path("recorded/03-x.json"), "{}").unwrap();
    home.fails(2, &["flavor", "call", "it.wasm", "--replay", "recorded"]).says("03-x.json` is no recorded exchange");
    fs::create_dir(home.path("empty")).unwrap();
    home.fails(2, &["flavor", "call", "it.wasm", "--replay", "empty"]).says("no `call.json` that names an export");
    home.fails(3, &["flavor", "call", "it.wasm", "--replay", "nowhere"]).says("there is no fixture `nowhere`");
}

#[test]
fn a_replay_says_what_of_the_answer_differs() {
    let home = home_with(&components::flavor(""));
    home.ok(&["flavor", "call", "it.wasm", "validate-uri", "localhost:5000/team", "--record", "recorded"]);
    edit_call(&home, |call| drop(call.insert("answer".to_owned(), json!({"uri": "localhost:5000/old"}))));
    let replayed = home.run(&["flavor", "call", "it.wasm", "--replay", "recorded"]);
    assert_eq!(replayed.code, Some(1), "{replayed}");
    let words = "`answer.uri` is `localhost:5000/team`, recorded `localhost:5000/old`";
    assert!(replayed.stderr.contains(&format!("error: the call does not end as recorded: {words}\n")), "{replayed}");
    let replayed = home.run(&["flavor", "call", "it.wasm", "--replay", "recorded", "-o", "json"]);
    let shown: Value = serde_json::from_str(&replayed.stdout).unwrap();
    let expected = json!([{"member": "answer.uri", "recorded": "localhost:5000/old", "now": "localhost:5000/team"}]);
    assert_eq!(shown["replay"]["differences"], expected);
    // Other arguments have another answer, and a call without a recorded end is a call alone.
    home.ok(&["flavor", "call", "it.wasm", "validate-uri", "localhost:5000/x", "--replay", "recorded"]);
    edit_call(&home, |call| drop(call.remove("answer")));
    home.ok(&["flavor", "call", "it.wasm", "--replay", "recorded"]);
}

#[test]
fn a_call_that_fails_as_it_was_recorded_is_as_its_author_expects_it() {
    let home = home_with(&fs::read(prober::component()).unwrap());
    let prepare = ["flavor", "call", "it.wasm", "prepare-image-push", "--registry=localhost:5000/r", "--image=train"];
    let more =
        ["--option=requests=GET https://granted.example/x", "--option=then=failure", "--yes", "--record=recorded"];
    home.fails(6, &[&prepare[..], &more].concat());
    let replay = ["flavor", "call", "it.wasm", "--replay", "recorded"];
    let replayed = home.ok(&replay);
    assert!(replayed.stderr.contains("failed as recorded: flavor `prober`"), "{replayed}");
    edit_call(&home, |call| drop(call.insert("failure".to_owned(), json!({"code": "auth"}))));
    home.fails(1, &replay).says("`failure.code` is `network`, recorded `auth`");
    edit_call(&home, |call| {
        call.remove("failure");
        call.insert("answer".to_owned(), json!({"notes": []}));
    });
    home.fails(1, &replay).says("`failure` is `network: flavor `prober`");
}

/// A flavor that warns of eight random letters.
const RANDOM: &str = r#"(import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param $uri i32) (param $length i32) (result i32)
  (local $bytes i32)
  (i32.store (i32.const 2004) (local.get $uri))
  (i32.store (i32.const 2008) (local.get $length))
  (i32.store (i32.const 2012) (i32.const 5000))
  (i32.store (i32.const 2016) (i32.const 1))
  (call $random (i64.const 8) (i32.const 6000))
  (local.set $bytes (i32.load (i32.const 6000)))
  (i64.store (local.get $bytes) (i64.add (i64.const 0x6161616161616161)
    (i64.and (i64.load (local.get $bytes)) (i64.const 0x0f0f0f0f0f0f0f0f))))
  (i32.store (i32.const 5000) (local.get $bytes))
  (i32.store (i32.const 5004) (i32.const 8))
  (i32.const 2000))"#;

#[test]
fn random_numbers_of_a_replay_are_those_of_the_recording() {
    let home = home_with(&components::flavor(RANDOM));
    let letters = |more: &[&'static str]| {
        let called =
            home.ok(&[&["flavor", "call", "it.wasm", "validate-uri", "localhost:5000", "-o=json"], more].concat());
        let letters = called.json()["answer"]["warnings"][0].as_str().unwrap().to_owned();
        assert_eq!(letters.len(), 8, "{letters}");
        letters
    };
    let recorded = letters(&["--record=recorded"]);
    assert_eq!(letters(&["--replay=recorded"]), recorded);
    // Each recording has its own, as each call without one: a service may refuse a nonce that it has seen.
    assert_ne!(letters(&["--record=another"]), recorded);
    assert_ne!(letters(&[]), letters(&[]));
}
