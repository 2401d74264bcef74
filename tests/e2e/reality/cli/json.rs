//! JSON for every command: one result on standard output, nothing but JSON on standard error.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::words::commands;
use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::process::{Finished, Running, Server};
use crate::support::programs::registry::Registry;

/// The names of the members of all objects in a value, but of maps whose names are the user's.
fn members(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, below)| {
            found.push(name.clone());
            // A flavor's description of itself has a schema of its own, as the documents of an image have.
            if name != "description" && name != "document" {
                self::members(below, found);
            }
        }),
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

/// Expects a result, and nothing but JSON beside it.
#[track_caller]
fn assert_json(done: &Finished) -> Value {
    let result = done.json();
    assert_eq!(result["schemaVersion"], 1, "{done}");
    for line in done.stderr.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{done}"));
    }
    let mut names = Vec::new();
    members(&result, &mut names);
    let snake = names.iter().find(|name| name.contains('_'));
    assert_eq!(snake, None, "{done}");
    result
}

/// The commands whose success is seen elsewhere: `serve` goes on, `connector verify` needs a service that answers, and
/// `build` a builder; a credential helper speaks the protocol of Docker, those of `kubernetes` print Kubernetes' own
/// documents, and scripts and manual pages have one form alone.
const ELSEWHERE: [&str; 15] = [
    "export",
    "serve",
    "server",
    "server explain",
    "key rewrap",
    "connector verify",
    "build",
    "docker credential-helper",
    "kubernetes",
    "kubernetes pull-secret",
    "kubernetes credential-provider",
    "kubernetes credential-provider config",
    "kubernetes render",
    "completions",
    "man",
];

#[test]
fn every_command_prints_its_success_as_json() {
    let (registry, mut home) = (Registry::open(), Home::new());
    home.set("CRHOST_OUTPUT", "json");
    home.set("COSIGN_PASSWORD", "of the test");
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    fs::write(home.path("next.wasm"), components::flavor(r#"(data (i32.const 32) "1.1.0")"#)).unwrap();
    let mut seen: BTreeSet<String> = ELSEWHERE.map(str::to_owned).into();
    // Its exit code says what it found; the tests of clusters read its JSON.
    seen.insert("kubernetes credential-provider check".to_owned());
    // It needs an index of several platforms; the tests of changes have one.
    seen.insert("index remove".to_owned());
    // Its exit code says what it found; its own tests read its JSON.
    seen.insert("flavor test".to_owned());
    // It needs a policy; the tests of flavors in registries publish one.
    seen.insert("policy publish".to_owned());
    image_files::layout(&home.path("layout"), &[("v1", &Image::small(here!(), architecture()))]);
    let mirror = "version: 1\nmirrors:\n  - source: dev\n    target: dev/mirror\n    repositories: [train]\n";
    fs::write(home.path("mirror.yaml"), mirror).unwrap();
    let uri = registry.host();
    let team = format!("version = 1\n[registries.team]\nflavor = 'default'\nuri = '{uri}/team'\n");
    fs::write(home.path("team.toml"), team).unwrap();
    for words in [
        &["registry", "register", "dev", "--flavor", "default", "--uri", uri][..],
        &["registry", "list"],
        &["registry", "describe", "dev"],
        &["registry", "verify", "dev", "train"],
        &["registry", "use", "dev"],
        &["registry", "copy", "dev", "two"],
        &["registry", "rename", "two", "three"],
        &["registry", "update", "three", "--insecure"],
        &["registry", "disconnect", "three"],
        &["push", "oci:layout:v1", "--to", "dev", "--as", "train"],
        &["push", "oci:layout:v1", "--to", "dev", "--as", "train", "--quiet"],
        &["push", "oci:layout:v1", "--to", "dev", "--as", "train", "--dry-run"],
        &["push", "oci:layout", "--to", "dev", "--as", "train", "--all"],
        &["prune", "dev/train", "--keep", "1", "--plan", "plan.json"],
        &["prune", "--apply", "plan.json", "--yes"],
        &["pull", "dev/train:v1", "oci:pulled"],
        &["copy", "dev/train:v1", "dev/copied"],
        &["sync", "mirror.yaml"],
        &["generate-key-pair"],
        &["sign", "dev/train:v1", "--key", "cosign.key"],
        &["verify", "dev/train:v1", "--key", "cosign.pub"],
        &["attach", "dev/train:v1", "it.wasm", "--type", "application/wasm"],
        &["referrers", "dev/train:v1", "--tree"],
        &["repos", "dev"],
        &["tags", "dev/train"],
        &["inspect", "dev/train:v1"],
        &["digest", "dev/train:v1"],
        &["config", "dev/train:v1"],
        &["manifest", "dev/train:v1"],
        &["ls-files", "oci:layout:v1", "--layer", "1", "/small"],
        &["diff", "oci:layout:v1", "dev/train:v1"],
        &["tag", "dev/train:v1", "v2"],
        &["annotate", "dev/train:v2", "a=b"],
        &["index", "create", "dev/train:all", "dev/train:v2"],
        &["index", "add", "dev/train:all", "dev/train:v2"],
        &["delete", "dev/train:v2", "--untag", "--dry-run"],
        &["connector", "register", "ci", "--type", "docker", "--username=a", "--password=b"],
        &["registry", "connect", "three", "--connector", "ci", "--no-verify"],
        &["connector", "list"],
        &["connector", "describe", "ci"],
        &["connector", "list-types"],
        &["connector", "describe-type", "docker"],
        &["connector", "list-resources"],
        &["auth", "status"],
        &["auth", "token", "three"],
        &["login", "three"],
        &["connector", "login", "three"],
        &["logout", "three"],
        &["docker", "install", "three", "--directory", "bin"],
        &["docker", "uninstall"],
        &["doctor", "dev"],
        &["plugin", "list"],
        &["version"],
        &["connector", "update", "ci", "--name", "cd"],
        &[
            "connector",
            "register",
            "job",
            "--no-verify",
            "--type=aws",
            "--auth-method=web-identity",
            "--role-arn=arn:aws:iam::123456789012:role/push",
            "--web-identity-token=@oidc",
        ],
        &["connector", "explain", "job", "--issuer=https://a.example", "--subject=b"],
        &["apply", "team.toml", "--dry-run"],
        &["apply", "team.toml", "--yes"],
        &["flavor", "precompile", "default"],
        &["flavor", "list"],
        &["flavor", "new", "acme"],
        &["flavor", "register", "it.wasm", "--yes"],
        &["flavor", "wit"],
        &["flavor", "inspect", "./it.wasm"],
        &["flavor", "call", "it.wasm", "validate-uri", "localhost:5000"],
        &["flavor", "describe", "drawback"],
        &["flavor", "register", "next.wasm", "--yes"],
        &["flavor", "rollback", "drawback"],
        &["flavor", "publish", "it.wasm", "dev/drawback", "--index", "dev/index"],
        &["flavor", "search", "draw", "--index", "dev/index"],
        &["flavor", "update"],
        &["flavor", "trust", "add", "ghcr.io/acme", "--key", "cosign.pub"],
        &["flavor", "trust", "list"],
        &["flavor", "trust", "remove", "ghcr.io/acme"],
        &["flavor", "grant", "default", "--allow-host", "https://example.com"],
        &["flavor", "grant", "default", "--revoke", "https://example.com"],
        &["policy", "register", "no-latest"],
        &["policy", "list"],
        &["policy", "describe", "no-latest"],
        &["policy", "update", "no-latest", "--on", "push"],
        &["policy", "check", "oci:layout:v1", "--to", "three", "--as", "train"],
        &["policy", "disable", "no-latest"],
        &["policy", "enable", "no-latest"],
        &["policy", "delete", "no-latest"],
        &["key", "describe"],
        &["key", "rotate"],
        &["audit", "--last", "1"],
        &["audit", "verify"],
    ] {
        assert_json(&home.ok(words));
        seen.extend((1..=words.len().min(3)).map(|length| words[..length].join(" ")));
    }
    let used = assert_json(&home.ok(&["registry", "use", "three"]));
    assert_eq!((&used["name"], &used["current"]), (&"three".into(), &true.into()));
    for words in [["registry", "remove", "three"], ["connector", "remove", "cd"], ["flavor", "remove", "drawback"]] {
        assert_eq!(assert_json(&home.ok(&words))["removed"], words[2]);
        seen.insert(words[..2].join(" "));
    }
    // The reference is generated from the commands, so that a new one can't be left out here.
    let unseen: Vec<String> =
        commands().iter().map(|words| words.join(" ")).filter(|one| !seen.contains(one)).collect();
    assert!(unseen.is_empty(), "add a line for {unseen:?}");
}

#[test]
fn serve_prints_its_address_as_json_before_it_serves() {
    let home = Home::new();
    let server = Server::start(&mut home.command(&["serve", "--listen", "127.0.0.1:0", "-o", "json"]));
    let url = server.wait_for(|line| {
        let started: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(started["url"].as_str()?.strip_prefix("http://")?.to_owned())
    });
    let answer = std::net::TcpStream::connect(&url);
    assert!(answer.is_ok(), "{url}: {answer:?}");
}

#[test]
fn an_interruption_is_json_where_json_is_asked_for() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let (home, _) = Home::with_image();
    home.register("slow", &host);
    for (signal, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let push = ["push", "oci:layout:v1", "--to", "slow", "--as", "train", "-o", "json"];
        let running = Running::start(&mut home.command(&push));
        // It has connected, so it handles signals.
        let _connection = silent.accept().unwrap();
        running.signal(signal);
        let ended = running.end();
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(code), ""), "{ended}");
        let error: Value = serde_json::from_str(ended.stderr.lines().last().unwrap_or_default()).expect(&ended.stderr);
        assert_eq!((&error["error"]["code"], &error["error"]["exitCode"]), (&"interrupted".into(), &code.into()));
    }
}

#[test]
fn warnings_are_json_where_json_is_asked_for() {
    let home = Home::new();
    let register = ["connector", "register", "ci", "--type", "docker", "--username=a", "--password=b", "-o", "json"];
    let registered = home.ok(&register);
    let lines: Vec<Value> = registered.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["warning"]["message"].is_string()), "{registered}");
}
