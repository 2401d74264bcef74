use crhost_flavor::testing::response;

use super::*;

/// 2026-11-20T12:00:00Z.
const NOON: u64 = 1_795_176_000;

/// Entra's answer, with what it adds for its support.
fn aadsts(number: u64, error: &str, words: &str) -> String {
    let description =
        format!("AADSTS{number}: {words} Trace ID: 0a Correlation ID: 0b Timestamp: 2026-11-20 12:00:00Z");
    serde_json::json!({"error": error, "error_description": description, "error_codes": [number], "trace_id": "0a"})
        .to_string()
}

#[test]
fn entra_s_words_are_kept_and_come_with_what_helps() {
    for (number, error, words, kind, help) in [
        (7_000_215, "invalid_client", "Invalid client secret provided.", FailureKind::Unauthenticated, "not its id"),
        (
            7_000_222,
            "invalid_client",
            "The provided client secret keys are expired.",
            FailureKind::Unauthenticated,
            "another client secret",
        ),
        (
            700_016,
            "unauthorized_client",
            "Application was not found.",
            FailureKind::Unauthenticated,
            "no such application",
        ),
        (90_002, "invalid_request", "Tenant 'x' not found.", FailureKind::Unauthenticated, "tenant id"),
        (50_034, "invalid_grant", "The user account does not exist.", FailureKind::Unauthenticated, "another"),
        (
            700_024,
            "invalid_client",
            "Client assertion is not within its valid time range.",
            FailureKind::Unauthenticated,
            "fresh token",
        ),
        (
            700_213,
            "invalid_client",
            "No matching federated identity record found.",
            FailureKind::Unauthenticated,
            "federated credential",
        ),
        (
            53_003,
            "access_denied",
            "Access has been blocked by Conditional Access policies.",
            FailureKind::Denied,
            "administrator",
        ),
        (1, "invalid_client", "Something new.", FailureKind::Unauthenticated, "connector describe"),
    ] {
        let failure = of_entra(&response(401, &[], &aadsts(number, error, words)), "Microsoft Entra", NOON);
        let kept = words.trim_end_matches('.');
        assert_eq!(failure.message, format!("Microsoft Entra refused: AADSTS{number}: {kept}"));
        assert_eq!(failure.kind, kind, "{number}");
        assert!(failure.hint.unwrap().contains(help), "{number}");
    }
}

#[test]
fn the_number_is_found_in_the_words_too() {
    assert_eq!(number(&Value::Null, "AADSTS7000215: Invalid"), Some(7_000_215));
    assert_eq!(number(&Value::Null, "Identity not found"), None);
}

#[test]
fn a_clock_that_is_wrong_is_named_where_it_matters() {
    let body = aadsts(700_024, "invalid_client", "Client assertion is not within its valid time range.");
    let response = response(401, &[("date", "Fri, 20 Nov 2026 12:00:00 GMT")], &body);
    assert!(of_entra(&response, "Entra", NOON + 900).hint.unwrap().contains("15 minutes ahead of"));
    assert!(!of_entra(&response, "Entra", NOON).hint.unwrap().contains("clock"));
}

#[test]
fn a_service_that_is_busy_says_when_to_come_back() {
    let busy = of_entra(&response(429, &[("retry-after", "7")], "{}"), "Entra", NOON);
    assert_eq!((busy.kind, busy.retry_after), (FailureKind::RateLimited, Some(7)));
    let body =
        r#"{"error":"temporarily_unavailable","error_description":"AADSTS90033: A transient error has occurred."}"#;
    assert_eq!(of_entra(&response(400, &[], body), "Entra", NOON).retry_after, Some(2));
    assert_eq!(of_registry(&response(503, &[], ""), "r", None).failure.kind, FailureKind::Unavailable);
    assert_eq!(of_management(&response(500, &[], "")).kind, FailureKind::Unavailable);
}

#[test]
fn a_registry_s_refusal_says_whether_the_token_the_role_or_the_network_is_at_fault() {
    let body = |code: &str, words: &str| serde_json::json!({"errors": [{"code": code, "message": words}]}).to_string();
    let firewall = "client with IP '20.1.2.3' is not allowed access. Refer https://aka.ms/acr/firewall to grant access. \
                    CorrelationId: 0a";
    for (status, words, tenant, kind, help) in [
        (
            401,
            "authentication required, visit https://aka.ms/acr/authorization for more information.",
            Some("t"),
            FailureKind::Unauthenticated,
            "tenant `t`",
        ),
        (
            401,
            "authentication required",
            None,
            FailureKind::Unauthenticated,
            "--resource https://containerregistry.azure.net",
        ),
        (403, firewall, None, FailureKind::Denied, "network-rule"),
        (403, "no", None, FailureKind::Denied, "`AcrPush`"),
        (404, "not found", None, FailureKind::NotFound, "az acr list"),
    ] {
        let failure = of_registry(&response(status, &[], &body("X", words)), "contoso.azurecr.io", tenant).failure;
        assert_eq!(failure.kind, kind, "{words}");
        assert!(failure.message.starts_with("registry `contoso.azurecr.io` refused: "), "{}", failure.message);
        assert!(!failure.message.contains("CorrelationId"), "{}", failure.message);
        assert!(failure.hint.unwrap().contains(help), "{words}");
    }
}

#[test]
fn resource_manager_s_words_are_kept() {
    let body = |code: &str, words: &str| serde_json::json!({"error": {"code": code, "message": words}}).to_string();
    for (status, code, kind) in [
        (401, "InvalidAuthenticationTokenAudience", FailureKind::Unauthenticated),
        (403, "AuthorizationFailed", FailureKind::Denied),
        (404, "SubscriptionNotFound", FailureKind::NotFound),
        (409, "Conflict", FailureKind::Conflict),
    ] {
        let failure = of_management(&response(status, &[], &body(code, "It is so.")));
        assert_eq!(failure.message, format!("Azure Resource Manager refused: It is so. ({code})").replace(". (", " ("));
        assert_eq!(failure.kind, kind, "{code}");
    }
}

#[test]
fn what_can_t_be_read_is_told_in_one_line() {
    for body in ["", "<html>", "{", r#"{"error":"#, r#"{"error":7}"#, r#"{"errors":[]}"#, "[]"] {
        for (status, kind) in
            [(401, FailureKind::Unauthenticated), (403, FailureKind::Denied), (418, FailureKind::Other)]
        {
            let response = response(status, &[], body);
            for failure in
                [of_entra(&response, "x", NOON), of_registry(&response, "x", None).failure, of_management(&response)]
            {
                assert_eq!(failure.kind, kind, "{body}");
                assert!(failure.message.contains("nothing that can be read"), "{}", failure.message);
            }
        }
    }
}
