use crhost_flavor::FailureKind;
use crhost_flavor::http::Response;

use super::*;

#[test]
fn registries_are_accepted_in_canonical_form() {
    for (text, canonical, warnings) in [
        ("registry.gitlab.com/acme/ml", "registry.gitlab.com/acme/ml", 0),
        ("Registry.GitLab.com:443/acme/", "registry.gitlab.com/acme", 0),
        ("registry.gitlab.com", "registry.gitlab.com", 1),
        ("registry.example.com:5050/acme/ml", "registry.example.com:5050/acme/ml", 0),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
        ("selfhosted_gitlab.com/x", "selfhosted_gitlab.com/x", 1),
    ] {
        let accepted = GitLab::validate_uri(text.into()).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
        assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (canonical, warnings), "{text}");
    }
}

#[test]
fn what_is_no_gitlab_is_refused_with_the_corrected_form() {
    for (text, hint) in [
        ("gitlab.com/acme/ml", "`registry.gitlab.com/acme/ml`"),
        ("registry.gitlab.io/acme", "`registry.gitlab.com/acme`"),
        ("registry.gitlab.com:5050/acme", "`registry.gitlab.com/acme`"),
        ("registry.gitlab.com/Acme/ML", "`acme`"),
        ("quay.io/acme", "`quay`"),
        ("acme/ml", "`registry.gitlab.com/acme/ml`"),
        ("https://registry.gitlab.com/acme", "`registry.gitlab.com/acme`"),
    ] {
        let failure = GitLab::validate_uri(text.into()).expect_err(text);
        assert_eq!(failure.kind, FailureKind::InvalidInput, "{text}");
        let said = failure.hint.unwrap_or_default();
        assert!(said.contains(hint), "{text}: {said}");
    }
}

#[test]
fn a_project_has_a_group_and_at_most_two_names_below() {
    assert_eq!(api::projects(&["a", "b"]), ["a/b"]);
    assert_eq!(api::projects(&["a", "b", "c"]), ["a/b/c", "a/b"]);
    assert_eq!(api::projects(&["a", "b", "c", "d", "e"]), ["a/b/c/d/e", "a/b/c/d", "a/b/c"]);
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    let answer =
        |status, body: &str| api::has_registry(&Response { status, headers: Vec::new(), body: body.into() }, "a/b");
    assert_eq!(answer(200, r#"{"container_registry_access_level":"enabled"}"#), Ok(None));
    for (status, body, kind) in [
        (200, r#"{"container_registry_access_level":"disabled"}"#, FailureKind::Denied),
        (200, r#"{"cont"#, FailureKind::Other),
        (401, "", FailureKind::Unauthenticated),
        (429, "", FailureKind::Unavailable),
    ] {
        assert_eq!(answer(status, body).unwrap_err().kind, kind, "{status} {body}");
    }
}
