//! Tokens that can't be had or can't be used: each in one line, with the next step.

use serde_json::json;

use super::sts::Sts;
use super::{PUSH, ecr, role, trust};
use crate::support::fakes::github_oidc::{GithubOidc, REQUEST_TOKEN, SUBJECT};
use crate::support::fakes::signer::now;
use crate::support::programs::crhost::{Home, Refused};
use crate::support::programs::registry::Registry;

/// A job whose push has to get a token.
struct Job {
    github: GithubOidc,
    _sts: Sts,
    _registry: Registry,
    home: Home,
}

impl Job {
    fn new(subject: &str) -> Self {
        let (github, registry) = (GithubOidc::start(), Registry::with_ecr_token());
        let sts = Sts::start(github.provider(), &trust(subject), |_| panic!("no token is good here"));
        let (mut home, _) = Home::with_image();
        github.permit(&mut home);
        role("arn:aws:iam::123456789012:role/push").field("web-identity-token", "@oidc").register(&home);
        ecr(&home, registry.host(), &sts.url(), &sts.url());
        Self { github, _sts: sts, _registry: registry, home }
    }

    /// A push that fails with words in its error, and words in its hint.
    #[track_caller]
    fn fails(&self, code: i32, words: &str, hint: &str) -> Refused {
        let refused = self.home.fails(code, &PUSH).says(words);
        assert!(refused.hint().contains(hint), "{}", refused.hint());
        assert!(!refused.error().contains('\n') && !refused.error().contains(REQUEST_TOKEN), "{}", refused.error());
        refused
    }
}

#[test]
fn a_job_without_the_permission_is_told_which_one_it_needs() {
    let mut job = Job::new(SUBJECT);
    for variable in ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"] {
        job.home.set(variable, "");
    }
    job.fails(4, "no id token that crhost knows of", "--id-token-from");
    job.home.set("GITHUB_ACTIONS", "true");
    let words = "GitHub Actions gives this job no id token: `ACTIONS_ID_TOKEN_REQUEST_URL` is not set";
    let refused = job.home.run(&PUSH);
    assert_eq!(refused.code, Some(4), "{refused}");
    assert!(refused.stderr.contains(words) && refused.stderr.contains("id-token: write"), "{refused}");
}

#[test]
fn an_endpoint_that_answers_something_else_is_told_in_its_words() {
    let mut job = Job::new(SUBJECT);
    job.github.answer(200, "<!DOCTYPE html><title>Sign in</title>");
    job.fails(6, "answered an HTML page in place of an id token", "proxy");
    job.github.answer(403, r#"{"message":"Resource not accessible by integration"}"#);
    job.fails(4, "403 Forbidden, Resource not accessible by integration", "id-token: write");
    job.github.answer(200, r#"{"value":"hunter2"}"#);
    job.fails(4, "is no JSON Web Token", "the token alone");
    job.home.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "another");
    job.fails(4, "401 Unauthorized", "id-token: write");
    job.home.set("ACTIONS_ID_TOKEN_REQUEST_URL", "http://runner.example/token?x=1");
    job.fails(4, "`http://runner.example/token`, expected `https://…`", "over TLS");
    assert_eq!(job.github.issued(), [""; 0]);
}

#[test]
fn a_token_that_is_of_no_use_is_sent_to_nobody() {
    let job = Job::new(SUBJECT);
    job.github.claim(json!({"aud": "https://github.com/acme"}));
    job.fails(
        4,
        "is for audience `https://github.com/acme`, expected `sts.amazonaws.com`",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
    );
    job.github.claim(json!({}));
    for (seconds, words) in [(-3_630, "60 min ahead"), (3_630, "60 min behind")] {
        job.github.pass(seconds);
        job.fails(4, &format!("the clock of this machine is {words}"), "timedatectl");
        job.github.pass(-seconds);
    }
}

#[test]
fn a_subject_that_the_role_does_not_trust_is_told_in_aws_s_words() {
    let job = Job::new("repo:acme/other:ref:refs/heads/main");
    job.fails(4, "Not authorized to perform sts:AssumeRoleWithWebIdentity", "`crhost connector explain`");
}

#[test]
fn a_token_whose_keys_were_revoked_is_told_in_aws_s_words() {
    let (mut job, before) = (Job::new(SUBJECT), GithubOidc::start());
    job.home.set("CRHOST_ID_TOKEN", before.provider().issue("sts.amazonaws.com"));
    let refused = job.fails(4, "(InvalidIdentityToken)", "`crhost connector explain`");
    assert!(refused.error().contains("STS refused `sts:AssumeRoleWithWebIdentity`: "), "{}", refused.error());
}

#[test]
fn tokens_of_variables_and_files_are_held_to_their_times() {
    let mut job = Job::new(SUBJECT);
    let token = |claims| {
        job.github.claim(claims);
        job.github.provider().issue("sts.amazonaws.com")
    };
    let (over, early) = (token(json!({"exp": now() - 600})), token(json!({"nbf": now() + 3_600})));
    let other = token(json!({"aud": "https://gitlab.com"}));
    job.home.set("CRHOST_ID_TOKEN", over);
    job.fails(4, "the id token of $CRHOST_ID_TOKEN has ended 10 min ago", "a new one issued");
    job.home.set("CRHOST_ID_TOKEN", other);
    job.fails(4, "is for audience `https://gitlab.com`, expected `sts.amazonaws.com`", "`aud: sts.amazonaws.com`");
    job.home.set("CRHOST_ID_TOKEN", "");
    std::fs::write(job.home.path("token"), early).unwrap();
    let from = format!("--id-token-from=file:{}", job.home.path("token").display());
    job.home.ok(&["connector", "update", "job", "--no-verify", "--allow-implicit", &from]);
    job.fails(4, "is not valid yet, but in ", "clock");
    std::fs::remove_file(job.home.path("token")).unwrap();
    job.fails(4, "can't be read: No such file or directory", "serviceAccountToken");
    job.home.ok(&["connector", "update", "job", "--no-verify", "--allow-implicit", "--id-token-from=buildkite"]);
    job.fails(3, "`buildkite-agent`, which is to give an id token, is not installed", "install");
}
