//! Answers that repeat nothing stay as they are.

use super::*;

/// Answers of registries and token services.
const ANSWERS: &[&str] = &[
    r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Class":"","Name":"acme/train","Action":"pull"}]}]}"#,
    r#"{"access_token":"ya29.c.c0AY_VpZi8Kq3JdTz7Xw1LrN5mQe9UoHbGsFyPtVxWkRjCaDnEuBhIgMlOzSvYqTfXwPdKs","expires_in":3599,"token_type":"Bearer"}"#,
    r#"{"repositories":[{"repositoryArn":"arn:aws:ecr:eu-west-1:123456789012:repository/acme/train","registryId":"123456789012","repositoryName":"acme/train","repositoryUri":"123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme/train","createdAt":1.7E9,"imageTagMutability":"MUTABLE","encryptionConfiguration":{"encryptionType":"AES256"}}]}"#,
    r#"{"authorizationData":[{"authorizationToken":"QVdTOmV5SndZWGxzYjJGa0lqb2lSVzVqY25sd2RHVmtJRlJ2YTJWdUlHUmhkR0VpZlE9PQ==","expiresAt":1.7E9,"proxyEndpoint":"https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}"#,
    r#"{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}"#,
    r#"{"name":"acme/train","tags":["latest","v3"],"manifest":{"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08":{"imageSizeBytes":"5312","mediaType":"application/vnd.oci.image.manifest.v1+json"}}}"#,
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>",
    "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature expired: 20260101T000000Z is now earlier than 20260101T000100Z</Message></Error></ErrorResponse>",
    r#"{"token":"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiJyZWdpc3RyeSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbi1pdHNlbGY","issued_at":"2026-01-01T00:00:00Z"}"#,
];

const AWS: &str = r#"{"default":{"aws_access_key_id":"AKIAIOSFODNN7EXAMPLE","aws_secret_access_key":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","region":"eu-west-1","output":"json"}}"#;

#[test]
fn an_answer_that_repeats_nothing_stays() {
    let github = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let password = "Tr0ub4dor&3 is my p@ssphrase";
    let session = "IQoJb3JpZ2luX2VjEPT//////////wEaCXVzLWVhc3QtMSJHMEUCIQD0u6".repeat(12);
    for secret in [github, password, &session, "8f14e45fceea167a5a36dedd4bea2543", "hunter2", "", "json", "a"] {
        for body in ANSWERS {
            assert_eq!(text(&redaction(&[secret]), body), *body, "{secret}");
        }
    }
    let credentials = Redaction::new(vec![lent(AWS, &["region"])], Vec::new());
    for body in ANSWERS {
        assert_eq!(text(&credentials, body), *body);
    }
}

#[test]
fn what_the_guest_can_read_stays() {
    let public = Redaction::new(vec![lent("acme/train:correct-horse", &[])], vec!["acme/train".to_owned()]);
    assert_eq!(text(&public, "acme/train of correct-horse"), "acme/train of *************");
    let short = Redaction::new(vec![lent("alice", &[])], vec!["alice".to_owned()]);
    assert_eq!(text(&short, "alice"), "alice");
}

#[test]
fn a_call_without_secrets_reads_no_answer() {
    let redaction = Redaction::new(Vec::new(), vec!["public".to_owned()]);
    assert_eq!(text(&redaction, "public"), "public");
    assert!(redaction.windows.get().is_none());
}

#[test]
fn a_file_of_thousands_of_values_is_searched_for_each() {
    let values = (0..2_300).map(|number| format!("\"k{number}\":\"value-{:07}\"", number * 7919 + 1_000_000));
    let file = format!("{{{}}}", values.collect::<Vec<_>>().join(","));
    let file = redaction(&[&file]);
    assert_eq!(text(&file, "no value-1007919 here"), "no ************* here");
}

#[test]
fn the_next_token_of_the_same_issuer_stays() {
    let token = |seed: u64, length| -> String {
        let next = |number: &mut u64| {
            *number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Some(char::from(b"ABCDEFGHIJKLMNOPabcdefghijklmnop"[usize::try_from(*number >> 59).unwrap()]))
        };
        std::iter::successors(Some(seed), |_| None)
            .flat_map(|seed| {
                let mut number = seed;
                std::iter::from_fn(move || next(&mut number)).take(length).collect::<Vec<_>>()
            })
            .collect()
    };
    // As AWS issues them for one region.
    let prefix = "IQoJb3JpZ2luX2VjEPT//////////wEaCXVzLWVhc3QtMSJ";
    let (old, new) = (format!("{prefix}{}", token(1, 600)), format!("{prefix}{}", token(2, 600)));
    let session = redaction(&[&old]);
    assert_eq!(text(&session, &new), new);
    assert_eq!(text(&session, &format!("bad token {prefix}...")), format!("bad token {}...", "*".repeat(prefix.len())));
    let shown = text(&session, &old);
    let kept = shown.trim_end_matches('*');
    assert!(old.starts_with(kept) && kept.len() <= 64, "{shown}");
    // As OpenID Connect issues them: `{"alg":"RS256","typ":"JWT"}`, and claims of which most are the same.
    let claims = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20iLCJhdWQiOiJyIn0";
    let (old, new) = (token(3, 342), token(4, 342));
    let assertion = redaction(&[&format!("{claims}.{old}")]);
    assert_eq!(text(&assertion, &format!("{claims}.{new}")), format!("{claims}.{new}"));
    assert_eq!(text(&assertion, &old), "*".repeat(342));
}
