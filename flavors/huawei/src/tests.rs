use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry, response,
};
use crhost_flavor::{FailureKind, Password};

use super::api::Found;
use super::*;

const HOST: &str = "swr.cn-north-4.myhuaweicloud.com";
const API: &str = "https://swr-api.cn-north-4.myhuaweicloud.com";

#[test]
fn asks_for_these_operations_and_no_other() {
    let operation = |name: &str, request: &str, query: &str| {
        let (method, path) = request.split_once(' ').unwrap();
        format!(
            "huawei/access-key {name}: {method} https://swr-api.*.myhuaweicloud.com|https://swr-api.*.myhuaweicloud.eu|\
             <swr-endpoint> {path}{query} header x-sdk-date&x-project-id; security-token in `x-security-token: …`; \
             signature of secret-access-key in `authorization: SDK-HMAC-SHA256 …`"
        )
    };
    assert_eq!(
        operations::<Huawei>(),
        [
            &operation("issue-login", "POST /v2/manage/utils/secret", " ?projectname"),
            &operation("check-organization", "GET /v2/manage/namespaces/*", ""),
            &operation("create-organization", "POST /v2/manage/namespaces", ""),
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Huawei>(&[
        ("swr.cn-north-4.myhuaweicloud.com/acme", "swr.cn-north-4.myhuaweicloud.com/acme", 0),
        ("SWR.eu-west-101.myhuaweicloud.eu:443/acme/a///", "swr.eu-west-101.myhuaweicloud.eu/acme/a", 0),
        ("images.acme.example/acme", "images.acme.example/acme", 1),
        ("localhost:5000/acme", "localhost:5000/acme", 1),
        ("selfhosted_proxy.com/acme", "selfhosted_proxy.com/acme", 2),
    ]);
    assert_examples::<Huawei>();
    for uri in Huawei::describe().uri_examples {
        assert!(Huawei::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_registry_of_huawei_s_is_refused_with_the_next_step() {
    assert_refuses::<Huawei>(&[
        (HOST, "`swr.cn-north-4.myhuaweicloud.com/acme`"),
        ("swr-api.cn-north-4.myhuaweicloud.com/t1", "did you mean `swr.cn-north-4.myhuaweicloud.com/t1`"),
        ("swr.myhuaweicloud.com/t1", "did you mean `swr.cn-north-4.myhuaweicloud.com/t1`"),
        ("obs.cn-east-3.myhuaweicloud.com/t1", "did you mean `swr.cn-east-3.myhuaweicloud.com/t1`"),
        ("console.huaweicloud.com/swr", "did you mean `swr.cn-north-4.myhuaweicloud.com/swr`"),
        ("swr.cn-east-3.myhuaweicoud.com/t1", "did you mean `swr.cn-east-3.myhuaweicloud.com/t1`"),
        ("swr.cn-east-3.myhuaweicloud.com.evil.com/t1", "did you mean `swr.cn-east-3.myhuaweicloud.com/t1`"),
        ("swr.cn-east-3.myhuaweicloud.com:5000/t1", "`swr.cn-east-3.myhuaweicloud.com/t1`"),
        ("swr.cn-east-3.myhuaweicloud.com/T1", "`swr.cn-east-3.myhuaweicloud.com/t1`"),
        ("https://swr.cn-east-3.myhuaweicloud.com/t1", "`swr.cn-east-3.myhuaweicloud.com/t1`"),
        ("swr.cn-east-3.myhuaweicloud.com/t1/train:v1", "`swr.cn-east-3.myhuaweicloud.com/t1/train`"),
        ("acme", "`swr.eu-west-101.myhuaweicloud.eu/acme`"),
        ("docker.io/acme", "`dockerhub`"),
        ("registry.cn-hangzhou.aliyuncs.com/acme", "`alibaba`"),
        ("::1", "e.g."),
        ("localhost:99999/acme", "e.g."),
        ("", "e.g."),
    ]);
}

fn given(host: &Host) -> Connector {
    let connector = connector(KEY, &[("access-key-id", "AK")]).with_secret("secret-access-key", host.secret("SK"));
    connector.with_secret("security-token", host.secret("STS"))
}

fn prepare(host: &Host, options: &[(&str, &str)]) -> Result<Prepared, Failure> {
    let registry = registry(&format!("{HOST}/acme"), options);
    Huawei::prepare_image_push(registry, Some(given(host)), image(HOST, "acme/train"))
}

#[test]
fn a_missing_organization_is_created_where_the_option_says_so() {
    let host = Host::at(1_795_176_000)
        .holding::<Huawei>()
        .answers(Method::Get, &format!("{API}/v2/manage/namespaces/acme"), answer(404, "{}"))
        .answers(Method::Post, &format!("{API}/v2/manage/namespaces"), answer(201, ""));
    let prepared = prepare(&host, &[("create-organization", "true"), ("project-id", "p1")]).unwrap();
    assert_eq!(prepared.notes, ["the organization `acme` was created"]);
    let sent = host.sent();
    assert_eq!(sent[1].text(), r#"{"namespace":"acme"}"#);
    for request in &sent {
        let signed = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=content-type;host;x-project-id;x-sdk-date;\
                      x-security-token, Signature=";
        assert!(request.header("authorization").unwrap().starts_with(signed));
        assert_eq!(request.header("x-sdk-date"), Some("20261120T120000Z"));
        assert_eq!(request.header("x-security-token"), Some("STS"));
    }
}

#[test]
fn answers_of_the_api_say_whether_a_push_can_succeed() {
    let found = |status, body: &str| api::found(&answer(status, body), "acme");
    assert_eq!(found(200, r#"{"id":1,"name":"acme","auth":7}"#), Ok(Found::Ready));
    assert_eq!(found(200, "{}"), Ok(Found::Missing));
    assert_eq!(found(404, ""), Ok(Found::Missing));
    assert!(matches!(found(403, "{}"), Ok(Found::Hidden(note)) if note.contains("not checked")));
    let key = r#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information"}"#;
    for (status, body, kind, words) in [
        (401, key, FailureKind::Unauthenticated, "Incorrect IAM"),
        (429, "", FailureKind::RateLimited, "429"),
        (503, "<html>", FailureKind::Unavailable, "503"),
        (200, "[]", FailureKind::Other, "something else"),
    ] {
        let failure = found(status, body).unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
        assert!(failure.message.contains(words), "{}", failure.message);
    }
    let created = |status| api::created(&answer(status, r#"{"errors":[{"errorMessage":"words"}]}"#), "acme");
    assert_eq!(created(201), Ok(true));
    for (status, kind) in [(403, FailureKind::Denied), (409, FailureKind::Conflict), (400, FailureKind::Other)] {
        let failure = created(status).unwrap_err();
        assert_eq!(failure.kind, kind);
        assert!(failure.message.contains("words"), "{}", failure.message);
    }
}

#[test]
fn an_issued_login_ends_when_its_header_says() {
    // `cn-north-4@AK:p4ss`.
    let body = r#"{"auths":{"swr.cn-north-4.myhuaweicloud.com":{"auth":"Y24tbm9ydGgtNEBBSzpwNHNz"}}}"#;
    let issued = response(200, &[("X-Swr-Expireat", "2026-11-20T18:00:00.811000Z")], body);
    let url = format!("{API}/v2/manage/utils/secret?projectname=cn-north-4");
    let host = Host::at(1_795_176_000).holding::<Huawei>().answers(Method::Post, &url, issued);
    let registry = registry(&format!("{HOST}/acme"), &[]);
    let Ok(Credential::Basic(basic)) = Huawei::credentials(registry, Some(given(&host)), Purpose::Push, None) else {
        panic!()
    };
    assert_eq!((basic.username.as_str(), basic.expires_at), ("cn-north-4@AK", Some(1_795_197_600)));
    assert!(matches!(basic.password, Password::Plain(password) if password == "p4ss"));
    for half in ["{}", r#"{"auths":{}}"#, r#"{"auths":{"a":{"auth":"YQ=="}}}"#, r#"{"auths":{"a":{"auth":"%"}}}"#] {
        assert!(api::login(&answer(200, half), 0).is_err(), "{half}");
    }
}

#[test]
fn a_region_has_to_be_known() {
    let host = Host::at(0);
    let image = image("images.acme.example", "acme/train");
    let failure = Huawei::prepare_image_push(registry("images.acme.example/acme", &[]), Some(given(&host)), image);
    assert!(failure.unwrap_err().hint.unwrap().contains("swr-endpoint"));
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Huawei>();
}
