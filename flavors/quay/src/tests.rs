use crhost_flavor::FailureKind;
use crhost_flavor::http::Response;

use super::*;

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: body.into() }
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    for (text, canonical, warnings) in [
        ("quay.io/acme", "quay.io/acme", 0),
        ("Quay.io/acme/", "quay.io/acme", 0),
        ("quay.io:443/acme/train/cpu", "quay.io/acme/train/cpu", 0),
        ("quay.io", "quay.io", 1),
        ("quay.example.com:8443/acme", "quay.example.com:8443/acme", 0),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
        ("selfhosted_quay.com/x", "selfhosted_quay.com/x", 1),
    ] {
        let accepted = Quay::validate_uri(text.into()).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
        assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (canonical, warnings), "{text}");
    }
}

#[test]
fn what_is_no_quay_is_refused_with_the_corrected_form() {
    for (text, hint) in [
        ("quay.com/acme", "`quay.io/acme`"),
        ("www.quay.io/acme", "`quay.io/acme`"),
        ("quay.io:5000/acme", "`quay.io/acme`"),
        ("quay.io/a", "`quay.io/acme`"),
        ("quay.io/repository/acme/train", "`quay.io/acme/train`"),
        ("quay.io/organization/acme", "`quay.io/acme`"),
        ("docker.io/acme", "`dockerhub`"),
        ("ghcr.io/acme", "`github`"),
        ("acme", "`quay.io/acme`"),
        ("https://quay.io/acme", "`quay.io/acme`"),
    ] {
        let failure = Quay::validate_uri(text.into()).expect_err(text);
        assert_eq!(failure.kind, FailureKind::InvalidInput, "{text}");
        let said = failure.hint.unwrap_or_default();
        assert!(said.contains(hint), "{text}: {said}");
    }
}

#[test]
fn a_robot_has_a_namespace_and_a_name() {
    assert!(robot("acme+ci").is_ok());
    for name in ["", "acme", "+ci", "acme+", "a+b+c"] {
        assert!(robot(name).is_err(), "{name}");
    }
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    assert_eq!(api::state(&answer(200, r#"{"state":"NORMAL"}"#), "a/b"), Ok(None));
    for (status, body, kind) in [
        (200, r#"{"state":"MIRROR"}"#, FailureKind::Denied),
        (200, r#"{"state":"READ_ONLY"}"#, FailureKind::Denied),
        (200, r#"{"sta"#, FailureKind::Other),
        (401, "", FailureKind::Unauthenticated),
        (429, "", FailureKind::Unavailable),
    ] {
        assert_eq!(api::state(&answer(status, body), "a/b").unwrap_err().kind, kind, "{status} {body}");
    }
    assert_eq!(api::created(&answer(400, r#"{"error_message":"Repository already exists"}"#), "a"), Ok(()));
    assert_eq!(api::created(&answer(403, "{"), "a").unwrap_err().kind, FailureKind::Denied);
}
