//! Grants: consent at a registration, and how grants are stored, shown and revoked.

use std::fs;

use serde_json::{Value, json};

use crate::support::fakes::listener::Listener;
use crate::support::http1::answer;
use crate::support::programs::crhost::Home;
use crate::support::programs::guest;
use crate::support::programs::prober::{self, Prober, notes};
use crate::support::programs::process;
use crate::support::programs::terminal::{self, Session};

/// The hosts that the prober asks for.
const ASKED: [&str; 4] =
    ["https://*.wild.example", "https://granted.example", "https://localhost", "https://{registry}"];
const REGISTER: [&str; 3] = ["flavor", "register", "it.wasm"];

/// A home with the prober's component as `it.wasm`.
fn home() -> Home {
    let home = Home::new();
    fs::copy(prober::component(), home.path("it.wasm")).unwrap();
    home
}

/// Puts other bytes in the place of `it.wasm`: a flavor that asks for `renamed.example` where the first one asked for
/// `granted.example`.
fn replace_bytes(home: &Home) {
    let (old, new) = (b"https://granted.example", b"https://renamed.example");
    let mut bytes = fs::read(home.path("it.wasm")).unwrap();
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(old)).collect();
    assert!(!places.is_empty(), "the component doesn't hold the name of a host as it is");
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    fs::write(home.path("it.wasm"), bytes).unwrap();
}

/// A command with more arguments.
fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

fn described(home: &Home, flavor: &str) -> Value {
    home.ok(&["flavor", "describe", flavor, "-o", "json"]).json()
}

/// Each pattern that is granted, and whether the user wrote it.
fn granted(home: &Home, flavor: &str) -> Vec<(String, bool)> {
    let described = described(home, flavor);
    let grants = described["grants"].as_array().unwrap().iter();
    let mut grants: Vec<_> = grants
        .map(|grant| (grant["pattern"].as_str().unwrap().to_owned(), grant["written"].as_bool().unwrap()))
        .collect();
    grants.sort();
    grants
}

fn all_asked() -> Vec<(String, bool)> {
    ASKED.map(|pattern| (pattern.to_owned(), false)).to_vec()
}

#[test]
fn without_a_terminal_the_user_says_what_is_granted() {
    let home = home();
    let refused = home.fails(2, &REGISTER).says("--yes").says("--allow-host PATTERN");
    for host in ASKED {
        assert!(refused.error().contains(&format!("`{host}`")), "{}", *refused);
    }
    assert!(refused.stderr.contains("Asks to send    "), "{}", *refused);
    home.fails(3, &["flavor", "describe", "prober"]);
    home.ok(&with(&REGISTER, &["--yes"]));
    assert_eq!(granted(&home, "prober"), all_asked());
}

#[test]
fn a_user_who_names_hosts_grants_these_and_no_others() {
    let home = home();
    let hosts = ["--allow-host=https://granted.example", "--allow-host=HTTP://127.0.0.1:80"];
    let registered = home.ok(&with(&REGISTER, &hosts));
    assert!(registered.stderr.contains("warning: it asks to reach `https://*.wild.example`"), "{registered}");
    // What it asked for is granted as it asked, no more; what the user thought of is the user's own.
    let expected = [("http://127.0.0.1".to_owned(), true), ("https://granted.example".to_owned(), false)];
    assert_eq!(granted(&home, "prober"), expected);
    let shown = home.ok(&["flavor", "describe", "prober"]).stdout;
    let why = |host: &str| shown.lines().find(|line| line.starts_with(host)).unwrap_or_else(|| panic!("{shown}"));
    assert!(why("http://127.0.0.1").ends_with("you wrote it"), "{shown}");
    assert!(why("https://granted.example").ends_with("asked for, and you agreed"), "{shown}");
    assert!(
        shown.lines().any(|line| line.contains("https://{registry}") && line.ends_with("asked for, not granted")),
        "{shown}"
    );
}

#[test]
fn other_bytes_are_asked_for_again() {
    let home = home();
    home.ok(&with(&REGISTER, &["--yes"]));
    home.ok(&["flavor", "grant", "prober", "--allow-host=https://mine.example"]);
    home.ok(&["flavor", "grant", "prober", "--allow-private-host=https://localhost"]);
    let before = described(&home, "prober");
    // The same ones have nothing new to ask, and what the user wrote is not undone by what is asked.
    for again in [&[][..], &["--yes"]] {
        home.ok(&with(&REGISTER, again));
        assert_eq!(described(&home, "prober")["grants"], before["grants"]);
    }
    replace_bytes(&home);
    home.fails(5, &REGISTER).says("--replace");
    home.fails(5, &with(&REGISTER, &["--yes"])).says("--replace");
    let refused = home.fails(2, &with(&REGISTER, &["--replace"])).says("--yes");
    let line = |host: &str| refused.stderr.lines().find(|line| line.contains(host)).unwrap().to_owned();
    assert_eq!(line("New hosts"), "New hosts       `https://renamed.example`");
    let asked = refused.stderr.lines().find(|line| line.contains("GET") && line.contains("renamed.example"));
    assert!(asked.is_some_and(|line| line.ends_with("  (new)")), "{}", *refused);
    assert_eq!(refused.stderr.matches("(new)").count(), 2, "{}", *refused);
    assert_eq!(line("mine.example"), "Keeps           https://mine.example  (you wrote it)");
    assert!(refused.stderr.contains("In place of     version 0.1.0 (sha256:"), "{}", *refused);
    let still = described(&home, "prober");
    assert_eq!((&still["digest"], &still["grants"]), (&before["digest"], &before["grants"]));
    // Agreed: what was written is kept, what is no longer asked for is gone.
    home.ok(&with(&REGISTER, &["--replace", "--yes"]));
    assert_ne!(described(&home, "prober")["digest"], before["digest"]);
    let expected = [
        ("https://*.wild.example", false),
        ("https://localhost", true),
        ("https://mine.example", true),
        ("https://renamed.example", false),
        ("https://{registry}", false),
    ];
    assert_eq!(granted(&home, "prober"), expected.map(|(pattern, written)| (pattern.to_owned(), written)));
}

#[test]
fn other_bytes_get_no_more_than_the_hosts_that_are_named() {
    let home = home();
    home.ok(&with(&REGISTER, &["--yes", "--allow-host=https://mine.example"]));
    replace_bytes(&home);
    let replaced = home.ok(&with(&REGISTER, &["--replace", "--allow-host=https://renamed.example"]));
    assert!(!replaced.stderr.contains("Keeps"), "what goes is said to be kept{replaced}");
    assert_eq!(granted(&home, "prober"), [("https://renamed.example".to_owned(), false)]);
}

#[test]
fn what_is_granted_for_one_registry_is_no_other_bytes_without_a_word() {
    let home = Home::new();
    fs::copy(guest::build_with_cargo("drawer"), home.path("it.wasm")).unwrap();
    // A flavor that asks for no host needs no consent.
    home.ok(&REGISTER);
    let registry =
        ["registry", "register", "top", "--flavor=drawer", "--uri=localhost:5000/drawer", "--option=password=x"];
    home.ok(&with(&registry, &["--allow-host=http://127.0.0.1:5557"]));
    let expected = json!([{"registry": "top", "pattern": "http://127.0.0.1:5557", "written": true, "secrets": false}]);
    assert_eq!(described(&home, "drawer")["registryGrants"], expected);
    // The same flavor with a section that says nothing: other bytes.
    let mut bytes = fs::read(home.path("it.wasm")).unwrap();
    bytes.extend(b"\0\x05\x04note");
    fs::write(home.path("it.wasm"), bytes).unwrap();
    let digest = described(&home, "drawer")["digest"].clone();
    home.fails(2, &with(&REGISTER, &["--replace"])).says("`http://127.0.0.1:5557`");
    assert_eq!(described(&home, "drawer")["digest"], digest);
    let replaced = home.ok(&with(&REGISTER, &["--replace", "--yes"]));
    let kept = "Keeps           http://127.0.0.1:5557 for registry `top`  (you wrote it)\n";
    assert!(replaced.stderr.contains(kept), "{replaced}");
    assert_eq!(described(&home, "drawer")["registryGrants"], expected);
}

#[test]
fn at_a_terminal_the_user_is_asked() {
    let home = home();
    let register = |keys: &str| {
        let question = "Register flavor `prober` and grant it these operations?";
        terminal::converse(home.command(&REGISTER), &[(question, keys)])
    };
    let Session { code, screen } = register("n");
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("flavor `prober` was not registered"), "{screen}");
    assert!(screen.contains("Asks to send    "), "{screen}");
    home.fails(3, &["flavor", "describe", "prober"]);
    // Enter alone is no consent.
    assert_eq!(register("\r").code, Some(1));
    home.fails(3, &["flavor", "describe", "prober"]);
    let Session { code, screen } = register("y");
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(granted(&home, "prober"), all_asked());
}

#[test]
fn what_is_granted_is_taken_away_by_its_name() {
    let home = home();
    home.ok(&with(&REGISTER, &["--yes"]));
    let grant = ["flavor", "grant", "prober"];
    home.ok(&with(&grant, &["--allow-host=https://mine.example:8443", "--allow-secret-host=https://vault.example"]));
    let refused = home.fails(3, &with(&grant, &["--revoke=https://mine.example", "--allow-host=https://more.example"]));
    assert!(refused.error().contains("`https://mine.example` is not granted to flavor `prober`"), "{}", *refused);
    assert!(refused.hint().contains("`https://mine.example:8443`"), "{}", *refused);
    // What was asked for is taken away like anything else; a pattern has many spellings and is one.
    let revoked =
        home.ok(&with(&grant, &["--revoke=HTTPS://Mine.Example:8443", "--revoke=https://granted.example:443"]));
    assert!(!revoked.stderr.contains("mine.example") && !revoked.stderr.contains("more.example"), "{revoked}");
    let expected = [
        ("https://*.wild.example", false),
        ("https://localhost", false),
        ("https://vault.example", true),
        ("https://{registry}", false),
    ];
    assert_eq!(granted(&home, "prober"), expected.map(|(pattern, written)| (pattern.to_owned(), written)));
    let shown = home.ok(&["flavor", "describe", "prober"]).stdout;
    let vault = shown.lines().find(|line| line.starts_with("https://vault.example")).unwrap();
    assert!(vault.contains(" yes "), "{shown}");
    home.fails(3, &["flavor", "grant", "nowhere", "--allow-host=https://mine.example"]).says("`nowhere`");
    // A flavor that is forgotten takes its grants with it.
    home.ok(&["flavor", "remove", "prober"]);
    home.ok(&with(&REGISTER, &["--allow-host=https://granted.example"]));
    assert_eq!(granted(&home, "prober"), [("https://granted.example".to_owned(), false)]);
}

#[test]
fn what_is_no_pattern_is_refused_with_the_reason() {
    let home = home();
    let own = granted(&home, "default");
    for (pattern, reason) in [
        ("granted.example", "expected `https://HOST[:PORT]`"),
        ("*", "expected `https://HOST[:PORT]`"),
        ("wss://granted.example", "expected `https://HOST[:PORT]`"),
        ("https://*", "its last two labels have to be written out"),
        ("https://*.com", "its last two labels have to be written out"),
        ("https://gra*.example.com", "its host is neither a name nor an address"),
        ("https://granted.example/v2", "and nothing else"),
        ("https://user@granted.example", "and nothing else"),
        ("https://granted.example:0", "no number from 1 to 65535"),
        ("https://127.1", "no address as `127.0.0.1`"),
        ("http://*.example.com", "plain `http` is for one exact host"),
        ("http://{registry}", "plain `http` is for one exact host"),
        ("https://grün.example", "its host is neither a name nor an address"),
        // It is read as it is shown, with the control character escaped.
        ("https://\u{1b}[2J.example", "its host is neither a name nor an address"),
    ] {
        for command in [
            &REGISTER[..],
            &["flavor", "grant", "default"],
            &["registry", "register", "x", "--flavor=default", "--uri=localhost:5000"],
        ] {
            for option in ["--allow-host", "--allow-secret-host", "--allow-private-host"] {
                let refused = home.run(&with(command, &[option, pattern]));
                assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused}");
                assert!(refused.stderr.contains(reason) && refused.stderr.contains(option), "{refused}");
            }
        }
    }
    home.fails(3, &["flavor", "describe", "prober"]);
    assert_eq!(granted(&home, "default"), own);
}

#[test]
fn built_in_flavors_are_granted_hosts_too() {
    let home = Home::new();
    let grant = ["flavor", "grant", "default"];
    let (own, others) = (granted(&home, "default"), granted(&home, "dockerhub"));
    home.fails(3, &with(&grant, &["--revoke=https://mine.example"]));
    let said = home.ok(&with(&grant, &["--allow-host=https://mine.example"]));
    assert_eq!(said.stderr, "flavor `default` is granted `https://mine.example`\n");
    let with_mine = [&[("https://mine.example".to_owned(), true)], &own[..]].concat();
    assert_eq!(granted(&home, "default"), with_mine);
    assert_eq!(granted(&home, "dockerhub"), others);
    let said = home.ok(&with(&grant, &["--revoke=https://mine.example"]));
    assert_eq!(said.stderr, "flavor `default` is granted no host but those that it asks for\n");
    assert_eq!(granted(&home, "default"), own);
}

#[test]
fn the_last_runs_of_a_flavor_are_known() {
    let prober = Prober::new(&["--yes"]);
    let server = Listener::answering(answer("200 OK", "", "hello"));
    prober.home.ok(&["flavor", "grant", "prober", "--allow-host", &format!("http://localhost:{}", server.port())]);
    let request = format!("GET http://localhost:{}/ times=3\nGET https://evil.example/", server.port());
    let name = prober.tell(&request, &[]);
    assert_eq!(notes(&process::run(&mut prober.push(&name)).ok()).len(), 2);
    let runs = described(&prober.home, "prober")["runs"].clone();
    let run = |run: &Value| (run["function"].as_str().unwrap().to_owned(), run["requests"].as_u64().unwrap());
    let known: Vec<_> = runs.as_array().unwrap().iter().map(run).collect();
    let expected = [("credentials", 0), ("prepare-image-push", 4), ("validate-uri", 0), ("describe", 0)];
    assert_eq!(known, expected.map(|(function, requests)| (function.to_owned(), requests)));
    for run in runs.as_array().unwrap() {
        assert_eq!(run["outcome"], "done");
        assert!(run["microseconds"].as_u64() > Some(0) && run["memory"].as_u64() > Some(0), "{run}");
    }
    // For people, and after a refusal.
    let name = prober.tell("GET https://evil.example/", &["--option=then=failure"]);
    prober.home.fails(4, &["push", "oci:layout:v1", "--to", &name]);
    let shown = prober.home.ok(&["flavor", "describe", "prober"]).stdout;
    let newest = shown.lines().skip_while(|line| !line.starts_with("LAST RUNS")).nth(1).unwrap();
    let words: Vec<&str> = newest.split_whitespace().collect();
    assert_eq!((&words[..2], words[words.len() - 1]), (&["prepare-image-push", "refused"][..], "1"), "{shown}");
}
