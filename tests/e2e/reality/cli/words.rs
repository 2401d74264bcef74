//! Every command with wrong input, as text and as JSON.

use std::fs;

use serde_json::Value;

use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::process::Finished;

/// Words of Rust, its libraries and clap that mean nothing to a user.
const JARGON: [&str; 16] = [
    "(os error",
    "panicked",
    "backtrace",
    "::Error",
    "Error {",
    "Error(",
    "Kind(",
    "Some(",
    "invalid digit",
    "invalid socket address",
    "from empty string",
    "target type",
    "version req",
    "For more information",
    "Usage:",
    ".tmp",
];

/// Expects a failure in crhost's form, as text.
#[track_caller]
fn assert_told(refused: &Finished) {
    assert!(refused.code.is_some_and(|code| code != 0) && refused.stdout.is_empty(), "{refused}");
    let count = |word: &str| refused.stderr.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!((count("error: "), count("hint: ")), (1, 1), "{refused}");
    for word in JARGON {
        assert!(!refused.stderr.contains(word), "`{word}` is shown{refused}");
    }
}

/// Expects the same as JSON: lines of JSON alone, the last one the failure.
#[track_caller]
fn assert_told_as_json(refused: &Finished) {
    assert!(refused.stdout.is_empty(), "{refused}");
    let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{refused}"));
    let lines: Vec<Value> = refused.stderr.lines().map(parse).collect();
    let error = lines.last().map(|line| line["error"].clone()).unwrap_or_default();
    assert!(error["message"].is_string() && error["hint"].is_string() && error["code"].is_string(), "{refused}");
    assert_eq!(error["exitCode"].as_i64(), refused.code.map(i64::from), "{refused}");
    for word in JARGON {
        assert!(!refused.stderr.contains(word), "`{word}` is shown{refused}");
    }
}

/// Runs a wrong command line in each form.
#[track_caller]
fn assert_refused(home: &mut Home, words: &[&str]) {
    home.set("CRHOST_OUTPUT", "");
    assert_told(&home.run(words));
    assert_told_as_json(&home.run(&[&["-o", "json"], words].concat()));
    home.set("CRHOST_OUTPUT", "json");
    assert_told_as_json(&home.run(words));
    home.set("CRHOST_OUTPUT", "");
}

/// All commands, from the reference, which is generated from them.
pub(super) fn commands() -> Vec<Vec<String>> {
    let page = fs::read_to_string(repository().join("docs/reference/commands.md")).unwrap();
    let names = page.lines().filter_map(|line| line.strip_prefix("## `crhost ")?.strip_suffix('`'));
    names.map(|name| name.split(' ').map(str::to_owned).collect()).collect()
}

#[test]
fn every_command_refuses_an_unknown_option_in_crhost_s_own_form() {
    let mut home = Home::without_cache();
    let commands = commands();
    assert!(commands.len() > 25, "{commands:?}");
    for command in &commands {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        assert_refused(&mut home, &[&words[..], &["--no-such-flag"]].concat());
        assert_refused(&mut home, &[&words[..], &["-o", "xml"]].concat());
    }
}

#[test]
fn every_kind_of_wrong_input_is_told_in_crhost_s_own_form() {
    let mut home = Home::new();
    home.register("dev", "localhost:1/acme");
    for line in [
        "nosuch",
        "registry nosuch",
        "registry describe",
        "registry describe nowhere",
        "registry register dev --flavor default --uri localhost:1",
        "registry register x --flavor default --uri https://",
        "registry register x --flavor nosuch --uri localhost:1",
        "registry register x --flavor default --uri localhost:1 --option novalue",
        "registry use nowhere",
        "registry remove nowhere",
        "registry rename nowhere x",
        "registry copy nowhere x",
        "registry connect dev --connector nowhere",
        "registry disconnect nowhere",
        "registry update dev --insecure=banana",
        "registry update nowhere --uri localhost:2",
        "registry verify nowhere",
        "connector register --type docker --username=a ci",
        "connector register ci --type dokcer --username=a",
        "connector register ci --type docker --username=a --password=@/nonexistent",
        "connector register ci --type docker --username=a --password=@env:UNSET",
        "connector describe nowhere",
        "prune dev --keep many",
        "prune dev --keep 99999999999999999999",
        "tags dev/train --semver x>",
        "verify dev/train:v1 --key Cargo.toml",
        "connector verify nowhere",
        "connector update nowhere --name x",
        "connector remove nowhere",
        "connector describe-type nosuch",
        "flavor describe nosuch",
        "flavor register nowhere.wasm",
        "flavor register /",
        "flavor grant nosuch --allow-host https://example.com",
        "flavor grant default --allow-host nonsense",
        "flavor wit --contract 9.0.0",
        "flavor inspect nowhere.wasm",
        "flavor inspect nosuch",
        "flavor call nowhere.wasm describe",
        "flavor call nowhere.wasm push",
        "flavor call nowhere.wasm",
        "flavor call nowhere.wasm describe --replay nowhere",
        "flavor call nowhere.wasm describe --input nowhere.json",
        "flavor remove nosuch",
        "key rotate --to nowhere",
        "serve --listen nonsense:port",
        "serve --listen 256.256.256.256:5000",
        "serve --max-size lots",
        "push",
        "push x --to nowhere",
        "push oci:nowhere --to dev --as x:1",
        "push docker-archive:nowhere.tar --to dev --as x:1",
        "push docker-archive:/ --to dev --as x:1",
        "push x --jobs abc",
        "push x --jobs 0",
        "push x --timeout 0",
        "push x --timeout soon",
        "push x --idle-timeout 2h",
        "push x --platform a/b/c/d/e",
        "push x --compression lzma",
        "push x --tag a/b",
        "push x --as :",
        "push x --digest-file /nonexistent/digest",
        "push x --digest-file same --metadata-file ./same",
        "push x --digest-file -",
        "push x --digest-file d --dry-run",
        "push x --to dev --to dev",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_refused(&mut home, &words);
    }
}

#[test]
fn help_that_nobody_asked_for_is_on_standard_output_and_no_failure() {
    let home = Home::without_cache();
    for words in [&[][..], &["registry"], &["-v"], &["help"], &["--help"], &["--version"], &["connector", "-v"]] {
        let helped = home.ok(words);
        assert!(helped.stdout.contains("crhost") && helped.stderr.is_empty(), "{words:?}{helped}");
    }
    assert_told_as_json(&home.run(&["-o", "json"]));
    assert_told_as_json(&home.run(&["registry", "-o", "json"]));
}
