use super::*;

const WHOLE: &str = "\
version: 1
defaults:
  referrers: false
  tags: ['v*']
mirrors:
  - source: docker.io/library
    target: prod/mirror
    repositories:
      - alpine:3.20
      - path: redis
        as: cache/redis
        tags: { semver: '>=7, <8', newest: 3 }
    tags: [latest, 3.10]
  - source: harbor/
    target: ghcr.io/acme
    repositories: ['team/**']
    exclude: ['team/tmp/**']
    referrers: true
    platforms: [linux/amd64, linux/arm64]
    exact: true
    maxDeletes: 20
";

fn problem(text: &str) -> String {
    MirrorFile::parse(text, "mirror.yaml").unwrap_err().to_string()
}

fn with(mirror: &str) -> String {
    let start = "version: 1\nmirrors:\n  - source: docker.io/library\n    target: prod/mirror\n";
    format!("{start}{mirror}\n")
}

#[test]
fn a_file_is_read_with_its_defaults() {
    let file = MirrorFile::parse(WHOLE, "mirror.yaml").unwrap();
    let mirrors: Vec<Mirror> = file.mirrors().collect();
    let [hub, harbor] = mirrors.as_slice() else { panic!("{mirrors:?}") };
    assert_eq!(
        (hub.source.as_str(), hub.target.repository("alpine").as_str()),
        ("docker.io/library", "prod/mirror/alpine")
    );
    assert!(!hub.has_referrers() && !hub.is_exact() && hub.platforms().is_empty());
    let [alpine, redis] = hub.wanted() else { panic!("{:?}", hub.wanted()) };
    assert_eq!(alpine.tags.as_ref().unwrap().literals().unwrap(), ["3.20".parse().unwrap()]);
    assert_eq!(redis.named.as_ref().unwrap().as_str(), "cache/redis");
    assert_eq!(redis.tags.as_ref().unwrap().newest.unwrap().get(), 3);
    assert_eq!(harbor.source.as_str(), "harbor");
    assert!(harbor.has_referrers() && harbor.is_exact());
    assert_eq!((harbor.max_deletes(), harbor.platforms().len()), (20, 2));
    assert!(harbor.wanted()[0].path.matches("team/ml/train") && harbor.exclude.match_any("team/tmp/x"));
    assert!(harbor.tags().matches(&"v1".parse().unwrap()) && !harbor.tags().matches(&"latest".parse().unwrap()));
}

/// `3.10` without quotes is a number in YAML, and 3.1 in programs that read it as one.
#[test]
fn tags_that_look_like_numbers_stay_as_they_are_written() {
    let file = MirrorFile::parse(WHOLE, "mirror.yaml").unwrap();
    let tags = file.mirrors().next().unwrap().tags();
    assert_eq!(tags.literals().unwrap(), ["latest".parse().unwrap(), "3.10".parse().unwrap()]);
}

#[test]
fn a_key_that_is_not_known_is_named_with_its_line_and_the_one_that_was_meant() {
    let typo = problem(&with("    repositories: [alpine]\n    excludes: [x]"));
    assert_eq!(typo, "mirror.yaml:6: unknown key `excludes`; did you mean `exclude`?");
    let inner = problem(&with("    repositories:\n      - path: alpine\n        tagz: [x]"));
    assert_eq!(inner, "mirror.yaml:7: unknown key `tagz`; did you mean `tags`?");
    let filter = problem(&with("    repositories: [alpine]\n    tags:\n      semvar: '1'"));
    assert_eq!(filter, "mirror.yaml:7: unknown key `semvar`; did you mean `semver`?");
    let other = problem("version: 1\nmirrors: []\ncreds: []\n");
    assert_eq!(other, "mirror.yaml:3: unknown key `creds`, expected one of `version`, `defaults`, `mirrors`");
}

#[test]
fn a_value_that_is_wrong_is_named_with_its_line_and_key() {
    for (mirror, told) in [
        (
            "    repositories: [alpine]\n    tags:\n      semver: '>>1'",
            "mirror.yaml:7: `semver`: `>>1` is no range of versions",
        ),
        (
            "    repositories: [alpine]\n    tags:\n      regex: '('",
            "mirror.yaml:7: `regex`: `(` is no regular expression",
        ),
        ("    repositories: [alpine]\n    tags:\n      newest: 0", "mirror.yaml:7: `newest`"),
        ("    repositories: [alpine]\n    tags: ['[a']", "mirror.yaml:6: `tags`: `[a` is no pattern"),
        (
            "    repositories:\n      - alpine\n      - Alpine",
            "mirror.yaml:7: `repositories`: `Alpine` has upper case letters",
        ),
        (
            "    repositories:\n      - alpine@sha256:00",
            "mirror.yaml:6: `repositories`: `alpine@sha256:00` has a digest",
        ),
        ("    repositories: [alpine]\n    platforms: [a/b/c/d]", "mirror.yaml:6: `platforms`"),
        ("    repositories: [alpine]\n    exact: 1", "mirror.yaml:6: `exact`"),
        ("    repositories: alpine", "mirror.yaml:5: `repositories`"),
        ("    repositories: [{path: 'a/*', as: b}]", "mirror.yaml:5: `repositories`: `as` names one repository"),
    ] {
        let problem = problem(&with(mirror));
        assert!(problem.starts_with(told), "{problem}, expected {told}");
    }
}

#[test]
fn what_is_missing_is_named() {
    assert!(
        problem("version: 1\nmirrors:\n  - source: a.example\n    target: prod\n")
            .ends_with("the key `repositories` is missing")
    );
    assert!(problem("mirrors: []\n").ends_with("the key `version` is missing"));
    assert!(problem("version: 1\nmirrors: []\n").ends_with("`mirrors` is empty"));
    assert!(problem("version: 2\nmirrors: []\n").contains("version 2 of the format is not known, expected 1"));
    assert!(problem(&with("    repositories: []")).contains("`repositories` is empty"));
    assert!(problem("").contains("mirror.yaml"));
}

#[test]
fn a_deletion_needs_a_bound() {
    let exact = problem(&with("    repositories: [alpine]\n    exact: true"));
    assert!(exact.contains("`exact: true` deletes, and needs a bound: `maxDeletes: 20`"), "{exact}");
    MirrorFile::parse(&with("    repositories: [alpine]\n    exact: true\n    maxDeletes: 0"), "f").unwrap();
}

#[test]
fn a_key_that_is_there_twice_is_an_error() {
    let twice = problem(&with("    repositories: [alpine]\n    repositories: [redis]"));
    assert!(twice.starts_with("mirror.yaml:6") && twice.contains("`repositories`"), "{twice}");
}

#[test]
fn a_registry_is_a_name_or_a_uri_without_a_scheme() {
    for source in ["https://docker.io", "''", "docker.io/*", "a@b"] {
        let text = format!("version: 1\nmirrors:\n  - source: {source}\n    target: prod\n    repositories: [a]\n");
        let problem = problem(&text);
        assert!(problem.starts_with("mirror.yaml:3: `source`:"), "{problem}");
    }
}
