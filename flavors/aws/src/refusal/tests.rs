use crhost_flavor::testing::response;

use super::*;

/// 2026-11-20T12:00:00Z.
const NOON: u64 = 1_795_176_000;
const CALL: Call<'_> = Call { service: "ECR", permission: "ecr:DescribeRepositories", region: "eu-west-1" };

fn failure(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
    let response = response(status, headers, body);
    Refusal::of(&response).failure(&response, CALL, NOON)
}

fn json(code: &str, words: &str) -> String {
    serde_json::json!({"__type": code, "message": words}).to_string()
}

fn xml(code: &str, words: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"
    )
}

#[test]
fn json_and_xml_are_read_alike() {
    let expected = Refusal { code: "AccessDeniedException".into(), words: "no & never".into() };
    for body in [
        json("AccessDeniedException", "no & never."),
        json("com.amazonaws.ecr#AccessDeniedException", "no\n & never"),
        r#"{"code":"AccessDeniedException","Message":"no & never"}"#.into(),
        xml("AccessDeniedException", "no &amp; never"),
    ] {
        assert_eq!(Refusal::of(&response(400, &[], &body)), expected, "{body}");
    }
    let named =
        response(400, &[("x-amzn-errortype", "AccessDeniedException:http://x/")], r#"{"message":"no & never"}"#);
    assert_eq!(Refusal::of(&named), expected);
}

#[test]
fn half_an_answer_is_told_in_one_line() {
    for body in [
        "",
        "{",
        r#"{"__type":"Acc"#,
        r#"{"__type":7,"message":[]}"#,
        "<Error><Code>Acc",
        "<html>\n<p>no</p>",
        "\u{0}\u{7f}",
    ] {
        let failure = failure(400, &[], body);
        assert_eq!(failure.kind, FailureKind::Other, "{body}");
        assert_eq!(failure.message, "ECR answered 400 and nothing that AWS would say", "{body}");
    }
    assert_eq!(failure(403, &[], "<html>").kind, FailureKind::Denied);
    assert_eq!(failure(502, &[], "<html>").kind, FailureKind::Unavailable);
}

#[test]
fn wrong_unknown_and_expired_credentials_are_told_apart_in_the_words_of_aws() {
    for (body, hint) in [
        (json("InvalidSignatureException", "does not match"), "secret access key"),
        (xml("SignatureDoesNotMatch", "does not match"), "secret access key"),
        (json("UnrecognizedClientException", "The security token included in the request is invalid."), "unknown"),
        (xml("InvalidClientTokenId", "invalid"), "unknown"),
        (json("ExpiredTokenException", "expired"), "fresh"),
        (xml("ExpiredToken", "expired"), "fresh"),
        (json("InvalidSignatureException", "Signature expired: 20261120T000000Z is now earlier"), "clock"),
        (json("InvalidSignatureException", "Credential should be scoped to a valid region."), "`eu-west-1`"),
        (xml("InvalidIdentityToken", "No OpenIDConnect provider found"), "identity provider"),
    ] {
        let failure = failure(403, &[("date", "Fri, 20 Nov 2026 12:01:00 GMT")], &body);
        assert_eq!(failure.kind, FailureKind::Unauthenticated, "{body}");
        let said = failure.hint.unwrap();
        assert!(said.contains(hint), "{body}: {said}");
        assert!(failure.message.starts_with("ECR refused `ecr:DescribeRepositories`: "), "{}", failure.message);
    }
}

#[test]
fn a_clock_that_is_wrong_is_named_with_its_error() {
    for (date, hint) in [
        ("Fri, 20 Nov 2026 12:10:00 GMT", "10 minutes behind"),
        ("Fri, 20 Nov 2026 11:00:00 GMT", "60 minutes ahead of"),
    ] {
        let failure = failure(403, &[("date", date)], &json("InvalidSignatureException", "does not match"));
        assert!(failure.hint.unwrap().contains(hint), "{date}");
    }
}

#[test]
fn a_missing_permission_is_named() {
    let words = "User: arn:aws:iam::1:user/u is not authorized to perform: ecr:CreateRepository on resource: x";
    for (words, permission) in [(words, "`ecr:CreateRepository`"), ("no", "`ecr:DescribeRepositories`")] {
        let failure = failure(400, &[], &json("AccessDeniedException", words));
        assert_eq!(failure.kind, FailureKind::Denied);
        assert!(failure.hint.unwrap().contains(permission), "{words}");
        assert!(failure.message.contains(words));
    }
}

#[test]
fn who_may_not_take_on_a_role_is_led_to_its_trust_policy() {
    for (action, words) in [
        ("AssumeRole", &["principal", "external id", "`sts:AssumeRole`"][..]),
        ("AssumeRoleWithWebIdentity", &["principal", "audience", "subject"][..]),
    ] {
        let permission = format!("sts:{action}");
        let said = format!("User: arn:aws:iam::1:user/u is not authorized to perform: {permission} on resource: r");
        for said in [said.as_str(), "Access denied"] {
            let response = response(403, &[], &xml("AccessDenied", said));
            let call = Call { service: "STS", permission: &permission, region: "eu-west-1" };
            let failure = Refusal::of(&response).failure(&response, call, NOON);
            assert_eq!(failure.kind, FailureKind::Denied);
            let hint = failure.hint.unwrap();
            assert!(hint.contains("trust policy") && words.iter().all(|word| hint.contains(word)), "{hint}");
        }
    }
}

#[test]
fn what_aws_finds_invalid_is_the_user_s_to_correct() {
    for body in [json("InvalidParameterException", "Invalid parameter"), xml("ValidationError", "1 error")] {
        assert_eq!(failure(400, &[], &body).kind, FailureKind::InvalidInput, "{body}");
    }
}

#[test]
fn a_busy_service_is_asked_again_when_it_says() {
    for (status, headers, body, kind, seconds) in [
        (400, &[][..], json("ThrottlingException", "Rate exceeded"), FailureKind::RateLimited, Some(2)),
        (400, &[("retry-after", "9")][..], json("TooManyRequestsException", "slow"), FailureKind::RateLimited, Some(9)),
        (429, &[("retry-after", "5")][..], String::new(), FailureKind::RateLimited, Some(5)),
        (503, &[][..], xml("ServiceUnavailable", "later"), FailureKind::Unavailable, Some(2)),
        (500, &[][..], json("ServerException", "oh"), FailureKind::Unavailable, None),
    ] {
        let failure = failure(status, headers, &body);
        assert_eq!((failure.kind, failure.retry_after), (kind, seconds), "{status} {body}");
    }
}

#[test]
fn words_that_repeat_the_request_are_cut_before_it() {
    let words = "The request signature we calculated does not match. Check your key.\n\nThe Canonical String for this request \
                 should have been\n'POST\n/\n\nx-amz-security-token:TOKEN'";
    let message = failure(403, &[], &json("InvalidSignatureException", words)).message;
    assert!(!message.contains("TOKEN") && message.contains("Check your key (Inv"), "{message}");
}
