use crhost_flavor::FailureKind;
use crhost_flavor::http::Response;

use super::*;

fn answer(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: body.into() }
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    for (text, canonical, warnings) in [
        ("harbor.example.com/ml", "harbor.example.com/ml", 0),
        ("Harbor.example.com:8443/ml/team/", "harbor.example.com:8443/ml/team", 0),
        ("harbor.example.com", "harbor.example.com", 1),
        ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x", 1),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
    ] {
        let accepted = Harbor::validate_uri(text.into()).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
        assert_eq!((accepted.uri.as_str(), accepted.warnings.len()), (canonical, warnings), "{text}");
    }
}

#[test]
fn what_is_no_harbor_is_refused_with_the_next_step() {
    for (text, hint) in [
        ("docker.io/zenml", "`dockerhub`"),
        ("quay.io/x", "`quay`"),
        ("ghcr.io/x", "`github`"),
        ("harbor.example.com:8443/harbor/projects/1/repositories", "`harbor.example.com:8443/<project>`"),
        ("zenml", "`harbor.example.com/zenml`"),
        ("https://harbor.example.com/ml", "`harbor.example.com/ml`"),
    ] {
        let failure = Harbor::validate_uri(text.into()).expect_err(text);
        assert_eq!(failure.kind, FailureKind::InvalidInput, "{text}");
        let said = failure.hint.unwrap_or_default();
        assert!(said.contains(hint), "{text}: {said}");
    }
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    assert_eq!(api::takes_pushes(&answer(200, r#"{"registry_id":null}"#), "ml"), Ok(None));
    assert_eq!(api::takes_pushes(&answer(403, ""), "ml"), Ok(None));
    let kind = |body| api::takes_pushes(&answer(200, body), "ml").unwrap_err().kind;
    assert_eq!(kind(r#"{"registry_id":3}"#), FailureKind::Denied);
    assert_eq!(kind(r#"{"regis"#), FailureKind::Other);
    assert_eq!(api::created(&answer(409, ""), "ml"), Ok(()));
    assert_eq!(api::created(&answer(403, "{"), "ml").unwrap_err().kind, FailureKind::Denied);
    assert_eq!(api::refused(&answer(401, "")).unwrap_err().kind, FailureKind::Unauthenticated);
    assert_eq!(api::refused(&answer(429, "")).unwrap_err().kind, FailureKind::Unavailable);
}
