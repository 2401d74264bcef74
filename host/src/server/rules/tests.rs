use serde_json::{Value, json};

use super::file::ParseError;
use super::*;
use crate::server::token::Caller;

const ISSUER: &str = r#"
[[issuer]]
name = "github"
url = "https://token.actions.githubusercontent.com"
audience = "https://crhost.example"
"#;

const RULE: &str = r#"
[[rule]]
name = "train"
issuer = "github"
claims = { repository = "acme/train", ref = ["refs/heads/main", "refs/tags/*"], "/kubernetes.io/namespace" = "ci" }
allow = ["push", "pull"]
registries = "prod"
repositories = ["acme/train", "acme/train/*"]
"#;

fn rules() -> Rules {
    Rules::parse(&format!("{ISSUER}{RULE}")).unwrap()
}

fn caller(changes: &Value) -> Caller {
    let mut claims =
        json!({"repository": "acme/train", "ref": "refs/heads/main", "kubernetes.io": {"namespace": "ci"}});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    Caller { issuer: "github".parse().unwrap(), subject: "s".into(), claims }
}

fn against(caller: &Caller, operation: Operation, registry: &str, repository: Option<&str>) -> Option<Mismatch> {
    let (rules, registry) = (rules(), registry.parse().unwrap());
    let repository = repository.map(|repository| repository.parse().unwrap());
    let wanted = Wanted { operation, registry: &registry, repository: repository.as_ref() };
    match rules.decide(caller, wanted) {
        Decision::Allowed(_) => None,
        Decision::Denied(against) => Some(against[0].1.clone()),
    }
}

#[test]
fn what_is_wrong_in_a_file_is_said_in_words_of_the_file() {
    let said = |from: &str, to: &str| match Rules::parse(&format!("{ISSUER}{RULE}").replace(from, to)).unwrap_err() {
        ParseError::Toml(reason) => reason.to_string(),
        ParseError::Rules(error) => error.to_string(),
    };
    let list = said("registries = \"prod\"", "registries = 7");
    assert!(list.contains("expected a pattern or a list of patterns"), "{list}");
    assert!(said("https://crhost.example", " ").contains("empty audience"));
    assert!(said("repository = \"acme/train\"", "\"\" = \"acme/train\"").contains("empty name"));
    assert!(said("registries = \"prod\"", "registries = \"\"").contains("no pattern"));
    for (from, to, expected) in [
        ("\"acme/train/*\"", "\"acme**\"", "whole parts"),
        ("\"acme/train/*\"", "\"ACME/*\"", "small letters"),
        ("\"acme/train/*\"", "\"/acme/train\"", "single slashes"),
        ("registries = \"prod\"", "registries = \"prod/a\"", "name of a registry"),
        ("/kubernetes.io/namespace", "/a/~2", "JSON pointer"),
        ("claims = {", "claims = { sub = \"**\" } # ", "everybody"),
        ("claims = {", "claims = { sub = [\"a\", \"*\"] } # ", "everybody"),
    ] {
        let said = said(from, to);
        assert!(said.contains(expected), "`{said}` says nothing of `{expected}`");
    }
    said("name = \"github\"", "name = \"\"");
    said("issuer = \"github\"", "issuer = \"\"");
}

#[test]
fn what_a_rule_says_is_allowed_and_nothing_else() {
    let usual = caller(&json!({}));
    assert_eq!(against(&usual, Operation::Push, "prod", Some("acme/train")), None);
    assert_eq!(against(&usual, Operation::Pull, "prod", Some("acme/train/cpu")), None);
    let list = caller(&json!({"ref": ["refs/heads/other", "refs/tags/v3"]}));
    assert_eq!(against(&list, Operation::Push, "prod", Some("acme/train")), None);
    assert_eq!(against(&usual, Operation::Delete, "prod", Some("acme/train")), Some(Mismatch::Operation));
    assert_eq!(against(&usual, Operation::Push, "dev", Some("acme/train")), Some(Mismatch::Registry));
    for other in [Some("acme/train2"), Some("acme/train/a/b"), Some("acme"), None] {
        assert_eq!(against(&usual, Operation::Push, "prod", other), Some(Mismatch::Repository), "{other:?}");
    }
    for (name, value) in [
        ("repository", json!("acme/other")),
        ("repository", json!("x/acme/train")),
        ("ref", json!("refs/tags/a/b")),
        ("ref", json!(["refs/heads/evil"])),
        ("ref", json!({"refs/heads/main": true})),
        ("ref", Value::Null),
        ("kubernetes.io", json!({"namespace": "other"})),
    ] {
        let other = caller(&json!({name: value}));
        let found = against(&other, Operation::Push, "prod", Some("acme/train"));
        assert!(matches!(found, Some(Mismatch::Claim(_))), "{name}: {value}");
    }
    let of_another = Caller { issuer: "gitlab".parse().unwrap(), ..usual };
    assert_eq!(against(&of_another, Operation::Push, "prod", Some("acme/train")), Some(Mismatch::Issuer));
}

#[test]
fn a_rule_that_an_earlier_one_makes_needless_is_found() {
    let named = |name: &str| RULE.replace("\"train\"", &format!("\"{name}\""));
    let narrower = named("narrower").replace("[\"acme/train\", \"acme/train/*\"]", "\"acme/train/cpu\"");
    let wider = named("wider").replace("\"prod\"", "[\"prod\", \"dev\"]");
    let lasting = format!("{}long-lived = true\n", named("lasting"));
    let rules = Rules::parse(&format!("{ISSUER}{RULE}{narrower}{wider}{lasting}")).unwrap();
    let found: Vec<_> =
        rules.needless().iter().map(|(rule, by)| (rule.name.to_string(), by.name.to_string())).collect();
    assert_eq!(found, [("narrower".to_owned(), "train".to_owned())]);
}

#[test]
fn two_stars_alone_are_the_whole_registry() {
    let text = format!("{ISSUER}{}", RULE.replace(r#"["acme/train", "acme/train/*"]"#, r#""**""#));
    let (rules, registry) = (Rules::parse(&text).unwrap(), "prod".parse().unwrap());
    let wanted = Wanted { operation: Operation::Pull, registry: &registry, repository: None };
    assert!(matches!(rules.decide(&caller(&json!({})), wanted), Decision::Allowed(_)));
}

#[test]
fn a_file_that_says_too_much_or_too_little_is_refused() {
    for (wrong, expected) in [
        (RULE.replace("claims = {", "claims = {} # "), "no claim"),
        (RULE.replace(r#"issuer = "github""#, r#"issuer = "gitlab""#), "`gitlab`"),
        (RULE.replace(r#"["push", "pull"]"#, "[]"), "operations"),
        (RULE.replace(r#"["push", "pull"]"#, r#"["pusch"]"#), "line 11"),
        (RULE.replace("allow", "alow"), "alow"),
        (RULE.replace(r#""prod""#, r#""[""#), "line"),
        (format!("{RULE}{RULE}"), "two rules"),
        (ISSUER.to_owned(), "two issuers"),
        (ISSUER.replace("https", "http").replace("\"github\"", "\"x\""), "https"),
    ] {
        let error = match Rules::parse(&format!("{ISSUER}{wrong}")) {
            Ok(_) => panic!("it was accepted: {wrong}"),
            Err(ParseError::Toml(reason)) => reason.to_string(),
            Err(ParseError::Rules(error)) => error.to_string(),
        };
        assert!(error.contains(expected), "`{error}` says nothing of `{expected}`");
    }
}

#[test]
fn an_issuer_is_one_of_tokens_or_of_certificates() {
    const MACHINES: &str = "[[issuer]]\nname = \"machines\"\nca-file = \"/ca.pem\"\n";
    let rule = |claims: &str| {
        RULE.replace("claims = {", &format!("claims = {claims} # ")).replace("\"github\"", "\"machines\"")
    };
    let parsed = Rules::parse(&format!("{ISSUER}{MACHINES}{}", rule("{ uri = \"spiffe://acme/build/*\" }"))).unwrap();
    assert_eq!((parsed.issuers.len(), parsed.authorities.len()), (1, 1));
    let claims = json!({"uri": ["x", "spiffe://acme/build/7"]});
    let caller = Caller { issuer: "machines".parse().unwrap(), subject: "s".into(), claims };
    let (registry, repository) = ("prod".parse().unwrap(), "acme/train".parse().unwrap());
    let wanted = Wanted { operation: Operation::Push, registry: &registry, repository: Some(&repository) };
    assert!(matches!(parsed.decide(&caller, wanted), Decision::Allowed(_)));
    let beside = ISSUER.replace("\"github", "\"hub").replace("audience =", "keys-file = \"keys.json\"\naudience =");
    Rules::parse(&format!("{ISSUER}{beside}")).unwrap();
    for (text, expected) in [
        (format!("{MACHINES}audience = \"x\"\n"), "one of both"),
        (ISSUER.replace("audience", "# "), "no `audience`"),
        (ISSUER.replace("url", "# "), "no `url`"),
        (MACHINES.replace("ca-file", "ca-fil"), "ca-fil"),
        (format!("{MACHINES}{}", rule("{ cn = \"builder\" }")), "demands `cn`"),
        (format!("{MACHINES}{}", rule("{ common-name = \"*\" }")), "everybody"),
        (format!("{MACHINES}{MACHINES}"), "two issuers"),
        (
            format!("{MACHINES}{}", MACHINES.replace("\"machines", "\"racks")),
            "`machines` and `racks` have the same ca-file",
        ),
        (
            format!("{ISSUER}{}", ISSUER.replace("\"github", "\"hub")),
            "`github` and `hub` have the same url and audience",
        ),
    ] {
        let said = match Rules::parse(&text).unwrap_err() {
            ParseError::Toml(reason) => reason.to_string(),
            ParseError::Rules(error) => error.to_string(),
        };
        assert!(said.contains(expected), "`{said}` says nothing of `{expected}`");
    }
}

#[test]
fn a_rule_that_is_removed_holds_no_longer_and_neither_do_those_of_a_broken_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.toml");
    std::fs::write(&path, format!("{ISSUER}{RULE}")).unwrap();
    let file = RulesFile::open(path.clone()).unwrap();
    assert_eq!(file.now().unwrap().rules.len(), 1);
    std::fs::write(&path, ISSUER).unwrap();
    assert_eq!(file.now().unwrap().rules.len(), 0);
    std::fs::write(&path, "[[rule").unwrap();
    assert!(file.now().is_err());
    std::fs::remove_file(&path).unwrap();
    assert!(file.now().is_err());
}
