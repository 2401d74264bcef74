use crhost_flavor::testing::response;

use super::*;
use crate::endpoint::ARTIFACT_REGISTRY;

/// 2026-11-20T12:00:00Z.
const NOON: u64 = 1_795_176_000;

fn tokens(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
    Refusal::of_tokens(&response(status, headers, body), "Google", "the key of `a@b`", "advice", NOON)
}

fn api(status: u16, body: &str) -> Failure {
    let permission = "artifactregistry.repositories.get";
    Refusal::of_api(&response(status, &[], body), "Artifact Registry", ARTIFACT_REGISTRY, permission, NOON).failure
}

#[test]
fn google_s_words_are_kept_and_lead_to_a_hint() {
    for (words, hint) in [
        ("Invalid JWT Signature.", "create a key"),
        (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat \
             and exp values in the JWT claim.",
            "clock",
        ),
        ("Invalid grant: account not found", "deleted or disabled"),
        ("Token has been expired or revoked.", "gcloud auth application-default login"),
        ("reauth related error (invalid_rapt)", "gcloud auth application-default login"),
        ("Something new", "advice"),
    ] {
        let body = serde_json::json!({"error": "invalid_grant", "error_description": words}).to_string();
        let failure = tokens(400, &[], &body);
        assert_eq!(failure.kind, FailureKind::Unauthenticated);
        assert!(failure.message.contains(words.trim_end_matches('.')), "{}", failure.message);
        assert!(failure.hint.unwrap().contains(hint), "{words}");
    }
}

#[test]
fn a_clock_that_is_wrong_is_found_out_by_google_s() {
    for (date, words) in [
        ("Fri, 20 Nov 2026 12:30:00 GMT", Some("30 minutes behind")),
        ("Fri, 20 Nov 2026 11:00:00 GMT", Some("60 minutes ahead of")),
        ("Fri, 20 Nov 2026 12:01:00 GMT", None),
        ("yesterday", None),
    ] {
        let hint = tokens(400, &[("date", date)], r#"{"error":"invalid_grant"}"#).hint.unwrap();
        assert!(words.map_or(hint == "advice", |words| hint.contains(words)), "{date}: {hint}");
    }
}

#[test]
fn answers_are_sorted_by_what_helps() {
    let kind = |failure: Failure| failure.kind;
    assert_eq!(kind(tokens(401, &[], r#"{"error":"invalid_client"}"#)), FailureKind::Unauthenticated);
    assert_eq!(kind(tokens(400, &[], "<html>")), FailureKind::Other);
    assert_eq!(kind(tokens(403, &[], r#"{"error":{"status":"PERMISSION_DENIED"}}"#)), FailureKind::Denied);
    let busy = tokens(429, &[("retry-after", "7")], r#"{"error":"slow_down"}"#);
    assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(7)));
    assert!(busy.message.contains("slow_down"), "{}", busy.message);
    assert_eq!(kind(tokens(503, &[], "")), FailureKind::Unavailable);
    assert_eq!(kind(api(401, r#"{"error":{"status":"UNAUTHENTICATED"}}"#)), FailureKind::Unauthenticated);
    assert_eq!(kind(api(404, r#"{"error":{"status":"NOT_FOUND"}}"#)), FailureKind::NotFound);
    assert_eq!(kind(api(409, r#"{"error":{"status":"ABORTED"}}"#)), FailureKind::Conflict);
    assert_eq!(kind(api(500, r#"{"error":{"status":"INTERNAL"}}"#)), FailureKind::Unavailable);
    assert_eq!(kind(api(400, r#"{"error":{"status":"INVALID_ARGUMENT"}}"#)), FailureKind::Other);
}

#[test]
fn a_missing_permission_and_other_reasons_are_told_apart() {
    let denied = api(403, r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"Permission denied."}}"#);
    assert_eq!(denied.kind, FailureKind::Denied);
    assert!(denied.hint.unwrap().contains("`artifactregistry.repositories.get`"));
    for (reason, words) in [
        ("SERVICE_DISABLED", "gcloud services enable artifactregistry.googleapis.com"),
        ("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "cloud-platform"),
        ("USER_PROJECT_DENIED", "set-quota-project"),
        ("SECURITY_POLICY_VIOLATED", "VPC Service Controls"),
        ("SOMETHING_NEW", "`artifactregistry.repositories.get`"),
    ] {
        let details = serde_json::json!([{"@type": "Help"}, {"@type": "ErrorInfo", "reason": reason}]);
        let body = serde_json::json!({"error": {"status": "PERMISSION_DENIED", "details": details}});
        let failure = api(403, &body.to_string());
        assert_eq!(failure.kind, FailureKind::Denied);
        assert!(failure.hint.unwrap().contains(words), "{reason}");
    }
}

#[test]
fn whatever_is_answered_stays_on_one_line() {
    for body in
        ["", "{", "[]", "null", r#"{"error":[]}"#, r#"{"error":{"message":"a\nb.\u0007"}}"#, r#"{"error":"x y"}"#]
    {
        for failure in [tokens(400, &[], body), api(400, body)] {
            assert!(!failure.message.contains(char::is_control), "{:?}", failure.message);
            assert!(!failure.message.ends_with('.'), "{}", failure.message);
        }
    }
}
