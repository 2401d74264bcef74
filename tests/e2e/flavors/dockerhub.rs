//! Docker Hub: a named fake of its API, in front of a real registry.

use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::github_oidc::{GithubOidc, SUBJECT};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// A password that JSON has to escape.
const QUOTED: &str = r#"cAnary"quoted\back/slash"#;

/// A fake of Docker Hub's API that knows one password, two repositories of the organisation `acme`, and another user.
fn hub(password: &'static str) -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    move |request| {
        let permissions = |write: bool| json!({"permissions": {"read": true, "write": write, "admin": false}});
        match (request.line.as_str(), request.authorization()) {
            ("POST /v2/auth/token", _) => {
                let body: Value = serde_json::from_str(&request.body).unwrap();
                match body == json!({"identifier": USER, "secret": password}) {
                    true => (200, Vec::new(), json!({"access_token": "short-lived"})),
                    false => (401, Vec::new(), json!({"detail": "Incorrect authentication credentials"})),
                }
            }
            ("GET /v2/namespaces/acme/repositories/train", "Bearer short-lived") => {
                (200, Vec::new(), permissions(true))
            }
            ("GET /v2/namespaces/acme/repositories/theirs", "Bearer short-lived") => {
                (200, Vec::new(), permissions(false))
            }
            ("GET /v2/orgs/acme", "Bearer short-lived") => (200, Vec::new(), json!({"orgname": "acme"})),
            ("GET /v2/users/bob12", "Bearer short-lived") => (200, Vec::new(), json!({"username": "bob12"})),
            ("GET /v2/orgs/busy", "Bearer short-lived") => (429, Vec::new(), json!({"message": "slow down"})),
            _ => (404, Vec::new(), json!({"message": "not found"})),
        }
    }
}

/// A home with a password, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, password: &str) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("PASSWORD", password);
    let me = Connector::proved("me", "docker", "password").field("username", USER).field("password", "@env:PASSWORD");
    me.register(&home);
    let hub = RegistrySpec::new("hub", "dockerhub", registry.host()).connector("me");
    hub.option("hub-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

fn push(repository: &str) -> [&str; 6] {
    push_layout("hub", repository)
}

#[test]
fn docker_hub_is_asked_before_a_push() {
    let (api, registry) = (FakeApi::start(hub(UNUSUAL_PASSWORD)), Registry::with_unusual_password());
    let (home, image) = home(&api, &registry, UNUSUAL_PASSWORD);
    let pushed = home.ok(&push("acme/train"));
    assert!(!pushed.stderr.contains("creates it"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    let pushed = home.ok(&push("acme/new"));
    assert!(pushed.stderr.contains("`acme/new`") && pushed.stderr.contains("creates it"), "{pushed}");
    home.fails(4, &push("acme/theirs")).says("`write`");
    for request in api.requests() {
        let elsewhere = match request.line.as_str() {
            "POST /v2/auth/token" => format!("{:?}", request.headers),
            line => format!("{line}{:?}{}", request.headers, request.body),
        };
        Needle::new(UNUSUAL_PASSWORD).assert_not_in(elsewhere.as_bytes(), "a request");
    }
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
}

#[test]
fn a_namespace_that_nobody_has_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(hub(UNUSUAL_PASSWORD)), Registry::with_unusual_password());
    let (home, _) = home(&api, &registry, UNUSUAL_PASSWORD);
    home.fails(3, &push("acmee/train")).says("`acmee`");
    assert!(api.lines().ends_with(&["GET /v2/orgs/acmee".to_owned(), "GET /v2/users/acmee".to_owned()]));
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
    // A user, the account itself, and a namespace that Docker Hub is too busy to tell of.
    for namespace in ["bob12", USER, "busy"] {
        let pushed = home.ok(&push(&format!("{namespace}/new")));
        assert!(pushed.stderr.contains("creates it"), "{pushed}");
    }
    assert!(!api.lines().contains(&format!("GET /v2/orgs/{USER}")));
}

#[test]
fn a_password_that_docker_hub_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(hub(UNUSUAL_PASSWORD)), Registry::with_unusual_password());
    let (home, _) = home(&api, &registry, "not-hers-at-all");
    let refused = home.fails(4, &push("acme/train")).says("Incorrect authentication credentials");
    Needle::new("not-hers-at-all").assert_not_in(refused.stderr.as_bytes(), "standard error");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_password_with_quotes_signs_in_to_docker_hub_only_where_the_user_names_it() {
    let (api, registry) = (FakeApi::start(hub(QUOTED)), Registry::open());
    let (home, _) = home(&api, &registry, QUOTED);
    home.ok(&["flavor", "grant", "dockerhub", "--allow-secret-host", &api.url()]);
    assert_eq!(api.lines(), [""; 0]);
    let proved = home.ok(&["connector", "verify", "me", &format!("--option=hub-endpoint={}", api.url())]);
    assert!(format!("{proved}").contains("alice at Docker Hub"), "{proved}");
}

#[test]
fn a_busy_docker_hub_says_when_to_come_back() {
    let busy =
        |_: &RecordedRequest| (429, vec![("x-retry-after", "4102444800".to_owned())], json!({"message": "slow down"}));
    let (api, registry) = (FakeApi::start(busy), Registry::open());
    let (home, _) = home(&api, &registry, UNUSUAL_PASSWORD);
    home.fails(6, &push("acme/train")).says("slow down");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_job_pushes_as_the_organization_whose_connection_trusts_it() {
    const CONNECTION: &str = "01234567-89ab-4cde-8f01-23456789abcd";
    let github = GithubOidc::start();
    let provider = github.provider();
    let api = FakeApi::start(move |request| {
        assert_eq!(request.line, "POST /v2/auth/oidc/token");
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(body["connection_id"], CONNECTION);
        match provider.verified(body["token"].as_str().unwrap(), "api.docker.com") {
            Ok(claims) if claims["sub"] == SUBJECT => (200, Vec::new(), json!({"access_token": UNUSUAL_PASSWORD})),
            _ => (401, Vec::new(), json!({"message": "no ruleset matches the subject claim"})),
        }
    });
    let registry = Registry::with_unusual_password();
    let (mut home, image) = Home::with_image();
    github.permit(&mut home);
    home.set("DOCKERHUB_OIDC_CONNECTIONID", CONNECTION);
    let job = Connector::new("job", "dockerhub", "oidc").field("username", USER);
    job.field("connection-id", CONNECTION).field("id-token", "@oidc").register(&home);
    let hub = RegistrySpec::new("hub", "dockerhub", registry.host()).connector("job");
    hub.option("hub-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    home.ok(&push("acme/train"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    let shown = home.ok(&["connector", "explain", "job"]).stdout;
    assert!(shown.contains("OIDC connections") && shown.contains(SUBJECT), "{shown}");
    github.claim(json!({"sub": "repo:evil/train:ref:refs/heads/main"}));
    home.fails(4, &push("acme/train")).says("no ruleset matches the subject claim");
    for secret in github.issued().iter().map(String::as_str).chain([UNUSUAL_PASSWORD]) {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}
