//! What moto has not: the metadata of an instance, the credentials of a container, and bad days, as named fakes.

use std::net::TcpListener;
use std::sync::Mutex;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post, put};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{PUSH, PUSHER, assert_pushed, connector, ecr, spec, unknown_keys};
use crate::support::fakes::api::FakeApi;
use crate::support::fakes::web::Web;
use crate::support::programs::crhost::Home;
use crate::support::programs::moto::Moto;
use crate::support::programs::registry::{ECR_TOKEN, Registry};

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
    let (home, image) = Home::with_image();
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
fn an_instance_that_is_busy_is_asked_again_and_one_that_is_broken_is_unavailable() {
    let times = Mutex::new(0);
    let imds = FakeApi::start(move |_| {
        let mut times = times.lock().unwrap();
        *times += 1;
        match *times {
            1 => (429, vec![("retry-after", "1".to_owned())], json!({})),
            _ => (500, Vec::new(), json!({"message": "oh dear"})),
        }
    });
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (home, _) = Home::with_image();
    connector(&home, "implicit", &["--allow-implicit"]);
    let (url, option) = (imds.url(), format!("imds-endpoint={}", imds.url()));
    ecr(&home, &registry, &moto, &["--option", &option, "--allow-host", &url]);
    home.fails(6, &PUSH).says("the instance's metadata answered 500: oh dear");
    assert_eq!(imds.lines(), ["PUT /latest/api/token"; 2]);
}

#[test]
fn a_machine_without_metadata_has_no_keys() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    let (home, _) = Home::with_image();
    connector(&home, "implicit", &["--allow-implicit"]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let option = format!("imds-endpoint={url}");
    ecr(&home, &registry, &moto, &["--option", &option, "--allow-host", &url]);
    home.fails(4, &PUSH).says("this machine has no keys of AWS");
}

#[test]
fn a_repository_is_created_in_the_registry_s_account_where_nobody_says_whose_the_keys_are() {
    // STS is broken, so that the account of the keys stays unknown.
    let fake = FakeApi::start(|request| {
        let target = request.headers.get("x-amz-target").map_or("", |target| target.to_str().unwrap());
        let refused = |code: &str| (400, Vec::new(), json!({"__type": code, "message": "no"}));
        match target.split_once('.').map_or("", |(_, operation)| operation) {
            "DescribeRepositories" => refused("RepositoryNotFoundException"),
            "CreateRepository" => refused("AccessDeniedException"),
            _ => (400, Vec::new(), json!({})),
        }
    });
    let (registry, (home, _)) = (Registry::with_ecr_token(), Home::with_image());
    unknown_keys(&home);
    let url = fake.url();
    let ecr =
        spec(&registry).option("account", "999999999999").option("create-repository", "true").allow_secret_host(&url);
    ecr.option("ecr-endpoint", &url).option("sts-endpoint", &url).register(&home);
    home.fails(4, &PUSH).says("`ecr:CreateRepository`");
    let last = fake.requests().pop().unwrap();
    let body: Value = serde_json::from_str(&last.body).unwrap();
    assert_eq!(body, json!({"repositoryName": "team/train", "registryId": "999999999999"}));
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
    let (mut home, image) = Home::with_image();
    let url = format!("http://{}", container.host());
    home.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/v1/credentials"));
    home.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-token");
    connector(&home, "implicit", &["--allow-implicit"]);
    ecr(&home, &registry, &moto, &["--allow-host", moto.endpoint(), "--allow-secret-host", &url]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

#[test]
fn temporary_keys_are_made_of_a_user_s_for_a_push() {
    let (moto, registry) = (Moto::start(PUSHER, &["team/train"]), Registry::with_ecr_token());
    // moto answers this call with keys that its check does not know, so a fake STS gives those that it does.
    let answer = format!(
        "<GetSessionTokenResponse><GetSessionTokenResult><Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}\
         </SecretAccessKey><SessionToken>{}</SessionToken></Credentials></GetSessionTokenResult></GetSessionTokenResponse>",
        moto.fact("temporaryId"),
        moto.fact("temporarySecret"),
        moto.fact("temporaryToken")
    );
    let by = format!("AWS4-HMAC-SHA256 Credential={}/", moto.id());
    let sts = Web::serve(Router::new().route(
        "/",
        post(move |headers: HeaderMap, body: String| async move {
            let signed = headers["authorization"].to_str().unwrap();
            assert!(signed.starts_with(&by) && signed.contains("/sts/aws4_request"), "{signed}");
            assert_eq!(body, "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900");
            answer
        }),
    ));
    let (mut home, image) = Home::with_image();
    home.set("SECRET_OF_THE_TEST", moto.secret());
    let id = format!("--aws_access_key_id={}", moto.id());
    let fields = [&id, "--aws_secret_access_key=@env:SECRET_OF_THE_TEST", "--duration_seconds=900"];
    connector(&home, "session-token", &fields);
    let (sts, ecr) = (format!("http://{}", sts.host()), moto.endpoint());
    let registered = spec(&registry).option("sts-endpoint", &sts).option("ecr-endpoint", ecr);
    registered.allow_secret_host(&sts).allow_host(ecr).register(&home);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
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
        let (registry, (home, _)) = (Registry::with_ecr_token(), Home::with_image());
        unknown_keys(&home);
        let url = format!("http://{}", fake.host());
        spec(&registry).option("ecr-endpoint", &url).allow_secret_host(&url).register(&home);
        let refused = home.run(&PUSH);
        assert_eq!(refused.code, Some(code), "{refused}");
        assert!(refused.stderr.contains(words), "{refused}");
        assert_eq!(registry.requests(), [""; 0]);
    }
}

#[test]
fn a_service_that_is_busy_is_asked_again_when_it_says() {
    for (status, code) in [(400, "ThrottlingException"), (429, ""), (503, "ServiceUnavailable")] {
        let times = Mutex::new(0);
        let fake = FakeApi::start(move |request| {
            let mut times = times.lock().unwrap();
            *times += 1;
            let busy =
                || (status, vec![("retry-after", "1".to_owned())], json!({"__type": code, "message": "Slow down"}));
            let target = request.headers["x-amz-target"].to_str().unwrap();
            match (*times, target.split_once('.').unwrap().1) {
                (1 | 3, _) => busy(),
                (_, "DescribeRepositories") => {
                    (200, Vec::new(), json!({"repositories": [{"repositoryName": "team/train"}]}))
                }
                (_, "GetAuthorizationToken") => {
                    let token = STANDARD.encode(ECR_TOKEN);
                    (200, Vec::new(), json!({"authorizationData": [{"authorizationToken": token, "expiresAt": 1.0}]}))
                }
                (_, other) => panic!("nothing calls `{other}`"),
            }
        });
        let (registry, (home, image)) = (Registry::with_ecr_token(), Home::with_image());
        unknown_keys(&home);
        spec(&registry).option("ecr-endpoint", &fake.url()).allow_secret_host(&fake.url()).register(&home);
        home.ok(&PUSH);
        assert_pushed(&registry, &image);
        assert_eq!(fake.lines().len(), 4, "{status}");
    }
}
