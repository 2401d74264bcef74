//! `crhost login`, `logout` and `auth`: credentials for clients without helpers, and for scripts.

use std::fs;
use std::thread;

use serde_json::{Value, json};

use super::{HELPER, register_alice};
use crate::support::fakes::digitalocean;
use crate::support::fakes::token_server::TokenServer;
use crate::support::judges::needle::Needle;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registration;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

const ALICE: &str = "YWxpY2U6czNjcmV0";

fn read(home: &Home, name: &str) -> Value {
    serde_json::from_slice(&fs::read(home.path(name)).unwrap()).unwrap()
}

#[test]
fn a_login_is_written_where_clients_read_it_and_what_was_there_comes_back() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com/team");
    let before = json!({"auths": {"registry.example.com": {"auth": "b2xkOm9sZA=="}}, "psFormat": "x"});
    home.docker_config(&before);
    let told = home.ok(&["login", "prod", "--no-verify"]);
    assert!(told.stderr.contains("logged in to `registry.example.com` as `alice`"), "{told}");
    assert!(told.stderr.contains("no end of this login is known") && told.stdout.is_empty(), "{told}");
    assert_eq!(read(&home, "docker/config.json")["auths"]["registry.example.com"], json!({"auth": ALICE}));
    // What was there is kept for the logout, and not in clear.
    for secret in ["b2xkOm9sZA==", "old:old"] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
    home.ok(&["logout", "prod"]);
    assert_eq!(read(&home, "docker/config.json"), before);
    home.ok(&["logout", "prod"]);
    // Podman's file, by variable and by option.
    let authfile = home.path("auth.json");
    home.set("REGISTRY_AUTH_FILE", &authfile);
    let told = home.ok(&["connector", "login", "prod", "--no-verify"]);
    let logout = format!("`crhost logout prod --authfile {}`", authfile.display());
    assert!(told.stderr.contains(&logout), "{told}");
    assert_eq!(read(&home, "auth.json"), json!({"auths": {"registry.example.com/team": {"auth": ALICE}}}));
    let told = home.ok(&["login", "prod", "--no-verify", "--authfile", "other.json"]);
    assert!(told.stderr.contains("`crhost logout prod --authfile other.json`"), "{told}");
    assert_eq!(read(&home, "other.json")["auths"]["registry.example.com/team"]["auth"], ALICE);
    assert_eq!(read(&home, "docker/config.json"), before);
}

#[test]
fn no_login_is_written_where_clients_would_not_read_it() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com");
    for (config, helper) in [
        (json!({"credsStore": "desktop"}), "docker-credential-desktop"),
        (json!({"credHelpers": {"registry.example.com": "crhost"}}), "program is not on the PATH"),
    ] {
        home.docker_config(&config);
        home.fails(5, &["login", "prod"]).says(helper);
        assert_eq!(read(&home, "docker/config.json"), config);
    }
    home.fails(5, &["login", "prod"]).says("`crhost docker install prod --directory DIR`");
    home.install(HELPER);
    home.fails(5, &["login", "prod"]).says("no login is needed");
    home.register("open", "open.example.com");
    home.docker_config(&json!({}));
    home.fails(4, &["login", "open"]).says("no credentials for registry `open`");
}

#[test]
fn a_login_is_written_when_the_registry_accepts_it() {
    let registry = Registry::with_password();
    let mut home = Home::new();
    register_alice(&mut home, registry.host());
    registration::with_password(&mut home, "wrong", registry.host(), (USER, "not-hers"));
    registration::with_password(&mut home, "away", "localhost:1", (USER, PASSWORD));
    for login in [&["login", "wrong"][..], &["connector", "login", "wrong-login"]] {
        let refused = home.fails(4, login);
        assert!(!refused.stderr.contains("--no-verify"), "a way to write a wrong password is offered{}", *refused);
    }
    home.fails(6, &["login", "away"]).says("--no-verify");
    assert!(!home.path("docker/config.json").exists());
    home.ok(&["login", "prod"]);
    assert_eq!(read(&home, "docker/config.json")["auths"][registry.host()]["auth"], ALICE);
    home.ok(&["login", "away", "--no-verify"]);
    assert_eq!(read(&home, "docker/config.json")["auths"]["localhost:1"]["auth"], ALICE);
}

#[test]
fn a_login_tells_its_end_and_kept_credentials_are_not_asked_for_again() {
    let (mut home, api) = digitalocean::home();
    home.install(HELPER);
    let asked = || api.requests().iter().filter(|request| request.line.contains("/docker-credentials?")).count();
    let shown = home.ok(&["login", "do", "--no-verify", "-o", "json"]).json();
    assert_eq!((&shown["username"], &shown["loggedIn"]), (&"do".into(), &true.into()));
    assert!(shown["until"].as_str().unwrap().ends_with('Z'), "{shown}");
    assert_eq!(read(&home, "docker/config.json")["auths"]["registry.example.com"]["auth"], "ZG86ZW5kaW5n");
    assert_eq!(asked(), 1);
    // For scripts and clients, and a push finds them, too.
    assert_eq!(home.ok(&["auth", "token", "do"]).stdout, "ending\n");
    assert_eq!(home.ok(&["auth", "token", "do", "-o", "json"]).json()["until"], shown["until"]);
    let (code, answer) = super::ask(&home, &["get"], "registry.example.com");
    assert!(code == 0 && answer.contains("\"Secret\":\"ending\""), "{answer}");
    assert_eq!(asked(), 1);
    home.ok(&["auth", "token", "do", "--fresh"]);
    assert_eq!(asked(), 2);
    let told = home.ok(&["login", "do", "--no-verify"]);
    assert!(told.stderr.contains(" until 20") && !told.stderr.contains("warning"), "{told}");
    Needle::new("ending").assert_not_below(&home.path("crhost"));
}

#[test]
fn clients_that_ask_at_once_have_the_flavor_asked_once() {
    let (mut home, api) = digitalocean::home();
    home.install(HELPER);
    let answers: Vec<(i32, String)> = thread::scope(|scope| {
        let ask = || super::ask(&home, &["get"], "registry.example.com");
        let asking: Vec<_> = (0..20).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|(code, answer)| *code == 0 && answer.contains("\"Secret\":\"ending\"")), "{answers:?}");
    let asked = api.requests().iter().filter(|request| request.line.contains("/docker-credentials?")).count();
    assert_eq!(asked, 1);
}

#[test]
fn a_registry_is_named_by_its_host_and_an_unregistered_one_is_answered_with_its_registration() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com/team");
    for name in ["registry.example.com", "https://registry.example.com/team/", "registry.example.com/team/train"] {
        assert_eq!(home.ok(&["auth", "token", name]).stdout, "s3cret\n", "{name}");
    }
    home.ok(&["login", "registry.example.com", "--no-verify"]);
    assert_eq!(read(&home, "docker/config.json")["auths"]["registry.example.com"], json!({"auth": ALICE}));
    home.ok(&["logout", "registry.example.com"]);
    let register = "crhost registry register NAME --flavor github --uri ghcr.io/acme";
    for command in
        [&["login", "ghcr.io/acme"][..], &["auth", "token", "ghcr.io/acme"], &["auth", "status", "ghcr.io/acme"]]
    {
        home.fails(3, command).says(register);
    }
    // What may be a password is not shown.
    let refused = home.fails(2, &["login", "ann:hunter2@ghcr.io"]);
    assert!(!refused.stderr.contains("hunter2"), "{}", *refused);
}

#[test]
fn the_status_of_a_push_is_asked_for_in_the_repository_that_is_named_or_was_pushed_to_last() {
    let registry = Registry::with_password();
    let (mut home, _) = Home::with_image();
    register_alice(&mut home, registry.host());
    let asked = |arguments: &[&str]| {
        let status = home.ok(&[&["auth", "status", "-o", "json"], arguments].concat()).json();
        assert_eq!(status["registries"][0]["push"], true, "{status}");
        status["registries"][0]["repository"].as_str().unwrap().to_owned()
    };
    let name = |repository: &str| format!("{}/{repository}", registry.host());
    assert_eq!(asked(&["prod", "--push"]), name("crhost-verify"));
    home.ok(&["push", "oci:layout:v1", "--to", "prod", "--as", "team/train"]);
    assert_eq!(asked(&["prod", "--push"]), name("team/train"));
    assert_eq!(asked(&[&name("team/other"), "--push"]), name("team/other"));
    assert_eq!(asked(&["prod", "--push=team/third"]), name("team/third"));
    assert!(registry.requests().iter().any(|request| request == "POST /v2/team/third/blobs/uploads/"));
    assert_eq!(registry.open_uploads(), 0);
    home.fails(2, &["auth", "status", "prod", "--push=Team"]);
}

#[test]
fn scripts_get_the_token_alone_or_with_what_belongs_to_it() {
    let mut home = Home::new();
    register_alice(&mut home, "registry.example.com");
    let token = home.ok(&["auth", "token", "prod"]);
    assert_eq!((token.stdout.as_str(), token.stderr.as_str()), ("s3cret\n", ""));
    let json = home.ok(&["auth", "token", "prod", "-o", "json"]).json();
    assert_eq!((&json["username"], &json["token"], &json["until"]), (&USER.into(), &PASSWORD.into(), &Value::Null));
    home.register("open", "open.example.com");
    home.fails(4, &["auth", "token", "open"]).says("no credentials");
}

#[test]
fn the_status_says_who_i_am_and_what_the_registry_says_to_it() {
    let tokens = TokenServer::start();
    let (good, bad) = (Registry::with_tokens(&tokens), Registry::with_password());
    let mut home = Home::new();
    register_alice(&mut home, good.host());
    registration::with_password(&mut home, "wrong", bad.host(), (USER, "not-hers"));
    let status = home.run(&["auth", "status", "--push", "-o", "json"]);
    assert_eq!(status.code, Some(4), "{status}");
    let shown = &status.json()["registries"];
    let seen = |number: usize| {
        json!([shown[number]["registry"], shown[number]["username"], shown[number]["accepted"], shown[number]["push"]])
    };
    assert_eq!(seen(0), json!(["prod", USER, true, true]), "{status}");
    assert!(shown[0]["since"].as_str().unwrap().ends_with('Z') && shown[0]["problem"].is_null(), "{status}");
    assert_eq!(seen(1), json!(["wrong", USER, false, null]), "{status}");
    assert!(shown[1]["problem"].as_str().unwrap().contains("refused"), "{status}");
    assert_eq!((good.open_uploads(), good.stored()), (0, 0));
    let table = home.ok(&["auth", "status", "prod"]).stdout;
    assert!(table.contains("REGISTRY") && table.contains(USER), "{table}");
    let read_only = Registry::read_only();
    home.register("ro", read_only.host());
    let status = home.run(&["auth", "status", "ro", "--push", "-o", "json"]);
    assert_eq!(status.json()["registries"][0]["push"], false, "{status}");
}

#[test]
fn skopeo_pushes_with_a_login_that_crhost_wrote() {
    let registry = Registry::with_password();
    let (mut home, image) = Home::with_image();
    register_alice(&mut home, &format!("{}/team", registry.host()));
    let authfile = home.path("auth.json");
    home.ok(&["login", "prod", "--authfile", authfile.to_str().unwrap()]);
    let name = format!("{}/team/train:v1", registry.host());
    let mut skopeo = home.other("skopeo");
    skopeo.args(["--insecure-policy", "copy", "--dest-tls-verify=false", "--authfile"]).arg(&authfile);
    let (code, _, stderr) = process::with_input(skopeo.args(["oci:layout:v1", &format!("docker://{name}")]), "");
    assert_eq!(code, 0, "{stderr}");
    crate::support::judges::skopeo::assert_same(registry.access(), &name, &image);
}

#[test]
fn credentials_that_have_ended_already_are_told_with_a_word_about_the_clock() {
    let home = Home::new();
    let over = components::flavor(include_str!("../../hostile/output/gives_what_has_expired.wat"));
    fs::write(home.path("over.wasm"), over).unwrap();
    home.ok(&["flavor", "register", "over.wasm"]);
    home.ok(&["registry", "register", "over", "--flavor=drawback", "--uri=localhost:5000/team"]);
    for command in [&["auth", "token", "over"][..], &["login", "over", "--no-verify"]] {
        let told = home.ok(command);
        let says = |words: &str| assert!(told.stderr.contains(words), "no `{words}`{told}");
        says("warning: these credentials have ended already");
        says("hint: `date -u` shows whether this machine's clock is right");
    }
    // What is told is no part of what a script gets.
    assert_eq!(home.ok(&["auth", "token", "over"]).stdout, "s3cret\n");
}
