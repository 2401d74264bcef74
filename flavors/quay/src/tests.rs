use crhost_flavor::FailureKind;
use crhost_flavor::testing::{
    answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, operations,
    options,
};

use super::api::Found;
use super::*;

#[test]
fn asks_for_these_operations_and_no_other() {
    crhost_flavor::testing::assert_id_tokens::<Quay>();
    assert_eq!(
        operations::<Quay>(),
        [
            "quay/robot: token is the registry's password",
            "quay/robot-federation exchange: GET https://{registry}|<quay-endpoint> /oauth2/federation/robot/token; \
             id-token as the password of `authorization: Basic`",
            "quay/oauth-token check-repository: GET https://{registry}|<quay-endpoint> /api/v1/repository/*/* \
             ?includeTags=false; token in `authorization: Bearer …`",
            "quay/oauth-token check-namespace: GET https://{registry}|<quay-endpoint> \
             /api/v1/organization/*|/api/v1/users/*; token in `authorization: Bearer …`",
            "quay/oauth-token create-repository: POST https://{registry}|<quay-endpoint> /api/v1/repository; \
             token in `authorization: Bearer …`",
            "quay/oauth-token check-tag: GET https://{registry}|<quay-endpoint> /api/v1/repository/*/*/tag/ \
             ?specificTag&onlyActiveTags=true&limit=1; token in `authorization: Bearer …`",
            "quay/oauth-token permit: PUT https://{registry}|<quay-endpoint> /api/v1/repository/*/*/permissions/team/*\
             |/api/v1/repository/*/*/permissions/user/* body role=read|write|admin; token in `authorization: Bearer …`",
            "quay/oauth-token identify: GET https://quay.io|<quay-endpoint> /api/v1/user/; \
             token in `authorization: Bearer …`",
            "quay/oauth-token: token is the registry's password",
            "quay/app-token: token is the registry's password",
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Quay>(&[
        ("quay.io/acme", "quay.io/acme", 0),
        ("quay.io/x1", "quay.io/x1", 0),
        ("Quay.io/acme///", "quay.io/acme", 0),
        ("quay.io:443/acme/train/cpu", "quay.io/acme/train/cpu", 0),
        ("quay.io", "quay.io", 1),
        ("quay.io/", "quay.io", 1),
        ("quay.example.com/acme", "quay.example.com/acme", 0),
        ("quay.example.com:8443/acme", "quay.example.com:8443/acme", 0),
        ("my-quay.io/acme", "my-quay.io/acme", 0),
        (
            "ec2-3-120-1-1.eu-central-1.compute.amazonaws.com/acme",
            "ec2-3-120-1-1.eu-central-1.compute.amazonaws.com/acme",
            0,
        ),
        ("192.168.1.100:9000/x", "192.168.1.100:9000/x", 0),
        ("localhost:5000/foo", "localhost:5000/foo", 0),
        ("LOCALHOST:5000", "localhost:5000", 0),
        ("[2001:DB8::1]:5000/x", "[2001:db8::1]:5000/x", 0),
        ("host.docker.internal:5000/x", "host.docker.internal:5000/x", 0),
        ("selfhosted_harbor.com/x", "selfhosted_harbor.com/x", 1),
    ]);
    assert_examples::<Quay>();
    for uri in Quay::describe().uri_examples {
        assert!(Quay::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_quay_is_refused_with_the_corrected_form() {
    assert_refuses::<Quay>(&[
        ("quay.com/acme", "did you mean `quay.io/acme`"),
        ("quay.org/acme", "did you mean `quay.io/acme`"),
        ("quay-io.com/acme", "did you mean `quay.io/acme`"),
        ("qauy.io/acme", "did you mean `quay.io/acme`"),
        ("quai.io/acme", "did you mean `quay.io/acme`"),
        ("quay.oi/acme", "did you mean `quay.io/acme`"),
        ("quay.co/acme", "did you mean `quay.io/acme`"),
        ("qay.io/acme", "did you mean `quay.io/acme`"),
        ("www.quay.io/acme", "did you mean `quay.io/acme`"),
        ("cdn01.quay.io/acme", "did you mean `quay.io/acme`"),
        ("quay.io.evil.com/acme", "did you mean `quay.io/acme`"),
        ("www.quay.io.evil.com/acme", "did you mean `quay.io/acme`"),
        ("quay.io:5000/acme", "`quay.io/acme`"),
        ("quay.io/a", "`quay.io/acme`"),
        ("quay.io/Acme/Train", "`quay.io/acme/train`"),
        ("quay.io/repository/acme/train", "`quay.io/acme/train`"),
        ("quay.io/organization/acme", "`quay.io/acme`"),
        ("quay.example.com:8443/repository/acme/train", "`quay.example.com:8443/acme/train`"),
        ("https://quay.io/acme", "`quay.io/acme`"),
        ("http://quay.io/acme///", "`quay.io/acme`"),
        ("quay.io/acme/train:v1", "`quay.io/acme/train`"),
        ("docker.io/acme", "`dockerhub`"),
        ("index.docker.io/acme", "`dockerhub`"),
        ("ghcr.io/acme", "`github`"),
        ("gcr.io/my-proj", "`gcp`"),
        ("europe-docker.pkg.dev/p/r", "`gcp`"),
        ("zenml.azurecr.io", "`azure`"),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "`aws`"),
        ("public.ecr.aws/acme", "`aws`"),
        ("registry.gitlab.com/acme/ml", "`gitlab`"),
        ("registry.digitalocean.com/my-registry", "`digitalocean`"),
        ("registry.cloudflare.com/023e105f4ecef8ad9ca31a8372d0c353", "`cloudflare`"),
        ("acme", "`quay.io/acme`"),
        ("::1", "`[::1]`"),
        ("localhost:99999", "e.g."),
        ("", "e.g."),
    ]);
}

#[test]
fn an_acr_of_china_is_not_taken_for_a_quay() {
    assert_refuses::<Quay>(&[("contoso.azurecr.cn/x", "`azure`"), ("contoso.azurecr.io/x", "`azure`")]);
}

#[test]
fn registries_that_only_one_flavor_knew_are_known_here_too() {
    assert_refuses::<Quay>(&[
        ("123456789012.dkr-ecr.us-west-2.on.aws", "`aws`"),
        ("us.icr.io/acme", "`ibm`"),
        ("docker.com/acme", "`dockerhub`"),
        ("gitlab.com/acme", "`gitlab`"),
        ("contoso.azurecr.us", "`azure`"),
    ]);
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
    let found = |status, body: &str| api::found(&answer(status, body), "a/b");
    assert_eq!(found(200, r#"{"state":"NORMAL","can_write":true}"#), Ok(Found::Ready));
    assert_eq!(found(200, "{}"), Ok(Found::Ready));
    assert_eq!(found(404, "<html>"), Ok(Found::Missing));
    assert_eq!(found(403, r#"{"message":"Requires read access"}"#), Ok(Found::Hidden(": Requires read access".into())));
    for (status, body, kind, words) in [
        (200, r#"{"state":"MIRROR","can_write":false}"#, FailureKind::Denied, "`MIRROR`"),
        (200, r#"{"state":"ORG_MIRROR"}"#, FailureKind::Denied, "`ORG_MIRROR`"),
        (200, r#"{"state":"READ_ONLY"}"#, FailureKind::Denied, "`READ_ONLY`"),
        (200, r#"{"state":"NORMAL","can_write":false}"#, FailureKind::Denied, "may not write"),
        (200, r#"{"sta"#, FailureKind::Other, "something else"),
        (200, "[]", FailureKind::Other, "something else"),
        (302, "", FailureKind::Other, "302"),
        (401, r#"{"message":"Invalid bearer token"}"#, FailureKind::Unauthenticated, "Invalid bearer token"),
        (429, r#"{"message":"slow down"}"#, FailureKind::RateLimited, "slow down"),
        (503, "<html>", FailureKind::Unavailable, "503"),
    ] {
        let failure = found(status, body).unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
    let created = |status, body: &str| api::created(&answer(status, body), "a");
    assert_eq!(created(201, "{}"), Ok(true));
    assert_eq!(created(400, r#"{"error_message":"Repository already exists"}"#), Ok(false));
    assert_eq!(created(403, "{").unwrap_err().kind, FailureKind::Denied);
    assert_eq!(created(402, "{").unwrap_err().kind, FailureKind::Denied);
    assert_eq!(created(400, r#"{"message":"Invalid repository name"}"#).unwrap_err().kind, FailureKind::Other);
}

#[test]
fn only_a_token_of_quay_s_api_is_proved_there() {
    for method in ["password", ROBOT, APP] {
        let options = options(&[(ENDPOINT, "https://quay.example.com")]);
        assert_eq!(
            Quay::identify(connector(method, &[]), &options).unwrap_err().kind,
            FailureKind::Unsupported,
            "{method}"
        );
    }
    // And that only where the user names it.
    let failure = Quay::identify(connector(OAUTH, &[]), &Options::default()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
    assert!(failure.hint.unwrap().contains("--option quay-endpoint=https://quay.io"));
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Quay>();
}

#[test]
fn a_quota_that_rejects_is_told_before_the_push() {
    let quota = |used: u64| {
        let limits = r#"[{"type":"Warning","limit_percent":80},{"type":"Reject","limit_percent":100}]"#;
        let body = format!(
            r#"{{"quotas":[{{"limit_bytes":1000,"limits":{limits}}}],"quota_report":{{"quota_bytes":{used}}}}}"#
        );
        api::quota(&answer(200, &body), "acme")
    };
    assert_eq!(quota(800).unwrap(), None);
    assert_eq!(quota(900).unwrap().unwrap(), "organization `acme` uses 90% of its quota");
    assert_eq!(quota(1001).unwrap_err().kind, FailureKind::Denied);
    for (status, body) in [(200, "{}"), (404, "{}"), (200, r#"{"quotas":[]}"#), (200, "<html>")] {
        assert_eq!(api::quota(&answer(status, body), "acme").unwrap(), None, "{body}");
    }
}

#[test]
fn an_immutable_tag_is_told_before_the_push() {
    let note = |status, body: &str| api::immutable(&answer(status, body), "acme/train", "v1");
    assert!(note(200, r#"{"tags":[{"name":"v1","immutable":true}]}"#).unwrap().contains("`v1` of `acme/train`"));
    for (status, body) in [
        (200, r#"{"tags":[{"name":"v1","immutable":false}]}"#),
        (200, r#"{"tags":[{"name":"v1"}]}"#),
        (200, r#"{"tags":[]}"#),
        (403, "{}"),
        (200, "<html>"),
    ] {
        assert_eq!(note(status, body), None, "{body}");
    }
}

#[test]
fn a_role_that_quay_does_not_give_is_told_in_its_words() {
    let failure =
        |status| api::permitted(&answer(status, r#"{"error_message":"Unknown team: ml"}"#), "ml").unwrap_err();
    for (status, kind) in
        [(400, FailureKind::NotFound), (403, FailureKind::Denied), (401, FailureKind::Unauthenticated)]
    {
        let failure = failure(status);
        assert_eq!(failure.kind, kind);
        assert!(failure.message.contains("Unknown team: ml"), "{}", failure.message);
    }
    assert_eq!(api::permitted(&answer(200, "{}"), "ml"), Ok(()));
}
