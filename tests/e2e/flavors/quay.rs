//! Quay: a named fake of its API, in front of a real registry that takes the same token as a password.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::github_oidc::{GithubOidc, SUBJECT};
use crate::support::fakes::listener::Listener;
use crate::support::http1;
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// The connector of a token.
fn token(auth_method: &str) -> Connector {
    Connector::new("me", "quay", auth_method).field("token", "@env:SECRET")
}

/// The connector of a robot of `acme`.
fn robot() -> Connector {
    token("robot").field("username", "acme+ci")
}

/// A fake of Quay's API: one token, the organization `acme`, and some repositories in it.
fn quay(request: &RecordedRequest) -> Answer {
    if request.authorization() != format!("Bearer {UNUSUAL_PASSWORD}") {
        return (401, Vec::new(), json!({"message": "Invalid bearer token format"}));
    }
    let repository = |state: &str, can_write: bool| (200, Vec::new(), json!({"state": state, "can_write": can_write}));
    match request.line.as_str() {
        "GET /api/v1/repository/acme/train?includeTags=false" => repository("NORMAL", true),
        "GET /api/v1/repository/acme/theirs?includeTags=false" => repository("NORMAL", false),
        "GET /api/v1/repository/acme/frozen?includeTags=false" => repository("READ_ONLY", false),
        "GET /api/v1/repository/acme/mirror?includeTags=false" => repository("MIRROR", false),
        "GET /api/v1/organization/acme" => (200, Vec::new(), json!({"name": "acme"})),
        "GET /api/v1/user/" => (200, Vec::new(), json!({"username": "alice"})),
        "POST /api/v1/repository" => match serde_json::from_str::<Value>(&request.body).unwrap()["repository"].as_str()
        {
            Some("raced") => (400, Vec::new(), json!({"error_message": "Repository already exists"})),
            _ => (201, Vec::new(), json!({"kind": "image"})),
        },
        _ => (404, Vec::new(), json!({"error_message": "Not Found"})),
    }
}

/// A home with a connector, and a registry that the real one stands for.
fn home(api: &str, registry: &Registry, secret: &str, connector: &Connector, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", secret);
    connector.register(&home);
    let quay = RegistrySpec::new("quay", "quay", registry.host()).connector("me").more(options);
    quay.option("quay-endpoint", api).allow_secret_host(api).register(&home);
    (home, image)
}

fn push(repository: &str) -> [&str; 6] {
    push_layout("quay", repository)
}

#[test]
fn quay_takes_each_kind_of_token() {
    let password = Connector::new("me", "docker", "password").field("username", USER).field("password", "@env:SECRET");
    for (user, requests, connector) in [
        (
            "$oauthtoken",
            &[
                "GET /api/v1/repository/acme/train?includeTags=false",
                "GET /api/v1/organization/acme",
                "GET /api/v1/repository/acme/train/tag/?specificTag=v1&onlyActiveTags=true&limit=1",
            ][..],
            token("oauth-token"),
        ),
        ("acme+ci", &[], robot()),
        ("$app", &[], token("app-token")),
        (USER, &[], password),
    ] {
        let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of(user));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &connector, &[]);
        home.ok(&push("acme/train"));
        skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
        assert_eq!(api.lines(), requests, "{user}");
        for request in api.requests() {
            let elsewhere = format!("{}{}", request.line, request.body);
            Needle::new(UNUSUAL_PASSWORD).assert_not_in(elsewhere.as_bytes(), "a request");
        }
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn quay_creates_a_missing_repository_where_the_option_says_so() {
    let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of("$oauthtoken"));
    let create = ["--option=create-repository=true", "--option=visibility=public"];
    let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &token("oauth-token"), &create);
    let pushed = home.ok(&push("acme/team/new"));
    assert!(pushed.stderr.contains("repository `acme/team/new` was created, public"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/team/new:v1", registry.host()), &image);
    let created = api.requests().into_iter().find(|request| request.line.starts_with("POST ")).unwrap();
    let wish = json!({"repository": "team/new", "namespace": "acme", "visibility": "public", "description": "",
        "repo_kind": "image"});
    assert_eq!(serde_json::from_str::<Value>(&created.body).unwrap(), wish);
    // Another client created it first.
    let pushed = home.ok(&push("acme/raced"));
    assert!(!pushed.stderr.contains("was created"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/acme/raced:v1", registry.host()), &image);
    home.fails(3, &push("nobody/train")).says("`nobody`");
}

#[test]
fn a_missing_repository_of_quay_and_a_robot_that_can_t_look_are_told_and_pushed() {
    let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of("$oauthtoken"));
    let (owner, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &token("oauth-token"), &[]);
    let pushed = owner.ok(&push("acme/new"));
    assert!(pushed.stderr.contains("the push creates it"), "{pushed}");
    let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of("acme+ci"));
    let (of_robot, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &robot(), &["--option=create-repository=true"]);
    let pushed = of_robot.ok(&push("acme/new"));
    assert!(pushed.stderr.contains("only an OAuth token opens Quay's API"), "{pushed}");
    let pushed = of_robot.ok(&push("other/new"));
    assert!(pushed.stderr.contains("belongs to `acme`"), "{pushed}");
    assert_eq!(api.lines(), [""; 0]);
}

#[test]
fn what_quay_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of("$oauthtoken"));
    for (code, secret, repository, words) in [
        (4, "not-a-token-at-all", "acme/train", "Invalid bearer token format"),
        (4, UNUSUAL_PASSWORD, "acme/frozen", "`READ_ONLY`"),
        (4, UNUSUAL_PASSWORD, "acme/mirror", "`MIRROR`"),
        (4, UNUSUAL_PASSWORD, "acme/theirs", "`repo:write`"),
        (3, UNUSUAL_PASSWORD, "nobody/train", "no organization or user `nobody`"),
        (2, UNUSUAL_PASSWORD, "train", "<namespace>/train"),
    ] {
        let (home, _) = home(&api.url(), &registry, secret, &token("oauth-token"), &[]);
        let refused = home.fails(code, &push(repository)).says(words);
        Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    // A robot is first looked at by the registry itself.
    let (of_robot, _) = home(&api.url(), &registry, "not-a-token-at-all", &robot(), &[]);
    of_robot.fails(4, &push("acme/train")).says(registry.host());
    registry.assert_untouched();
}

#[test]
fn a_busy_quay_is_asked_again_if_that_is_soon() {
    let answered = AtomicUsize::new(0);
    let busy_once = move |request: &RecordedRequest| match answered.fetch_add(1, Ordering::SeqCst) {
        0 => (429, vec![("retry-after", "0".to_owned())], json!({"message": "slow down"})),
        _ => quay(request),
    };
    let (api, registry) = (FakeApi::start(busy_once), Registry::with_unusual_password_of("$oauthtoken"));
    let (patient, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &token("oauth-token"), &[]);
    patient.ok(&push("acme/train"));
    // The refused one again, the quota, and the tag.
    assert_eq!(api.lines().len(), 4);
    let busy = |_: &RecordedRequest| (429, vec![("retry-after", "3600".to_owned())], json!({"message": "slow down"}));
    let (api, registry) = (FakeApi::start(busy), Registry::open());
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &token("oauth-token"), &[]);
    home.fails(6, &push("acme/train")).says("slow down");
    assert_eq!((api.lines().len(), registry.stored(), registry.tags()), (1, 0, 0));
}

#[test]
fn half_an_answer_of_quay_is_one_line() {
    let half = http1::answer("200 OK", "content-type: application/json\r\n", r#"{"state": "NOR"#);
    let (api, registry) = (Listener::answering(half), Registry::open());
    let url = format!("http://localhost:{}", api.port());
    let (home, _) = home(&url, &registry, UNUSUAL_PASSWORD, &token("oauth-token"), &[]);
    home.fails(7, &push("acme/train")).says("quay-endpoint");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_token_of_quay_is_proved_and_a_robot_is_proved_by_its_registry() {
    let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of("$oauthtoken"));
    let (owner, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &token("oauth-token"), &[]);
    owner.ok(&["flavor", "grant", "quay", "--allow-secret-host", &api.url()]);
    let option = format!("--option=quay-endpoint={}", api.url());
    let proved = owner.ok(&["connector", "verify", "me", &option]);
    assert!(format!("{proved}").contains("alice"), "{proved}");
    let verified = owner.ok(&["registry", "verify", "quay", "acme/train", "--push"]);
    assert!(verified.stdout.contains("`$oauthtoken`"), "{verified}");
    let (api, registry) = (FakeApi::start(quay), Registry::with_unusual_password_of("acme+ci"));
    let (of_robot, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &robot(), &[]);
    of_robot.fails(2, &["connector", "verify", "me", &option]).says("crhost registry verify quay");
    of_robot.ok(&["registry", "verify", "quay", "acme/train", "--push"]);
    assert_eq!(api.lines(), [""; 0]);
}

#[test]
fn a_robot_that_trusts_a_job_gets_its_token_for_the_job_s_id_token() {
    let (github, registry) = (GithubOidc::start(), Registry::with_unusual_password_of("acme+ci"));
    let provider = github.provider();
    let api = FakeApi::start(move |request| {
        assert_eq!(request.line, "GET /oauth2/federation/robot/token");
        let basic = STANDARD.decode(request.authorization().strip_prefix("Basic ").unwrap()).unwrap();
        let basic = String::from_utf8(basic).unwrap();
        let token = basic.strip_prefix("acme+ci:").unwrap();
        match provider.verified(token, "quay.io") {
            Ok(claims) if claims["sub"] == SUBJECT => (200, Vec::new(), json!({"token": UNUSUAL_PASSWORD})),
            _ => (401, Vec::new(), json!({"error": "Token does not match robot"})),
        }
    });
    let (mut home, image) = Home::with_image();
    github.permit(&mut home);
    let federation = Connector::new("me", "quay", "robot-federation").field("username", "acme+ci");
    federation.field("id-token", "@oidc").register(&home);
    let quay = RegistrySpec::new("quay", "quay", registry.host()).connector("me");
    quay.option("quay-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    home.ok(&push("acme/train"));
    skopeo::assert_same(registry.access(), &format!("{}/acme/train:v1", registry.host()), &image);
    let explained = home.ok(&["connector", "explain", "me"]).stdout;
    assert!(explained.contains(&format!("\"subject\": \"{SUBJECT}\"")), "{explained}");
    github.claim(json!({"sub": "repo:acme/other:ref:refs/heads/main"}));
    home.fails(4, &push("acme/train")).says("Token does not match robot");
}
