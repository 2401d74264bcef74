//! A flavor that answers with a host of its own, whatever was typed: nothing is sent there unless the user said so.

use std::fs;

use crate::support::fakes::listener::Listener;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::terminal::{self, Session};

/// Spellings of `ghcr.io/acme`, or nearly so. All but the last few begin with what is no host to a careless reader.
const SPELLINGS: [&str; 36] = [
    "https://ghcr.io/acme",
    "http://ghcr.io/acme",
    "docker://ghcr.io/acme",
    "https:/ghcr.io/acme",
    "https:ghcr.io/acme",
    "//ghcr.io/acme",
    "/ghcr.io/acme",
    "./ghcr.io/acme",
    "../ghcr.io/acme",
    "user@ghcr.io/acme",
    "user:password@ghcr.io/acme",
    "@ghcr.io/acme",
    " ghcr.io/acme",
    "ghcr.io /acme",
    "ghcr.io/acme ",
    "\tghcr.io/acme",
    "ghcr.io\t/acme",
    "ghcr.io\n/acme",
    "ghcr.io\u{a0}/acme",
    "ghcr.io\u{200b}/acme",
    "\u{feff}ghcr.io/acme",
    "ghcr.io./acme",
    "ghcr..io/acme",
    "ghcr.io:/acme",
    "ghcr.io:0/acme",
    "ghcr.io:x/acme",
    "ghcr-.io/acme",
    "[ghcr.io]/acme",
    "ghcr。io/acme",
    "ghcr.io,/acme",
    "ghcr.io?/acme",
    "ghcr.io#/acme",
    "ghcr.io\\acme",
    "ghcr.io%2facme",
    "",
    "/",
];

/// A warning in crhost's own words.
const FORGED: &str = "`acme` is read as `ghcr.io/acme` by flavor `drawback`";

/// A home with a flavor whose registry is always the listener, and a connector `mine` of its own type.
fn home(listener: &Listener) -> Home {
    let uri = format!("127.0.0.1:{}/evil", listener.port());
    let text = format!(
        r#"
;; Connector type, name, summary, fields, hosts, implicit.
(data (i32.const 1052) (i32 5000 1))
(data (i32.const 5000) (i32 5060 4  5064 3  48 13  0 0  0 0  0))
(data (i32.const 5060) "test" "key")
;; Credentials: Alice's.
(data (i32.const 4008) (i32 2  0  80 5  0 96 6))
;; Yes, at the listener, with 63 warnings.
(data (i32.const 5100) (i32 0  5200 {}  6000 63))
(data (i32.const 5200) "{uri}")
(data (i32.const 6000) (i32 {}))
(data (i32.const 7000) "{FORGED}")
(func (export "crhost:flavor/flavor@0.1.0#validate-uri") (param i32 i32) (result i32)
  (i32.const 5100))"#,
        uri.len(),
        format!("7000 {} ", FORGED.len()).repeat(63),
    );
    let home = Home::new();
    fs::write(home.path("drawback.wasm"), components::flavor(&text)).unwrap();
    home.ok(&["flavor", "register", "drawback.wasm"]);
    home.ok(&["connector", "register", "mine", "--type=test", "--auth-method=key", "--no-verify"]);
    home
}

/// A server that would take any credentials.
fn listener() -> Listener {
    Listener::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn register<'a>(name: &'a str, uri: &'a str) -> [&'a str; 7] {
    ["registry", "register", name, "--flavor=drawback", "--uri", uri, "--connector=mine"]
}

#[test]
fn no_spelling_of_a_host_brings_a_credential_to_another() {
    let listener = listener();
    let home = home(&listener);
    home.register("kept", "localhost:1");
    for spelling in SPELLINGS {
        home.fails(2, &register("x", spelling));
        home.fails(2, &["registry", "update", "kept", "--uri", spelling]);
    }
    // Spelled well, the host stays, whatever the flavor says.
    for host in ["ghcr.io/acme", "docker.io/acme", "index.docker.io/acme", "localhost:5000/evil", "127.0.0.1/evil"] {
        let refused = home.fails(7, &register("x", host)).says("which is another host");
        assert!(!refused.hint().contains("/evil"), "the flavor's registry is recommended{}", *refused);
    }
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"].as_array().unwrap().len(), 1);
    assert_eq!(listener.connections(), 0);
}

#[test]
fn credentials_follow_a_host_that_the_flavor_chose_only_with_the_users_word() {
    let listener = listener();
    let home = home(&listener);
    let (chosen, host) = (format!("127.0.0.1:{}/evil", listener.port()), format!("127.0.0.1:{}", listener.port()));
    for word in ["acme", "acme/team", "ghcr"] {
        let refused = home.fails(2, &register("x", word)).says(&format!("is read as `{chosen}`"));
        assert!(refused.hint().contains(&format!("would go to `{host}`")), "{}", *refused);
        home.fails(2, &[&register("x", word)[..], &["--no-verify"]].concat());
    }
    // Without a connector it is told; one that comes later is asked about as well, and one of a copy.
    home.ok(&["registry", "register", "x", "--flavor=drawback", "--uri=acme"]);
    home.ok(&["registry", "copy", "x", "copy"]);
    home.ok(&["registry", "rename", "copy", "y"]);
    for name in ["x", "y"] {
        let refused = home.fails(2, &["registry", "connect", name, "--connector=mine"]).says(&chosen);
        assert!(refused.hint().contains(&format!("crhost registry update {name} --uri {chosen}")), "{}", *refused);
        home.fails(2, &["registry", "connect", name, "--connector=mine", "--no-verify"]);
        home.fails(2, &["registry", "update", name, "--connector=mine"]);
        home.fails(2, &["registry", "update", name, "--uri=acme", "--connector=mine"]);
    }
    assert_eq!(listener.connections(), 0);
    // Whoever types the host itself means it.
    home.ok(&["registry", "update", "x", "--uri", &chosen]);
    home.ok(&["registry", "connect", "x", "--connector=mine"]);
    assert!(listener.connections() > 0);
}

#[test]
fn a_person_is_asked_before_credentials_go_to_a_host_that_the_flavor_chose() {
    let listener = listener();
    let home = home(&listener);
    let question = format!("send the credentials of connector `mine` to `127.0.0.1:{}`?", listener.port());
    let Session { code, screen } = terminal::converse(home.command(&register("x", "acme")), &[(&question, "n")]);
    assert_eq!((code, listener.connections()), (Some(1), 0), "{screen}");
    home.fails(3, &["registry", "describe", "x"]);
    let Session { code, screen } = terminal::converse(home.command(&register("x", "acme")), &[(&question, "y")]);
    assert_eq!(code, Some(0), "{screen}");
    assert!(listener.connections() > 0);
    // The agreement is stored.
    home.ok(&["registry", "connect", "x", "--connector=mine"]);
}

#[test]
fn crhost_s_own_words_stand_apart_from_those_of_a_flavor() {
    let listener = listener();
    let home = home(&listener);
    let uri = format!("127.0.0.1:{}/evil", listener.port());
    let told = home.ok(&["registry", "register", "x", "--flavor=drawback", "--uri=acme"]);
    let lines: Vec<&str> = told.stderr.lines().collect();
    assert_eq!(lines[0], format!("warning: `acme` is read as `{uri}` by flavor `drawback`"), "{told}");
    assert_eq!(lines.iter().filter(|line| **line == format!("warning: {FORGED}")).count(), 0, "{told}");
    let framed = format!("warning: flavor `drawback`: {FORGED}");
    assert_eq!(lines.iter().filter(|line| **line == framed).count(), 5, "{told}");
    assert!(told.stderr.contains("flavor `drawback` has 58 more warnings"), "{told}");
    let json = home.ok(&["registry", "register", "y", "--flavor=drawback", "--uri=acme", "-o", "json"]);
    let value = json.json();
    assert_eq!(value["warnings"], serde_json::json!([format!("`acme` is read as `{uri}` by flavor `drawback`")]));
    assert_eq!(value["flavorWarnings"].as_array().unwrap().len(), 63);
    assert_eq!(json.stderr, "");
    let verified = home.run(&["registry", "verify", "x"]);
    assert!(!verified.stdout.contains(FORGED) && verified.stderr.contains(&framed), "{verified}");
}
