use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry,
};
use crhost_flavor::{FailureKind, Password};
use serde_json::{Value, json};

use super::*;

const API: &str = "https://tcr.tencentcloudapi.com/";
const HOST: &str = "acme.tencentcloudcr.com";

#[test]
fn asks_for_these_operations_and_no_other() {
    let operation = |name: &str, action: &str| {
        format!(
            "tencent/secret-key {name}: POST https://tcr.tencentcloudapi.com|<tcr-endpoint> / header \
             x-tc-action={action}&x-tc-version=2019-09-24&x-tc-timestamp&x-tc-region; token in `x-tc-token: …`; \
             signature of secret-key in `authorization: TC3-HMAC-SHA256 …`"
        )
    };
    assert_eq!(
        operations::<Tencent>(),
        [
            &operation("find-instance", "DescribeInstances"),
            &operation("issue-password", "CreateInstanceToken"),
            &operation("list-namespaces", "DescribeNamespaces"),
            &operation("create-namespace", "CreateNamespace"),
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Tencent>(&[
        ("acme.tencentcloudcr.com/team", "acme.tencentcloudcr.com/team", 0),
        ("Acme-vpc.tencentcloudcr.com:443/team/a///", "acme-vpc.tencentcloudcr.com/team/a", 0),
        ("ccr.ccs.tencentyun.com/team", "ccr.ccs.tencentyun.com/team", 0),
        ("hkccr.ccs.tencentyun.com/team", "hkccr.ccs.tencentyun.com/team", 0),
        ("images.acme.example/team", "images.acme.example/team", 1),
        ("localhost:5000/team", "localhost:5000/team", 1),
        ("selfhosted_proxy.com/team", "selfhosted_proxy.com/team", 2),
    ]);
    assert_examples::<Tencent>();
    for uri in Tencent::describe().uri_examples {
        assert!(Tencent::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_registry_of_tencent_s_is_refused_with_the_next_step() {
    assert_refuses::<Tencent>(&[
        (HOST, "`acme.tencentcloudcr.com/team`"),
        ("ccr.ccs.tencentyun.com", "`ccr.ccs.tencentyun.com/team`"),
        ("tencentcloudcr.com/t1", "did you mean `acme.tencentcloudcr.com/t1`"),
        ("a.b.tencentcloudcr.com/t1", "did you mean `acme.tencentcloudcr.com/t1`"),
        ("prod.tencentcloudrc.com/t1", "did you mean `prod.tencentcloudcr.com/t1`"),
        ("prod.tencentcloudcr.com.evil.com/t1", "did you mean `prod.tencentcloudcr.com/t1`"),
        ("ccr.ccs.tencentyun.com.evil.com/t1", "did you mean `ccr.ccs.tencentyun.com/t1`"),
        ("ccr.ccs.tencentyum.com/t1", "did you mean `ccr.ccs.tencentyun.com/t1`"),
        ("console.cloud.tencent.com/tcr", "did you mean `acme.tencentcloudcr.com/tcr`"),
        ("acme.tencentcloudcr.com:5000/t1", "`acme.tencentcloudcr.com/t1`"),
        ("acme.tencentcloudcr.com/T1", "`acme.tencentcloudcr.com/t1`"),
        ("https://acme.tencentcloudcr.com/t1", "`acme.tencentcloudcr.com/t1`"),
        ("acme.tencentcloudcr.com/t1/train:v1", "`acme.tencentcloudcr.com/t1/train`"),
        ("team", "`acme.tencentcloudcr.com/team`"),
        ("docker.io/acme", "`dockerhub`"),
        ("swr.cn-north-4.myhuaweicloud.com/acme", "`huawei`"),
        ("::1", "e.g."),
        ("localhost:99999/acme", "e.g."),
        ("", "e.g."),
    ]);
}

fn given(host: &Host) -> Connector {
    let connector = connector(KEY, &[("secret-id", "AK")]).with_secret("secret-key", host.secret("SK"));
    connector.with_secret("token", host.secret("STS"))
}

fn prepare(host: &Host, options: &[(&str, &str)]) -> Result<Prepared, Failure> {
    Tencent::prepare_image_push(
        registry(&format!("{HOST}/team"), options),
        Some(given(host)),
        image(HOST, "team/train"),
    )
}

/// The answer about the instance `acme`.
fn instance() -> crhost_flavor::http::Response {
    let acme = json!({"RegistryId": "tcr-1", "RegistryName": "acme", "RegionName": "eu-frankfurt"});
    answer(200, &json!({"Response": {"Registries": [{"RegistryName": "acme-2"}, acme]}}).to_string())
}

#[test]
fn a_missing_namespace_is_created_where_the_option_says_so() {
    let host = Host::at(1_795_176_000)
        .holding::<Tencent>()
        .answers(Method::Post, API, instance())
        .answers(Method::Post, API, answer(200, r#"{"Response":{"NamespaceList":[{"Name":"team-2"}]}}"#))
        .answers(Method::Post, API, answer(200, r#"{"Response":{"RequestId":"r"}}"#));
    let prepared = prepare(&host, &[("create-namespace", "true"), ("visibility", "public")]).unwrap();
    assert_eq!(prepared.notes, ["the namespace `team` was created, public"]);
    let sent = host.sent();
    let body = |at: usize| serde_json::from_str::<Value>(&sent[at].text()).unwrap();
    let named = json!([{"Name": "RegistryName", "Values": ["acme"]}]);
    assert_eq!(body(0), json!({"AllRegion": true, "Filters": named}));
    assert_eq!(body(2), json!({"RegistryId": "tcr-1", "NamespaceName": "team", "IsPublic": true}));
    for (request, (action, region)) in sent.iter().zip([
        ("DescribeInstances", "ap-guangzhou"),
        ("DescribeNamespaces", "eu-frankfurt"),
        ("CreateNamespace", "eu-frankfurt"),
    ]) {
        assert_eq!((request.header("x-tc-action"), request.header("x-tc-region")), (Some(action), Some(region)));
        assert_eq!(
            (request.header("x-tc-token"), request.header("content-type")),
            (Some("STS"), Some("application/json"))
        );
        assert!(request.header("authorization").unwrap().starts_with("TC3-HMAC-SHA256 Credential=AK/2026-11-20/tcr/"));
    }
}

#[test]
fn what_is_missing_or_hidden_is_told() {
    let host = Host::at(0).answers(Method::Post, API, answer(200, r#"{"Response":{"Registries":[]}}"#));
    assert_eq!(prepare(&host, &[]).unwrap_err().kind, FailureKind::NotFound);
    drop(host);
    let host = Host::at(0).answers(Method::Post, API, instance()).answers(
        Method::Post,
        API,
        answer(200, r#"{"Response":{"NamespaceList":[]}}"#),
    );
    assert!(prepare(&host, &[]).unwrap_err().hint.unwrap().contains("create-namespace=true"));
    drop(host);
    let denied = r#"{"Response":{"Error":{"Code":"UnauthorizedOperation","Message":"not authorized"}}}"#;
    let host = Host::at(0).answers(Method::Post, API, instance()).answers(Method::Post, API, answer(200, denied));
    assert!(prepare(&host, &[]).unwrap().notes[0].contains("not authorized"));
}

#[test]
fn an_instance_has_to_be_known() {
    let host = Host::at(0);
    let image = image("ccr.ccs.tencentyun.com", "team/train");
    let registry = registry("ccr.ccs.tencentyun.com/team", &[]);
    let failure = Tencent::prepare_image_push(registry, Some(given(&host)), image).unwrap_err();
    assert!(failure.hint.unwrap().contains("--type docker"));
}

#[test]
fn every_answer_of_the_api_is_understood() {
    let of = |code: &str| json!({"Response": {"Error": {"Code": code, "Message": "words"}}}).to_string();
    for (status, body, kind) in [
        (200, of("AuthFailure.SecretIdNotFound"), FailureKind::Unauthenticated),
        (200, of("AuthFailure.SignatureExpire"), FailureKind::Unauthenticated),
        (200, of("UnauthorizedOperation"), FailureKind::Denied),
        (200, of("RequestLimitExceeded"), FailureKind::RateLimited),
        (200, of("ResourceNotFound"), FailureKind::NotFound),
        (200, of("InternalError.DbError"), FailureKind::Unavailable),
        (200, of("InvalidParameter"), FailureKind::Other),
        (200, "{}".to_owned(), FailureKind::Other),
        (200, "[]".to_owned(), FailureKind::Other),
        (401, String::new(), FailureKind::Unauthenticated),
        (429, String::new(), FailureKind::RateLimited),
        (503, "<html>".to_owned(), FailureKind::Unavailable),
    ] {
        assert_eq!(api::answer(&answer(status, &body)).unwrap_err().kind, kind, "{status} {body}");
    }
    assert_eq!(api::created(&answer(200, &of("InvalidParameter.ErrNamespaceExist"))), Ok(false));
    assert!(api::created(&answer(200, &of("InvalidParameter.ErrNamespaceReserved"))).is_err());
}

#[test]
fn an_issued_password_ends_at_its_time_in_milliseconds() {
    let body = r#"{"Response":{"Username":"100012345678","Token":"eyJ0","ExpTime":1795179600000}}"#;
    let host = Host::at(1_795_176_000).holding::<Tencent>().answers(Method::Post, API, instance()).answers(
        Method::Post,
        API,
        answer(200, body),
    );
    let registry = registry(&format!("{HOST}/team"), &[]);
    let Ok(Credential::Basic(basic)) = Tencent::credentials(registry, Some(given(&host)), Purpose::Push, None) else {
        panic!()
    };
    assert_eq!((basic.username.as_str(), basic.expires_at), ("100012345678", Some(1_795_179_600)));
    assert!(matches!(basic.password, Password::Plain(token) if token == "eyJ0") && basic.whole_registry);
    for half in ["{}", r#"{"Username":"a"}"#, r#"{"Username":"","Token":"b"}"#] {
        assert!(api::credential(&serde_json::from_str(half).unwrap(), 0).is_err(), "{half}");
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Tencent>();
}
