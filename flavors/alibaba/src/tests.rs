use crhost_flavor::http::Method;
use crhost_flavor::testing::{
    Host, answer, assert_accepts, assert_examples, assert_refuses, assert_refuses_other_flavors, connector, image,
    operations, registry,
};
use crhost_flavor::{FailureKind, Password};
use serde_json::json;

use super::*;

const URI: &str = "acme-registry.eu-central-1.cr.aliyuncs.com/team";
const HOST: &str = "acme-registry.eu-central-1.cr.aliyuncs.com";

#[test]
fn asks_for_these_operations_and_no_other() {
    let operation = |name: &str, action: &str, query: &str| {
        format!(
            "alibaba/access-key {name}: POST https://cr.*.aliyuncs.com|<cr-endpoint> / {query} header \
             x-acs-action={action}&x-acs-version=2018-12-01&x-acs-content-sha256&x-acs-date&x-acs-signature-nonce; \
             security-token in `x-acs-security-token: …`; signature of access-key-secret in `authorization: \
             ACS3-HMAC-SHA256 …`"
        )
    };
    let list = "?InstanceId&PageNo&PageSize&RepoName&RepoNamespaceName&RepoStatus";
    assert_eq!(
        operations::<Alibaba>(),
        [
            &operation("issue-credentials", "GetAuthorizationToken", "?InstanceId"),
            &operation("list-namespaces", "ListNamespace", "?InstanceId&NamespaceName&PageNo&PageSize"),
            &operation("list-repositories", "ListRepository", list),
            &operation(
                "create-repository",
                "CreateRepository",
                "?InstanceId&RepoName&RepoNamespaceName&RepoType&Summary"
            ),
            "docker/password: password is the registry's password",
        ]
    );
}

#[test]
fn registries_are_accepted_in_canonical_form() {
    assert_accepts::<Alibaba>(&[
        (URI, URI, 0),
        (
            "Acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com:443/t1///",
            "acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com/t1",
            0,
        ),
        ("registry.cn-hangzhou.aliyuncs.com/team/train", "registry.cn-hangzhou.aliyuncs.com/team/train", 0),
        ("registry-vpc.ap-southeast-1.aliyuncs.com/team", "registry-vpc.ap-southeast-1.aliyuncs.com/team", 0),
        ("registry-internal.cn-beijing.aliyuncs.com/team", "registry-internal.cn-beijing.aliyuncs.com/team", 0),
        ("registry.cn-shanghai-finance-1.aliyuncs.com/team", "registry.cn-shanghai-finance-1.aliyuncs.com/team", 0),
        ("crpi-ck06.cn-beijing.personal.cr.aliyuncs.com/team", "crpi-ck06.cn-beijing.personal.cr.aliyuncs.com/team", 0),
        ("images.acme.example/team", "images.acme.example/team", 1),
        ("localhost:5000/team", "localhost:5000/team", 1),
        ("selfhosted_proxy.com/team", "selfhosted_proxy.com/team", 2),
    ]);
    assert_examples::<Alibaba>();
    for uri in Alibaba::describe().uri_examples {
        assert!(Alibaba::validate_uri(uri).unwrap().warnings.is_empty());
    }
}

#[test]
fn what_is_no_registry_of_alibaba_s_is_refused_with_the_next_step() {
    assert_refuses::<Alibaba>(&[
        (HOST, "`acme-registry.eu-central-1.cr.aliyuncs.com/team`"),
        ("registry.cn-hangzhou.aliyuncs.com", "`registry.cn-hangzhou.aliyuncs.com/team`"),
        ("registry.cn-hangzhou.aliyuncs.com/a", "`registry.cn-hangzhou.aliyuncs.com/team`"),
        ("cr.cn-hangzhou.aliyuncs.com/acme", "did you mean `registry.cn-hangzhou.aliyuncs.com/acme`"),
        ("acme.oss-cn-hangzhou.aliyuncs.com/acme", "did you mean `registry."),
        (
            "acme-registry.cn-hangzhou.aliyuncs.com/acme",
            "did you mean `acme-registry.cn-hangzhou.cr.aliyuncs.com/acme`",
        ),
        ("cr.console.aliyun.com/acme", "did you mean `registry.eu-central-1.aliyuncs.com/acme`"),
        ("registry.cn-hangzhou.aliyunc.com/acme", "did you mean `registry.cn-hangzhou.aliyuncs.com/acme`"),
        ("registry.cn-hangzhou.aliyuncs.com.evil.com/acme", "did you mean `registry.cn-hangzhou.aliyuncs.com/acme`"),
        ("registry.cn-hangzhou.aliyuncs.com:5000/acme", "`registry.cn-hangzhou.aliyuncs.com/acme`"),
        ("registry.cn-hangzhou.aliyuncs.com/Acme", "`registry.cn-hangzhou.aliyuncs.com/acme`"),
        ("https://registry.cn-hangzhou.aliyuncs.com/acme", "`registry.cn-hangzhou.aliyuncs.com/acme`"),
        ("registry.cn-hangzhou.aliyuncs.com/acme/train:v1", "`registry.cn-hangzhou.aliyuncs.com/acme/train`"),
        ("acme", "`acme-registry.eu-central-1.cr.aliyuncs.com/acme`"),
        ("docker.io/acme", "`dockerhub`"),
        ("::1", "e.g."),
        ("localhost:99999/acme", "e.g."),
        ("", "e.g."),
    ]);
}

/// The URL of an action with its parameters.
fn url(query: &str) -> String {
    format!("https://cr.eu-central-1.aliyuncs.com/?{query}")
}

const NAMESPACES: &str = "InstanceId=cri-1&NamespaceName=team&PageNo=1&PageSize=100";
const REPOSITORIES: &str =
    "InstanceId=cri-1&PageNo=1&PageSize=100&RepoName=train&RepoNamespaceName=team&RepoStatus=ALL";
const CREATE: &str =
    "InstanceId=cri-1&RepoName=train&RepoNamespaceName=team&RepoType=PUBLIC&Summary=created%20by%20crhost";

fn given(host: &Host) -> Connector {
    let connector = connector(KEY, &[("access-key-id", "AK")]).with_secret("access-key-secret", host.secret("SK"));
    connector.with_secret("security-token", host.secret("STS"))
}

fn prepare(host: &Host, options: &[(&str, &str)]) -> Result<Prepared, Failure> {
    let options = [&[("instance-id", "cri-1")][..], options].concat();
    Alibaba::prepare_image_push(registry(URI, &options), Some(given(host)), image(HOST, "team/train"))
}

#[test]
fn a_missing_repository_is_created_where_the_option_says_so() {
    let host = Host::at(1_795_176_000)
        .holding::<Alibaba>()
        .answers(Method::Post, &url(NAMESPACES), answer(200, r#"{"Namespaces":[{"NamespaceName":"team"}]}"#))
        .answers(Method::Post, &url(REPOSITORIES), answer(200, r#"{"Repositories":[{"RepoName":"train-2"}]}"#))
        .answers(Method::Post, &url(CREATE), answer(200, r#"{"IsSuccess":true,"RepoId":"crr-1"}"#));
    let prepared = prepare(&host, &[("create-repository", "true"), ("visibility", "public")]).unwrap();
    assert_eq!(prepared.notes, ["repository `team/train` was created, public"]);
    let sent = host.sent();
    for (request, action) in sent.iter().zip(["ListNamespace", "ListRepository", "CreateRepository"]) {
        assert_eq!(request.header("x-acs-action"), Some(action));
        assert_eq!(request.header("x-acs-security-token"), Some("STS"));
        let signed = "ACS3-HMAC-SHA256 Credential=AK,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
                      x-acs-security-token;x-acs-signature-nonce;x-acs-version,Signature=";
        assert!(request.header("authorization").unwrap().starts_with(signed));
    }
    let nonce = |at: usize| sent[at].header("x-acs-signature-nonce").unwrap().to_owned();
    assert!(nonce(0) != nonce(1) && nonce(1) != nonce(2));
}

#[test]
fn a_namespace_that_creates_repositories_needs_no_more() {
    let body = r#"{"Namespaces":[{"NamespaceName":"team","AutoCreateRepo":true}]}"#;
    let host = Host::at(0).answers(Method::Post, &url(NAMESPACES), answer(200, body));
    assert!(prepare(&host, &[]).unwrap().notes.is_empty());
}

#[test]
fn what_is_missing_or_hidden_is_told() {
    let host = Host::at(0).answers(Method::Post, &url(NAMESPACES), answer(200, r#"{"Namespaces":[]}"#));
    assert_eq!(prepare(&host, &[]).unwrap_err().kind, FailureKind::NotFound);
    drop(host);
    let denied = r#"{"Code":"Forbidden.RAM","Message":"User not authorized to operate on the specified resource."}"#;
    let host = Host::at(0).answers(Method::Post, &url(NAMESPACES), answer(403, denied));
    let prepared = prepare(&host, &[]).unwrap();
    assert!(prepared.notes[0].contains("not authorized"), "{:?}", prepared.notes);
    drop(host);
    let host = Host::at(0)
        .answers(Method::Post, &url(NAMESPACES), answer(200, r#"{"Namespaces":[{"NamespaceName":"team"}]}"#))
        .answers(Method::Post, &url(REPOSITORIES), answer(200, r#"{"Repositories":[]}"#));
    assert!(prepare(&host, &[]).unwrap_err().hint.unwrap().contains("create-repository=true"));
}

#[test]
fn an_instance_and_its_region_have_to_be_known() {
    let host = Host::at(0);
    let prepare = |uri: &str, options: &[(&str, &str)]| {
        let image = image(uri.split('/').next().unwrap(), "team/train");
        Alibaba::prepare_image_push(registry(uri, options), Some(given(&host)), image).unwrap_err()
    };
    assert!(prepare(URI, &[]).hint.unwrap().contains("instance-id"));
    assert!(prepare("images.acme.example/team", &[("instance-id", "cri-1")]).hint.unwrap().contains("cr-endpoint"));
}

#[test]
fn every_answer_of_the_api_is_understood() {
    let failure = |status, body: &str| api::answer(&answer(status, body)).unwrap_err();
    let of = |code: &str| json!({"Code": code, "Message": "words"}).to_string();
    for (status, body, kind) in [
        (404, of("InvalidAccessKeyId.NotFound"), FailureKind::Unauthenticated),
        (400, of("SignatureDoesNotMatch"), FailureKind::Unauthenticated),
        (403, of("InvalidSecurityToken.Expired"), FailureKind::Unauthenticated),
        (400, of("SignatureNonceUsed"), FailureKind::RateLimited),
        (400, of("Throttling.User"), FailureKind::RateLimited),
        (429, String::new(), FailureKind::RateLimited),
        (403, of("Forbidden.RAM"), FailureKind::Denied),
        (503, "<html>".to_owned(), FailureKind::Unavailable),
        (200, r#"{"IsSuccess":false,"Code":"INSTANCE_NOT_EXIST"}"#.to_owned(), FailureKind::Other),
        (200, "[]".to_owned(), FailureKind::Other),
    ] {
        assert_eq!(failure(status, &body).kind, kind, "{status} {body}");
    }
    assert_eq!(failure(400, &of("SignatureNonceUsed")).retry_after, Some(1));
    assert_eq!(api::created(&answer(200, r#"{"IsSuccess":false,"Code":"REPO_EXIST"}"#)), Ok(false));
    assert_eq!(api::created(&answer(200, r#"{"IsSuccess":true}"#)), Ok(true));
    assert!(api::created(&answer(200, r#"{"IsSuccess":false,"Code":"NAMESPACE_NOT_EXIST"}"#)).is_err());
}

#[test]
fn issued_credentials_end_at_their_time_in_milliseconds() {
    let body = r#"{"TempUsername":"cr_temp_user","AuthorizationToken":"eyJ0","ExpireTime":1795179600000}"#;
    let query = url("InstanceId=cri-1");
    let host = Host::at(1_795_176_000).holding::<Alibaba>().answers(Method::Post, &query, answer(200, body));
    let registry = registry(URI, &[("instance-id", "cri-1")]);
    let Ok(Credential::Basic(basic)) = Alibaba::credentials(registry, Some(given(&host)), Purpose::Push, None) else {
        panic!()
    };
    assert_eq!((basic.username.as_str(), basic.expires_at), ("cr_temp_user", Some(1_795_179_600)));
    assert!(matches!(basic.password, Password::Plain(token) if token == "eyJ0") && basic.whole_registry);
    for half in ["{}", r#"{"TempUsername":"a"}"#, r#"{"TempUsername":"","AuthorizationToken":"b"}"#] {
        assert!(api::credential(&serde_json::from_str(half).unwrap(), 0).is_err(), "{half}");
    }
}

#[test]
fn every_example_of_another_flavor_is_refused_with_that_flavor() {
    assert_refuses_other_flavors::<Alibaba>();
}
