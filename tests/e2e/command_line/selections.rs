//! Parts of results: `-o name`, `--json`, `--jq` and `--format`.

use std::time::Duration;

use serde_json::json;

use crate::support::programs::crhost::{Home, program};
use crate::support::programs::process;

/// A user with two registries.
fn home() -> Home {
    let home = Home::new();
    home.register("dev", "localhost:5000/team");
    home.register("prod", "localhost:5001/acme");
    home
}

#[test]
fn every_part_of_a_list_and_of_one_result_is_shown_as_it_is_asked_for() {
    let home = home();
    let list = ["registry", "list"];
    for (options, shown) in [
        (&["-o", "name"][..], "dev\nprod\n"),
        (&["--format", "name"], "dev\nprod\n"),
        (
            &["--json", "uri,name", "--jq", ".[] | [.name, .uri] | @tsv"],
            "dev\tlocalhost:5000/team\nprod\tlocalhost:5001/acme\n",
        ),
        (&["--jq", ".registries | length"], "2\n"),
        (&["--jq", ".registries[] | select(.name | test(\"^p\"))| {name}"], "{\"name\":\"prod\"}\n"),
        (&["--jq", "empty"], ""),
        (&["--format", "{{.name}} is {{.URI}}"], "dev is localhost:5000/team\nprod is localhost:5001/acme\n"),
        (&["--format", r"table {{.name}}\t{{.flavor}}"], "NAME  FLAVOR\ndev   default\nprod  default\n"),
        (&["--flavor", "quay", "-o", "name"], ""),
    ] {
        assert_eq!(home.ok(&[&list[..], options].concat()).stdout, shown, "{options:?}");
    }
    let picked = home.ok(&["registry", "list", "--json", "uri,name"]).json();
    assert_eq!(picked[0], json!({ "uri": "localhost:5000/team", "name": "dev" }));
    assert_eq!(home.ok(&["registry", "describe", "dev", "--json", "name"]).json(), json!({ "name": "dev" }));
    assert_eq!(
        home.ok(&["registry", "list", "--format", "json"]).stdout,
        home.ok(&["registry", "list", "-o", "json"]).stdout
    );
}

#[test]
fn what_makes_or_changes_something_has_a_name_too() {
    let home = Home::new();
    let register = ["registry", "register", "dev", "--flavor=default", "--uri=localhost:5000", "-o", "name"];
    assert_eq!(home.ok(&register).stdout, "dev\n");
    let connector = ["connector", "register", "me", "--type=docker", "--username=a", "--password=b", "--no-verify"];
    let made = home.ok(&[&connector[..], &["-o", "name"]].concat());
    assert_eq!(made.stdout, "me\n");
    // What is no part of the result is told in words.
    assert!(made.stderr.contains("warning: a secret on the command line"), "{made}");
    assert_eq!(home.ok(&["connector", "list", "--type", "docker", "-o", "name"]).stdout, "me\n");
    assert_eq!(home.ok(&["registry", "rename", "dev", "prod", "--jq", ".name"]).stdout, "prod\n");
    assert!(home.ok(&["flavor", "list", "-o", "name"]).stdout.lines().any(|name| name == "default"));
    let listed = home.ok(&["registry", "list", "-o", "name"]);
    let removed = home.ok(&["registry", "remove", listed.stdout.trim(), "-o", "name"]);
    assert_eq!(removed.stdout, "prod\n");
}

#[test]
fn of_a_push_the_name_is_shown_or_any_part_and_its_story_is_told() {
    let (home, _) = Home::with_image();
    let (_server, host) = home.serve();
    let push = ["push", "oci:layout:v1", "--to", &host, "--as", "train"];
    let named = home.ok(&[&push[..], &["-o", "name"]].concat());
    assert_eq!(named.stdout, home.ok(&push).stdout);
    let digest = home.ok(&[&push[..], &["--jq", ".digest"]].concat());
    assert!(digest.stdout.starts_with("sha256:") && named.stdout.contains(digest.stdout.trim()), "{digest}");
    assert!(digest.stderr.contains("pushed") || digest.stderr.contains("unchanged"), "{digest}");
}

#[test]
fn a_wrong_choice_is_answered_before_anything_is_done() {
    let home = Home::new();
    let register = ["registry", "register", "dev", "--flavor=default", "--uri=localhost:5000"];
    for (options, words) in [
        (&["--json", "nam"][..], "did you mean `name`? fields: `commands`, `connector`, "),
        (&["--json"], "fields: `commands`, `connector`, "),
        (&["--format", "{{.nam}}"], "has no field `nam`"),
        (&["--format", "{{.name"], "`{{` without `}}`"),
        (&["--jq", ".["], "the filter of `--jq`: expected closing bracket"),
        (&["--jq", "env"], "there is no filter `env`"),
        (&["--jq", "$ENV.HOME"], "there is no variable `$ENV`"),
        (&["--jq", "input"], "there is no filter `input`"),
        (&["--jq", "include \"/etc/x\"; ."], "module loading"),
        (&["--jq", ".", "--format", "{{.name}}"], "excludes"),
    ] {
        home.fails(2, &[&register[..], options].concat()).says(words);
    }
    home.fails(2, &["man", "--json", "name"]).says("`crhost man` prints no JSON");
    assert_eq!(home.ok(&["registry", "list", "-o", "name"]).stdout, "");
    let refused = home.run(&["registry", "list", "--json", "nam", "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!((refused.code, &error["error"]["code"]), (Some(2), &json!("usage")), "{refused}");
}

#[test]
fn a_filter_that_would_never_end_or_take_all_memory_is_stopped() {
    let home = home();
    for (filter, words) in [
        ("[range(1000000000000)] | length", "memory"),
        ("reduce range(1000000000000) as $i (0; . + $i)", "it took more than 5 s"),
        ("repeat(\"x\" * 1000000)", "its answer has more than 4 MiB"),
        ("def f: 1 + f; f", "calls itself too deeply"),
        (".registries.name", "cannot"),
    ] {
        let refused = home.fails(2, &["registry", "list", "--jq", filter]).says(words);
        refused.within(Duration::from_secs(7));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = home();
    let mut shell = home.other("sh");
    shell.args(["-c", "\"$0\" registry list --jq 'range(100000)' | head -n 1; echo \"${PIPESTATUS:-}\""]);
    let ended = process::run(shell.arg(program())).ok();
    assert_eq!((ended.stdout.lines().next(), ended.stderr.as_str()), (Some("0"), ""), "{ended}");
}

#[test]
fn what_a_filter_shows_does_no_harm_to_a_terminal() {
    let home = home();
    let shown = home.ok(&["registry", "list", "--jq", r#""\u001b[2J", "::error::x", {a: "\u009b2J"}"#]);
    shown.printable();
    assert_eq!(shown.stdout, "\\u{1b}[2J\n\\u{3a}:error::x\n{\"a\":\"\\u009b2J\"}\n");
}
