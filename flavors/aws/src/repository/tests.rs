use crhost_flavor::http::{Method, Response};
use crhost_flavor::testing::{self, Host, answer, connector, registry, response};
use crhost_flavor::{Flavor as _, Prepared};

use crate::Aws;
use crate::names::SECRET_KEY;

use super::*;

const URI: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

fn image(repository: &str) -> Image {
    testing::image("public.ecr.aws", repository)
}

fn refused(code: &str) -> Response {
    answer(400, &format!(r#"{{"__type":"{code}","message":"no"}}"#))
}

fn caller(account: &str) -> Response {
    let arn = format!("arn:aws:iam::{account}:user/u");
    answer(200, &format!("<R><Arn>{arn}</Arn><Account>{account}</Account></R>"))
}

/// The answers of ECR and of STS in their order, for the preparation of a push of `team/train`.
fn prepare(options: &[(&str, &str)], answers: &[(&str, Response)]) -> (Result<Prepared, Failure>, Vec<String>) {
    let mut host = Host::at(1_795_176_000).holding::<Aws>();
    for (service, answer) in answers {
        let url = match *service {
            "sts" => "https://sts.eu-west-1.amazonaws.com/",
            _ => "https://api.ecr.eu-west-1.amazonaws.com/",
        };
        host = host.answers(Method::Post, url, answer.clone());
    }
    let connector = connector(SECRET_KEY, &[("aws-access-key-id", "AKIAIOSFODNN7EXAMPLE")])
        .with_secret("aws-secret-access-key", host.secret("s"));
    let prepared = Aws::prepare_image_push(registry(URI, options), Some(connector), testing::image(URI, "team/train"));
    let called = host.sent().into_iter().map(|sent| {
        let target = sent.header("x-amz-target").unwrap_or("GetCallerIdentity");
        target.rsplit('.').next().unwrap_or_default().to_owned()
    });
    (prepared, called.collect())
}

const MISSING: &str = "RepositoryNotFoundException";
const DENIED: &str = "AccessDeniedException";
const OWN: &str = "123456789012";
const TEMPLATE: &str = r#"{"repositoryCreationTemplates":[{"prefix":"team","appliedFor":["CREATE_ON_PUSH"]}]}"#;

#[test]
fn who_may_push_and_nothing_else_pushes_with_a_note() {
    // AWS's own policy for a push has no `ecr:DescribeRepositories`.
    let (prepared, called) = prepare(&[], &[("ecr", refused(DENIED)), ("sts", caller(OWN))]);
    let notes = prepared.unwrap().notes;
    assert!(notes.len() == 1 && notes[0].contains("was not looked at"), "{notes:?}");
    assert_eq!(called, ["DescribeRepositories", "GetCallerIdentity"]);
    // A policy of the registry's account may let another one push, and not look.
    let (prepared, _) = prepare(&[], &[("ecr", refused(DENIED)), ("sts", caller("210987654321"))]);
    assert!(prepared.unwrap().notes[0].contains("of account `210987654321`"));
}

#[test]
fn a_missing_repository_that_a_template_creates_is_left_to_the_push() {
    for options in [&[][..], &[("create-repository", "true")]] {
        let answers = [("ecr", refused(MISSING)), ("sts", caller(OWN)), ("ecr", answer(200, TEMPLATE))];
        let (prepared, called) = prepare(options, &answers);
        assert!(prepared.unwrap().notes[0].contains("template `team`"), "{options:?}");
        assert_eq!(called.last().map(String::as_str), Some("DescribeRepositoryCreationTemplates"));
    }
}

#[test]
fn a_missing_repository_that_no_template_creates_is_refused_or_created() {
    let none = || answer(200, r#"{"repositoryCreationTemplates":[]}"#);
    let (prepared, _) = prepare(&[], &[("ecr", refused(MISSING)), ("sts", caller(OWN)), ("ecr", none())]);
    let failure = prepared.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert!(failure.hint.unwrap().contains("repository creation template"));
    let unknown = refused("UnknownOperationException");
    let (prepared, _) = prepare(&[], &[("ecr", refused(MISSING)), ("sts", caller(OWN)), ("ecr", unknown)]);
    assert_eq!(prepared.unwrap_err().kind, FailureKind::NotFound);
    let created = answer(200, "{}");
    let answers = [("ecr", refused(MISSING)), ("sts", caller(OWN)), ("ecr", none()), ("ecr", created)];
    let (prepared, called) = prepare(&[("create-repository", "true")], &answers);
    assert!(prepared.unwrap().notes[0].contains("created repository `team/train`"));
    assert_eq!(called.last().map(String::as_str), Some("CreateRepository"));
}

#[test]
fn templates_that_nobody_may_look_at_are_named() {
    let look = [("ecr", refused(MISSING)), ("sts", caller(OWN)), ("ecr", refused(DENIED))];
    let (prepared, _) = prepare(&[], &look);
    let notes = prepared.unwrap().notes;
    assert!(notes[0].contains("unless a repository creation template"), "{notes:?}");
    let answers: Vec<_> = look.into_iter().chain([("ecr", answer(200, "{}"))]).collect();
    let notes = prepare(&[("create-repository", "true")], &answers).0.unwrap().notes;
    assert!(notes.len() == 2 && notes[1].contains("template"), "{notes:?}");
}

#[test]
fn a_created_repository_gets_its_policies_and_a_failure_says_that_it_is_there() {
    let options = [("create-repository", "true"), ("lifecycle-policy", "{}"), ("repository-policy", "{}")];
    let done = || answer(200, "{}");
    let start = [("ecr", refused(MISSING)), ("sts", caller(OWN)), ("ecr", done()), ("ecr", done()), ("ecr", done())];
    let answers: Vec<_> = start.clone().into_iter().chain([("ecr", done())]).collect();
    let (prepared, called) = prepare(&options, &answers);
    assert!(prepared.is_ok());
    assert_eq!(called[3..], ["CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy"]);
    let answers: Vec<_> = start.into_iter().chain([("ecr", refused("InvalidParameterException"))]).collect();
    let failure = prepare(&options, &answers).0.unwrap_err();
    assert!(failure.message.contains("was created, and its policy was not set"), "{}", failure.message);
}

#[test]
fn immutable_tags_are_known_before_the_first_byte() {
    for (mutability, notes) in [("IMMUTABLE", 1), ("IMMUTABLE_WITH_EXCLUSION", 1), ("MUTABLE", 0)] {
        let body =
            format!(r#"{{"repositories":[{{"repositoryName":"team/train","imageTagMutability":"{mutability}"}}]}}"#);
        let (prepared, _) = prepare(&[], &[("ecr", response(200, &[], &body))]);
        assert_eq!(prepared.unwrap().notes.len(), notes, "{mutability}");
    }
}

#[test]
fn the_alias_of_a_public_registry_is_not_part_of_the_repository() {
    assert_eq!(name(&image("acme/team/train"), true).unwrap(), "team/train");
    assert_eq!(name(&image("acme/team/train"), false).unwrap(), "acme/team/train");
    assert!(name(&image("train"), true).unwrap_err().hint.unwrap().contains("public.ecr.aws/a1b2c3d4/train"));
    // Private ones may have several separators in a row.
    assert!(name(&image("team__a/train--b"), false).is_ok());
    let long = "a".repeat(257);
    for (repository, public) in
        [("a", false), ("acme/a", true), (&*long, false), ("acme/team__a", true), ("acme/train--b", true)]
    {
        assert!(name(&image(repository), public).is_err(), "{repository}");
    }
}
