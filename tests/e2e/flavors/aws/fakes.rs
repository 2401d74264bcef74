//! What moto has not: ECR Public, the metadata of an instance and the credentials of a container, as named fakes.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use serde_json::json;

use super::{PUSH, PUSHER, assert_pushed, connector, ecr, home};
use crate::support::moto::Moto;
use crate::support::registry::Registry;
use crate::support::web::Web;

/// The keys of moto's role, as instances and containers give them.
fn returned(moto: &Moto) -> String {
    json!({
        "Code": "Success",
        "AccessKeyId": moto.fact("temporaryId"),
        "SecretAccessKey": moto.fact("temporarySecret"),
        "Token": moto.fact("temporaryToken"),
        "Expiration": "2099-01-01T00:00:00Z",
    })
    .to_string()
}

/// The fake metadata of an instance: version 2, which gives nothing without the token.
fn fake_imds(moto: &Moto) -> Web {
    const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
    let keys = returned(moto);
    let with_token = |headers: &HeaderMap, answer: String| match headers.get("x-aws-ec2-metadata-token") {
        Some(token) if token == "imds-token" => (StatusCode::OK, answer),
        _ => (StatusCode::UNAUTHORIZED, String::new()),
    };
    let token = |headers: HeaderMap| async move {
        match headers.get("x-aws-ec2-metadata-token-ttl-seconds") {
            Some(_) => (StatusCode::OK, "imds-token"),
            None => (StatusCode::BAD_REQUEST, ""),
        }
    };
    let role = move |headers: HeaderMap| async move { with_token(&headers, "push".to_owned()) };
    let role_keys = move |headers: HeaderMap| async move { with_token(&headers, keys) };
    let router = Router::new()
        .route("/latest/api/token", put(token))
        .route(ROLES, get(role))
        .route(&format!("{ROLES}push"), get(role_keys));
    Web::serve(router)
}

#[test]
fn an_instance_gives_the_keys_of_its_role() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let imds = fake_imds(&moto);
    let (home, image) = home();
    connector(&home, "implicit", &["--allow-implicit"]);
    let url = format!("http://{}", imds.host());
    let option = format!("imds-endpoint={url}");
    ecr(&home, &registry, &moto, &["--option", &option]);
    // An address of this machine is the user's to open.
    home.fails(4, &PUSH).says(&format!("--allow-host {url}"));
    home.ok(&["registry", "remove", "ecr"]);
    ecr(&home, &registry, &moto, &["--option", &option, "--allow-host", &url]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

#[test]
fn a_container_gives_the_keys_of_its_role_for_its_token() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let keys = returned(&moto);
    let container = Web::serve(Router::new().route(
        "/v1/credentials",
        get(move |headers: HeaderMap| async move {
            match headers.get("authorization") {
                Some(token) if token == "container-token" => (StatusCode::OK, keys),
                _ => (StatusCode::UNAUTHORIZED, String::new()),
            }
        }),
    ));
    let (mut home, image) = home();
    let url = format!("http://{}", container.host());
    home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/v1/credentials"));
    home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token");
    connector(&home, "implicit", &["--allow-implicit"]);
    ecr(&home, &registry, &moto, &["--allow-host", moto.endpoint(), "--allow-secret-host", &url]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

/// A fake ECR Public, which has one repository, `train` under the alias `acme`; it wants its own service's calls, signed for its
/// own region.
fn fake_ecr_public() -> Web {
    let describe = |headers: HeaderMap, body: String| async move {
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        assert_eq!(header("x-amz-target"), "SpencerFrontendService.DescribeRepositories");
        assert!(header("authorization").contains("/us-east-1/ecr-public/aws4_request"));
        let asked: serde_json::Value = serde_json::from_str(&body).unwrap();
        match asked["repositoryNames"][0].as_str() {
            Some("train") => {
                let found = json!({"repositoryName": "train", "repositoryUri": "public.ecr.aws/acme/train"});
                (StatusCode::OK, json!({"repositories": [found]}).to_string())
            }
            _ => {
                let refused = json!({"__type": "RepositoryNotFoundException", "message": "not there"});
                (StatusCode::BAD_REQUEST, refused.to_string())
            }
        }
    };
    Web::serve(Router::new().route("/", post(describe)))
}

#[test]
fn ecr_public_is_asked_for_the_repository_below_the_alias() {
    let fake = fake_ecr_public();
    let (home, _) = home();
    connector(&home, "secret-key", &["--aws_access_key_id=AKIAIOSFODNN7EXAMPLE", "--aws_secret_access_key=secret"]);
    let url = format!("http://{}", fake.host());
    let endpoint = format!("ecr-endpoint={url}");
    for (alias, code, repository, words) in [
        ("acme", 3, "other", "ECR Public has no repository `other`"),
        ("somebody", 4, "train", "`public.ecr.aws/acme/train`"),
    ] {
        let uri = format!("public.ecr.aws/{alias}");
        let command =
            ["registry", "register", alias, "--no-verify", "--flavor=aws", "--connector=my-aws", "--uri", &uri];
        home.ok(&[&command[..], &["--option", &endpoint, "--allow-host", &url]].concat());
        home.fails(code, &["push", "oci:layout:v1", "--to", alias, "--as", repository]).says(words);
    }
}

#[test]
fn the_words_of_a_busy_or_broken_service_are_kept_in_one_line() {
    for (status, body, code, words) in [
        (
            StatusCode::BAD_REQUEST,
            r#"{"__type":"x#ExpiredTokenException","message":"The security token\nhas expired."}"#,
            4,
            "token has expired",
        ),
        (StatusCode::BAD_REQUEST, r#"{"__type":"Acc"#, 7, "400"),
        (StatusCode::INTERNAL_SERVER_ERROR, r#"{"__type":"ServerException","message":"oh dear"}"#, 6, "oh dear"),
        (StatusCode::OK, r#"{"repositories":"#, 7, "can't be read"),
    ] {
        let fake = Web::serve(Router::new().route("/", post(move || async move { (status, body) })));
        let (registry, (home, _)) = (Registry::with_ecr_token(), home());
        connector(&home, "secret-key", &["--aws_access_key_id=AKIAIOSFODNN7EXAMPLE", "--aws_secret_access_key=secret"]);
        let url = format!("http://{}", fake.host());
        let endpoint = format!("ecr-endpoint={url}");
        let command = ["registry", "register", "ecr", "--flavor=aws", "--connector=my-aws", "--uri", registry.host()];
        let options = ["--no-verify", "--option=region=eu-west-1", "--option", &endpoint, "--allow-host", &url];
        home.ok(&[&command[..], &options].concat());
        let refused = home.run(&PUSH);
        assert_eq!(refused.code, Some(code), "{refused}");
        assert!(refused.stderr.contains(words), "{refused}");
        assert_eq!(registry.requests(), [""; 0]);
    }
}
