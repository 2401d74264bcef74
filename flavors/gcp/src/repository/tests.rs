use crhost_flavor::testing;

use super::*;

fn target(uri: &str, repository: &str) -> Target {
    let host = uri.split('/').next().unwrap();
    Target::of(&testing::registry(uri, &[]), &testing::image(host, repository)).unwrap()
}

fn judged(json: &str) -> Result<Option<String>, Failure> {
    check(&serde_json::from_str(json).unwrap(), &target("us-docker.pkg.dev", "my-project/r/i"))
}

#[test]
fn a_repository_takes_images_or_says_why_not() {
    assert_eq!(judged(r#"{"format":"DOCKER","mode":"STANDARD_REPOSITORY"}"#), Ok(None));
    assert_eq!(judged(r#"{"format":"DOCKER","dockerConfig":{}}"#), Ok(None));
    let note = judged(r#"{"format":"DOCKER","dockerConfig":{"immutableTags":true}}"#).unwrap().unwrap();
    assert!(note.contains("immutable tags"), "{note}");
    for (json, kind, words) in [
        (r#"{"format":"MAVEN"}"#, FailureKind::InvalidInput, "`MAVEN`"),
        (r#"{"format":"DOCKER","mode":"REMOTE_REPOSITORY"}"#, FailureKind::Denied, "`REMOTE_REPOSITORY`"),
        (r#"{"format":"DOCKER","mode":"VIRTUAL_REPOSITORY"}"#, FailureKind::Denied, "`VIRTUAL_REPOSITORY`"),
    ] {
        let failure = judged(json).unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.message.contains(words) && failure.hint.is_some(), "{}", failure.message);
    }
}

#[test]
fn a_repository_that_is_missing_is_named_with_the_option_that_creates_it() {
    let own = absent(&target("us-docker.pkg.dev", "my-project/r/i"), Some("other-project"));
    assert_eq!(own.kind, FailureKind::NotFound);
    assert!(own.message.contains("`r` in `us` of project `my-project`"), "{}", own.message);
    let hint = own.hint.unwrap();
    assert!(hint.contains("create-repository=true") && hint.contains("`other-project`"), "{hint}");
    let gcr = absent(&target("gcr.io", "my-project/i"), None).hint.unwrap();
    assert!(gcr.contains(CREATE_ON_PUSH) && gcr.contains("check-repository=false"), "{gcr}");
}

#[test]
fn another_project_is_mentioned_where_something_was_denied() {
    let target = target("us-docker.pkg.dev", "my-project/r/i");
    let hint = |home| elsewhere(Failure::denied("no").hint("do this"), &target, home).hint.unwrap();
    assert_eq!(hint(None), "do this");
    assert_eq!(hint(Some("my-project")), "do this");
    assert!(hint(Some("other-project")).contains("`other-project`"));
}

#[test]
fn an_operation_s_name_is_a_path_or_nothing() {
    let name = "projects/example.com:my-project/locations/us/operations/0a-b_c";
    assert_eq!(path_of(name).unwrap(), format!("/{name}"));
    for name in ["", "operations/1", "projects/../x", "projects/a?b", "projects/a b", "https://x"] {
        assert!(path_of(name).is_err(), "{name}");
    }
}

#[test]
fn options_say_whether_to_look_and_what_to_create() {
    let policy = |options: &[(&str, &str)]| {
        CreatePolicy::of(&testing::options(options)).map(|policy| (policy.check, policy.create))
    };
    assert_eq!(policy(&[]), Ok((true, false)));
    assert_eq!(policy(&[("check-repository", "false"), ("create-repository", "true")]), Ok((false, true)));
    assert!(policy(&[("kms-key", "k")]).is_err());
}
