//! Every attempt of the thief, with everything logged: no byte of a secret is in what crhost wrote, or at the author's.

use std::fs;

use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::repository;
use crate::thief::{CLIENT_SECRET, SECRET_KEY, Stage, TOKEN, push};

/// Names of attempts that are more than one: what comes before a form.
const SEVERAL: [&str; 2] = ["same-raw", "next-raw"];

/// The attempts that the provider hears of: they are what was declared and granted.
const HEARD: [&str; 12] = [
    "GET /user/me?page=2",
    "GET /user/me",
    "GET /basic",
    "GET /first/x",
    "GET /public/raw",
    "POST /oauth/token",
    "POST /oauth/assert",
    "POST /json",
    "POST /api",
    // An endpoint without a path: nothing of an upload.
    "POST /blobs/uploads/",
    "GET /v2/",
    "HEAD /v2/",
];

/// The names that the thief's sources have.
fn attempts() -> Vec<String> {
    let sources = fs::read_dir(repository().join("tests/guests/thief/src")).unwrap();
    let texts = sources.map(|source| fs::read_to_string(source.unwrap().path()).unwrap()).collect::<String>();
    let is_name =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit());
    let arms = texts.lines().filter_map(|line| line.trim_start().strip_prefix('"')?.split_once("\" =>"));
    let mut names: Vec<String> = arms.map(|(name, _)| name).filter(is_name).map(str::to_owned).collect();
    names.extend(SEVERAL.map(str::to_owned));
    names
}

#[test]
fn no_attempt_leaves_a_trace_of_a_secret() {
    let mut stage = Stage::new();
    stage.home.set("CRHOST_LOG", "trace");
    let lines = stage.pem.lines().filter(|line| !line.starts_with('-')).take(4);
    let secrets: Vec<Needle> = [TOKEN, SECRET_KEY, CLIENT_SECRET].into_iter().chain(lines).map(Needle::new).collect();
    let attempts = attempts();
    assert!(attempts.len() > 80, "only {} attempts are known", attempts.len());
    for (at, attempt) in attempts.iter().enumerate() {
        let format: &[&str] = if at % 2 == 0 { &["-vv"] } else { &["-vv", "-o", "json"] };
        let pushed = stage.home.run(&[&push("thief", attempt)[..], format].concat());
        assert!(matches!(pushed.code, Some(0 | 4 | 7)), "{attempt}: {pushed}");
        for secret in &secrets {
            secret.assert_not_in(&pushed.bytes, &format!("standard output of `{attempt}`"));
            secret.assert_not_in(pushed.stderr.as_bytes(), &format!("standard error of `{attempt}`"));
        }
    }
    let described = stage.home.ok(&["flavor", "describe", "thief", "-o", "json"]);
    for secret in &secrets {
        secret.assert_not_in(&described.bytes, "the flavor's description");
        assert!(secret.assert_not_below(&stage.home.path("")) > 5, "few files were searched");
    }
    // The author heard nothing at all, and the provider what it may hear.
    assert_eq!(stage.own.lines(), [""; 0]);
    let unheard = |line: &String| !HEARD.contains(&line.as_str());
    assert_eq!(stage.service.lines().into_iter().find(unheard), None);
}
