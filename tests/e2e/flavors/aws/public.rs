//! ECR Public: a named fake of its API, which AWS's own client gets along with, and a real registry under its name,
//! behind a proxy.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::unknown_keys;
use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::forward_proxy;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::peers;
use crate::support::programs::process;
use crate::support::programs::registration::RegistrySpec;
use crate::support::programs::registry::{ECR_TOKEN, Registry};

/// 2100-01-01T00:00:00Z.
const LATER: f64 = 4_102_444_800.0;

/// A fake ECR Public with repositories under the alias `acme`, beside its default alias `a1b2c3d4`. It takes calls of
/// its own service only, signed for its own region.
fn fake_ecr_public(repositories: &[&str]) -> FakeApi {
    let known: Mutex<BTreeSet<String>> = Mutex::new(repositories.iter().map(|name| (*name).to_owned()).collect());
    FakeApi::start(move |request| {
        let target = request.headers["x-amz-target"].to_str().unwrap();
        let operation = target.strip_prefix("SpencerFrontendService.").unwrap();
        assert!(request.authorization().contains("/us-east-1/ecr-public/aws4_request"), "{}", request.authorization());
        answer(operation, request, &mut known.lock().unwrap())
    })
}

fn answer(operation: &str, request: &RecordedRequest, known: &mut BTreeSet<String>) -> Answer {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let described = |name: &str| {
        json!({"repositoryName": name, "repositoryUri": format!("public.ecr.aws/acme/{name}"), "registryId": "1",
            "repositoryArn": format!("arn:aws:ecr-public::1:repository/{name}"), "createdAt": 1.0})
    };
    let ok = |body: Value| (200, Vec::new(), body);
    let refused = |code: &str, words: &str| (400, Vec::new(), json!({"__type": code, "message": words}));
    match operation {
        "DescribeRepositories" => match body["repositoryNames"][0].as_str().unwrap() {
            name if known.contains(name) => ok(json!({"repositories": [described(name)]})),
            _ => refused("RepositoryNotFoundException", "not there"),
        },
        "CreateRepository" => {
            let name = body["repositoryName"].as_str().unwrap();
            if known.insert(name.to_owned()) {
                ok(json!({"repository": described(name)}))
            } else {
                refused("RepositoryAlreadyExistsException", "there already")
            }
        }
        "DescribeRegistries" => {
            let alias = |name: &str, is_primary: bool| {
                json!({"name": name, "status": "ACTIVE", "primaryRegistryAlias": is_primary,
                    "defaultRegistryAlias": !is_primary})
            };
            ok(json!({"registries": [{"registryId": "1", "registryArn": "arn:aws:ecr-public::1:registry/1",
                "registryUri": "public.ecr.aws/acme", "verified": false,
                "aliases": [alias("a1b2c3d4", false), alias("acme", true)]}]}))
        }
        "GetAuthorizationToken" => ok(json!({"authorizationData": {
            "authorizationToken": STANDARD.encode(ECR_TOKEN), "expiresAt": LATER}})),
        other => panic!("nothing calls `{other}`"),
    }
}

/// Registers `public.ecr.aws/<alias>` under the alias's name, unproved.
#[track_caller]
fn register(home: &Home, fake: &FakeApi, alias: &str, more: &[&str]) {
    let public = RegistrySpec::new(alias, "aws", &format!("public.ecr.aws/{alias}")).connector("my-aws");
    public.option("ecr-endpoint", &fake.url()).allow_secret_host(&fake.url()).more(more).register(home);
}

/// The operations that were called so far.
fn operations(fake: &FakeApi) -> Vec<String> {
    let operation = |request: &RecordedRequest| {
        request.headers["x-amz-target"].to_str().unwrap().split_once('.').unwrap().1.to_owned()
    };
    fake.requests().iter().map(operation).collect()
}

/// Puts a proxy before the real `public.ecr.aws`, at a port without a server: no test reaches it.
fn unreachable_registry(home: &mut Home) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    home.set("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
}

#[test]
fn the_fake_ecr_public_is_one_for_aws_s_own_client() {
    let fake = fake_ecr_public(&[]);
    let script = repository().join("tests/peers/ecr_public.py");
    let found = process::run(Command::new(peers::python()).arg(script).args([&fake.url(), "train"])).ok().json();
    let uri = "public.ecr.aws/acme/train";
    let (absent, again) = ("RepositoryNotFoundException", "RepositoryAlreadyExistsException");
    let expected = json!({"absent": absent, "created": uri, "again": again, "found": uri, "token": ECR_TOKEN,
        "expires": LATER, "aliases": {"a1b2c3d4": false, "acme": true}});
    assert_eq!(found, expected);
}

#[test]
fn ecr_public_is_asked_for_the_repository_below_the_alias() {
    let fake = fake_ecr_public(&["train"]);
    let (home, _) = Home::with_image();
    unknown_keys(&home);
    for (alias, code, repository, words) in [
        ("acme", 3, "other", "ECR Public has no repository `other`"),
        ("somebody", 4, "train", "`public.ecr.aws/acme/train`"),
    ] {
        register(&home, &fake, alias, &[]);
        home.fails(code, &["push", "oci:layout:v1", "--to", alias, "--as", repository]).says(words);
    }
}

#[test]
fn a_missing_repository_is_not_created_under_an_alias_of_somebody_else_s() {
    let fake = fake_ecr_public(&[]);
    let (home, _) = Home::with_image();
    unknown_keys(&home);
    register(&home, &fake, "somebody", &["--option=create-repository=true"]);
    let refused = home.fails(4, &["push", "oci:layout:v1", "--to", "somebody", "--as", "train"]);
    assert!(refused.stderr.contains("`public.ecr.aws/somebody`"), "{}", *refused);
    assert!(refused.hint().contains("`public.ecr.aws/acme/train`"), "{}", *refused);
    assert_eq!(operations(&fake), ["DescribeRepositories", "DescribeRegistries"]);
}

#[test]
fn every_alias_of_a_registry_of_ecr_public_leads_to_its_repositories() {
    let fake = fake_ecr_public(&["train"]);
    let (mut home, _) = Home::with_image();
    unreachable_registry(&mut home);
    unknown_keys(&home);
    register(&home, &fake, "a1b2c3d4", &[]);
    // The API has the repository; the registry itself does not answer.
    home.fails(6, &["push", "oci:layout:v1", "--to", "a1b2c3d4", "--as", "train"]);
    assert_eq!(operations(&fake), ["DescribeRepositories", "DescribeRegistries", "GetAuthorizationToken"]);
}

#[test]
fn an_image_goes_to_a_repository_of_ecr_public_that_is_created_for_it() {
    let (fake, registry) = (fake_ecr_public(&[]), Registry::of_ecr_public());
    let proxy = forward_proxy::leading_to(registry.port(), "HTTP/1.1 200 Connected\r\n\r\n");
    let (mut home, image) = Home::with_image();
    home.set("SSL_CERT_FILE", registry.authority());
    home.set("HTTPS_PROXY", format!("http://localhost:{}", proxy.port()));
    unknown_keys(&home);
    register(&home, &fake, "acme", &["--option=create-repository=true"]);
    let push = ["push", "oci:layout:v1", "--to", "acme", "--as", "team/train"];
    let pushed = home.ok(&push);
    assert!(pushed.stderr.contains("created repository `team/train`"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/team/train:v1", registry.host()), &image);
    assert!(proxy.requests().iter().all(|request| request.starts_with("CONNECT public.ecr.aws:443 ")));
    // Its token is kept until it ends: the second push only looks for the repository.
    let before = operations(&fake);
    home.ok(&push);
    assert_eq!(operations(&fake)[before.len()..], ["DescribeRepositories"]);
}

#[test]
fn a_repository_that_somebody_else_creates_in_the_same_moment_is_there() {
    let told = Mutex::new(0);
    let fake = FakeApi::start(move |request| {
        let operation = request.headers["x-amz-target"].to_str().unwrap().split_once('.').unwrap().1;
        let mut times = told.lock().unwrap();
        *times += 1;
        // The first look is too early.
        let known = if *times == 1 { BTreeSet::new() } else { BTreeSet::from(["train".to_owned()]) };
        answer(operation, request, &mut known.clone())
    });
    let (mut home, _) = Home::with_image();
    unreachable_registry(&mut home);
    unknown_keys(&home);
    register(&home, &fake, "acme", &["--option=create-repository=true"]);
    // The registry itself does not answer.
    let pushed = home.run(&["push", "oci:layout:v1", "--to", "acme", "--as", "train"]);
    assert_eq!(pushed.code, Some(6), "{pushed}");
    assert!(pushed.stderr.contains("created by somebody else in the same moment"), "{pushed}");
}
