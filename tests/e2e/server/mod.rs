//! `crhost server` with PostgreSQL, an issuer of id tokens, and a registry whose passwords end: machines without a
//! secret push by what it gives them.

mod audit;
mod callers;
mod certificates;
mod changes;
mod clocks;
mod day;
mod faults;
mod generated_client;
mod key_faults;
mod key_services;
mod keys;
mod other_commands;
mod pods;
mod rotation;
mod scene;
mod throttled;
mod traces;
mod unit;
mod versions;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::support::fakes::certificates::Authority;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use scene::{ISSUER_NAME, RULE, Scene, TOKEN};

#[test]
fn machines_without_a_secret_push_by_their_id_tokens_and_one_login_serves_all() {
    let Some(scene) = Scene::new() else { return };
    let (one, two) = (scene.serve(), scene.serve());
    for (server, name) in [(&one, "acme/a"), (&one, "acme/a"), (&two, "acme/a")] {
        let runner = scene.runner(server);
        runner.ok(&["push", "oci:layout:v1", "--to", "do", "--as", name.trim_start_matches("acme/")]);
        // Nothing that opens anything is left behind.
        let kept = fs::read_dir(runner.path("crhost")).map_or(0, |files| {
            files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with("crhost.db")).count()
        });
        assert_eq!(kept, 0, "a runner has a store");
    }
    let arrived = format!("{}/acme/a:v1", scene.registry.host());
    skopeo::assert_same(scene.registry.access(), &arrived, &scene.image);
    assert_eq!(scene.proxy.passwords().issued(), 1, "the provider was asked again");
    // The whole name with its host is found as well, and read by the same rights.
    let runner = scene.runner(&one);
    let listed = runner.ok(&["tags", &format!("{}/acme/a", scene.proxy.host())]);
    assert_eq!(listed.stdout.trim(), "v1");
    // So do the commands that examine a registry: they ask the server.
    let verified = runner.ok(&["registry", "verify", "do", "a", "--push"]).stdout;
    assert!(verified.contains("the server has it") && verified.contains("was opened and given up"), "{verified}");
    let whole = runner.run(&["registry", "verify", "do"]);
    assert!(whole.code == Some(4) && whole.stderr.contains("verify do IMAGE"), "{whole}");
    let described = runner.ok(&["registry", "describe", "do"]).stdout;
    assert!(described.contains("the server's") && !described.contains("none"), "{described}");
    let examined = runner.run(&["doctor", "do"]).stdout;
    assert!(examined.contains("the server has it"), "{examined}");
    let refused = runner.fails(1, &["registry", "register", "x", "--flavor", "default", "--uri", "localhost:1"]);
    assert!(refused.error().contains("those of the server"), "{}", refused.error());
    let dump = scene.postgres.dump();
    assert!(dump.contains("credentials") && !dump.contains(TOKEN), "a secret is in the dump");
}

#[test]
fn a_rule_that_is_removed_ends_what_it_allowed_at_once_and_says_who_may_not_what() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let runner = scene.runner(&server);
    let push = ["push", "oci:layout:v1", "--to", "do", "--as", "a"];
    runner.ok(&push);
    scene.write_rules("");
    // The registry is none of the caller's any more.
    runner.fails(3, &push);
    let (status, problem) =
        scene.ask(&server, &scene.token(), &json!({"registry": "do", "repository": "acme/a", "operation": "push"}));
    assert_eq!(status, 403, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("may not push `acme/a` in `do`"), "{problem}");
    scene.write_rules(RULE);
    runner.ok(&push);
    scene.write_rules("[[rule");
    let refused = runner.fails(6, &push);
    assert!(refused.error().contains("rules"), "{}", refused.error());
}

#[test]
fn a_registry_or_connector_that_changes_ends_what_was_given_for_it() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let runner = scene.runner(&server);
    let push = ["push", "oci:layout:v1", "--to", "do", "--as", "a"];
    runner.ok(&push);
    runner.ok(&push);
    assert_eq!(scene.proxy.passwords().issued(), 1);
    scene.admin.ok(&["connector", "update", "me", "--no-verify", "--token=@env:OTHER_TOKEN"]);
    runner.ok(&push);
    assert_eq!(scene.proxy.passwords().issued(), 2);
    scene.admin.ok(&["registry", "remove", "do"]);
    runner.fails(3, &push);
}

#[test]
fn a_server_with_tls_is_proved_before_it_gets_a_token() {
    let Some(scene) = Scene::new() else { return };
    let authority = Authority::new();
    let server = scene.serve_tls(&authority.identity(&["localhost"]));
    let mut runner = scene.runner(&server);
    runner.set("CRHOST_SERVER", format!("https://{}", server.host));
    let push = ["push", "oci:layout:v1", "--to", "do", "--as", "a"];
    let issued = scene.issuer.issued().len();
    runner.fails(6, &push);
    fs::write(runner.path("authority.pem"), authority.pem()).unwrap();
    runner.set("SSL_CERT_FILE", runner.path("authority.pem"));
    runner.ok(&push);
    assert!(scene.issuer.issued().len() > issued);
    // Whoever is on the way could read the token.
    runner.set("CRHOST_SERVER", "http://crhost.example");
    runner.fails(2, &push);
}

#[test]
fn what_a_rule_says_can_be_explained_without_a_server() {
    let Some(scene) = Scene::new() else { return };
    let claims = scene.admin.path("claims.json");
    fs::write(&claims, json!({"repository": "acme/train"}).to_string()).unwrap();
    let explain = |repository: &str| {
        let (rules, claims) = (scene.rules_file(), claims.display().to_string());
        let words = [
            "server",
            "explain",
            "--rules",
            &rules,
            "--issuer",
            ISSUER_NAME,
            "--claims",
            &claims,
            "--operation",
            "push",
            "--registry",
            "do",
            "--repository",
            repository,
            "-o",
            "json",
        ];
        let done = scene.admin.run(&words);
        (done.code, done.json())
    };
    let (code, allowed) = explain("acme/a");
    assert_eq!(code, Some(0));
    assert_eq!((&allowed["allowed"], &allowed["rules"][0]["rule"]), (&json!(true), &json!("train")));
    assert_eq!(allowed["longLived"], json!(false), "{allowed}");
    let (code, denied) = explain("other/a");
    assert_eq!(code, Some(4));
    assert_eq!(denied["allowed"], json!(false));
    assert_eq!(denied["rules"][0]["against"], "is for other repositories");
}

#[test]
fn a_machine_s_doctor_asks_the_server_and_a_missing_token_is_told_with_the_variable() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let examined = scene.runner(&server).run(&["doctor", "-o", "json"]).json();
    let of = |examined: &serde_json::Value, check: &str| {
        let findings = examined["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|finding| finding["check"] == check).unwrap()
    };
    let found = of(&examined, "server");
    assert_eq!(found["state"], "ok", "{examined}");
    assert!(found["found"].as_str().unwrap().ends_with("lets it use `do`"), "{found}");
    assert_eq!(of(&examined, "registry")["state"], "skipped");
    let mut stranger = Home::new();
    stranger.set("CRHOST_SERVER", format!("http://{}", server.host));
    let refused = stranger.fails(4, &["tags", "do/a"]);
    assert!(refused.hint().contains("CRHOST_SERVER_TOKEN"), "{}", refused.hint());
    let found = of(&stranger.run(&["doctor", "-o", "json"]).json(), "server");
    assert_eq!(found["state"], "problem", "{found}");
}

#[test]
fn credentials_without_an_end_are_asked_for_once_where_no_rule_allows_them() {
    let Some(scene) = Scene::new() else { return };
    let host = scene.registry.host().to_owned();
    Connector::new("fixed", "docker", "password")
        .field("username", "ann")
        .field("password", "@env:TOKEN")
        .register(&scene.admin);
    RegistrySpec::new("fixed", "default", &format!("{host}/acme")).connector("fixed").register(&scene.admin);
    let rule = RULE.replace("\"do\"", "\"fixed\"");
    scene.write_rules(&rule);
    let server = scene.serve();
    let wanted = |name: &str| json!({"registry": "fixed", "repository": name, "operation": "pull"});
    for name in ["acme/a", "acme/b", "acme/a"] {
        let (status, problem) = scene.ask(&server, &scene.token(), &wanted(name));
        assert_eq!((status, &problem["type"]), (403, &json!("urn:crhost:problem:long-lived")), "{problem}");
    }
    let numbers = scene.numbers(&server);
    assert!(numbers.contains("crhost_provider_seconds_count 1\n"), "{numbers}");
    scene.write_rules(&format!("{rule}long-lived = true\n"));
    let (status, login) = scene.ask(&server, &scene.token(), &wanted("acme/a"));
    assert_eq!((status, &login["username"]), (200, &json!("ann")), "{login}");
}

#[test]
fn a_server_that_could_not_be_safe_does_not_start() {
    let Some(scene) = Scene::new() else { return };
    let rules = scene.rules_file();
    scene.admin.fails(2, &["server", "--listen", "127.0.0.1:0"]);
    let open = scene.admin.fails(2, &["server", "--rules", &rules, "--listen", "0.0.0.0:0"]);
    assert!(open.error().contains("plain HTTP"), "{}", open.error());
    let file = scene.admin.path("crhost.toml").display().to_string();
    let with_file = scene.admin.fails(2, &["server", "--rules", &rules, "--listen", "127.0.0.1:0", "--config", &file]);
    assert!(with_file.error().contains("its database"), "{}", with_file.error());
    scene.admin.fails(2, &["audit", "--config", &file]);
    scene.admin.fails(2, &["key", "rewrap", "--add"]);
    let equal = scene.admin.path("equal");
    fs::write(&equal, [0; 32]).unwrap();
    fs::set_permissions(&equal, PermissionsExt::from_mode(0o600)).unwrap();
    let equal = scene.admin.fails(2, &["key", "rewrap", &equal.display().to_string()]);
    assert!(equal.error().contains("the same") && equal.hint().contains("random"), "{}", equal.error());
    let keyless = fs::read_to_string(&rules).unwrap().replacen("audience", "keys-file = 'nowhere.json'\naudience", 1);
    fs::write(scene.admin.path("keyless.toml"), keyless).unwrap();
    let keyless = scene.admin.path("keyless.toml").display().to_string();
    let keyless = scene.admin.fails(2, &["server", "--rules", &keyless, "--listen", "127.0.0.1:0"]);
    assert!(keyless.error().contains("nowhere.json"), "{}", keyless.error());
    let mut other = scene.admin_of("other-key");
    let refused = other.fails(4, &["connector", "describe", "me"]);
    assert!(refused.error().contains("other-key"), "{}", refused.error());
    other.set("CRHOST_DATABASE", "postgres://crhost:hunter2@127.0.0.1:1/postgres");
    let unreachable = other.fails(6, &["registry", "list"]);
    assert!(!unreachable.error().contains("hunter2"), "{}", unreachable.error());
}
