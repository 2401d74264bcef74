//! What commands write into the audit, and a store that another process has.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;

use super::scene::{OTHER_TOKEN, RULE, Scene, TOKEN, rows};
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};

#[test]
fn each_change_of_a_connector_or_a_flavor_has_one_row_that_says_what_changed_and_no_secret() {
    let Some(scene) = Scene::new() else { return };
    let admin = &scene.admin;
    Connector::new("second", "digitalocean", "token").field("token", "@env:TOKEN").register(admin);
    admin.ok(&["connector", "update", "second", "--no-verify", "--token=@env:OTHER_TOKEN"]);
    admin.ok(&["connector", "remove", "second"]);
    admin.fails(3, &["connector", "remove", "second"]);
    fs::write(admin.path("it.wasm"), components::flavor("")).unwrap();
    let register = ["flavor", "register", "it.wasm", "--allow-host", "https://api.example.com", "-o", "json"];
    let flavor = admin.ok(&register).json()["name"].as_str().unwrap().to_owned();
    admin.ok(&["flavor", "remove", &flavor]);
    let told = rows(admin, &["--last", "5"]);
    let actions: Vec<&str> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
    let expected = ["connector.register", "connector.update", "connector.remove", "flavor.register", "flavor.remove"];
    assert_eq!(actions, expected, "{told:?}");
    for (row, target) in told.iter().zip(["second", "second", "second", &flavor, &flavor]) {
        assert_eq!((&row["target"], &row["outcome"]), (&json!(target), &json!("done")), "{row}");
        assert!(row["actor"]["user"].is_string() && row["actor"]["machine"].is_string(), "{row}");
    }
    let changed = |at: usize| told[at]["changed"].to_string();
    assert!(changed(0).contains("digitalocean") && changed(0).contains("token"), "{}", told[0]);
    assert_eq!(told[1]["changed"], json!(["field `token`"]));
    assert!(changed(3).contains("https://api.example.com"), "{}", told[3]);
    assert!(told[3]["component"].as_str().unwrap().starts_with("sha256:"), "{}", told[3]);
    let whole = admin.ok(&["audit", "-o", "json"]).stdout;
    assert!(!whole.contains(TOKEN) && !whole.contains(OTHER_TOKEN), "a secret is in the audit");
    admin.ok(&["audit", "verify"]);
}

#[test]
fn a_store_that_another_process_has_locked_is_answered_503_until_it_is_free() {
    let Some(scene) = Scene::new() else { return };
    // The server of one machine, with its file.
    let mut home = Home::new();
    home.set("TOKEN", TOKEN);
    Connector::new("me", "digitalocean", "token").field("token", "@env:TOKEN").register(&home);
    let spec = RegistrySpec::new("do", "digitalocean", &format!("{}/acme", scene.proxy.host())).connector("me");
    spec.option("api-endpoint", &scene.api.url()).allow_secret_host(&scene.api.url()).register(&home);
    scene.write_rules(RULE);
    let server = scene.serve_as(&home);
    let wanted = json!({"registry": "do", "repository": "acme/a", "operation": "push"});
    assert_eq!(scene.ask(&server, &scene.token(), &wanted).0, 200);
    let file = home.path("crhost/crhost.db");
    let hold = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); print(); \
                sys.stdout.flush(); sys.stdin.read()";
    let mut holder = Command::new("python3");
    holder.args(["-c", hold]).arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut holder = holder.spawn().unwrap();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let (status, problem) = scene.ask(&server, &scene.token(), &wanted);
    assert_eq!((status, &problem["type"]), (503, &json!("urn:crhost:problem:store")), "{problem}");
    // The file's path is the server's own affair.
    assert!(!problem.to_string().contains("crhost.db"), "{problem}");
    assert!(server.server.log().concat().contains("is locked by another process"), "{:?}", server.server.log());
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(scene.ask(&server, &scene.token(), &wanted).0, 200);
}
