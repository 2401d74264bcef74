//! GitLab: a named fake of its API, in front of a real registry that takes the same token as a password.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
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
    Connector::new("me", "gitlab", auth_method).field("token", "@env:SECRET")
}

fn personal() -> Connector {
    token("personal-token")
}

fn job() -> Connector {
    token("job-token")
}

/// The connector that finds the token of the job that it runs in.
fn implicit() -> Connector {
    Connector::new("me", "gitlab", "implicit").allow_implicit()
}

fn deploy() -> Connector {
    token("deploy-token").field("username", "gitlab+deploy-token-7")
}

/// A fake of GitLab's API: one token, which is an access token and that of a job, and two projects of `acme`.
fn gitlab(request: &RecordedRequest) -> Answer {
    let shows = |header: &str| request.headers.get(header).is_some_and(|value| value == UNUSUAL_PASSWORD);
    let project = |access: &str| (200, Vec::new(), json!({"id": 1, "container_registry_access_level": access}));
    match (request.line.as_str(), shows("private-token"), shows("job-token")) {
        ("GET /api/v4/job", false, true) => {
            let url = "https://gitlab.example.com/Acme/ml/-/jobs/8";
            (200, Vec::new(), json!({"id": 8, "name": "build", "user": {"username": "alice"}, "web_url": url}))
        }
        (_, false, _) => (401, Vec::new(), json!({"message": "401 Unauthorized"})),
        ("GET /api/v4/user", ..) => (200, Vec::new(), json!({"username": "alice"})),
        ("GET /api/v4/projects/acme%2Fml", ..) => project("enabled"),
        ("GET /api/v4/projects/acme%2Foff", ..) => project("disabled"),
        _ => (404, Vec::new(), json!({"message": "404 Project Not Found"})),
    }
}

/// A home with a connector, and a registry that the real one stands for.
fn home(api: &str, registry: &Registry, secret: &str, connector: &Connector) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", secret);
    // What a job finds in its environment.
    home.set("CI_REGISTRY_USER", "gitlab-ci-token");
    home.set("CI_JOB_TOKEN", secret);
    connector.register(&home);
    let gitlab = RegistrySpec::new("gl", "gitlab", &format!("{}/acme", registry.host())).connector("me");
    gitlab.option("gitlab-endpoint", api).allow_secret_host(api).register(&home);
    (home, image)
}

/// The request for the rules that protect repositories.
const RULES: &str = "GET /api/v4/projects/acme%2Fml/registry/protection/repository/rules";
/// Reads the rules that protect tags.
const TAG_RULES: &str = "GET /api/v4/projects/acme%2Fml/registry/protection/tag/rules";

fn push(repository: &str) -> [&str; 6] {
    push_layout("gl", repository)
}

#[test]
fn gitlab_takes_each_kind_of_token() {
    // The longest path that may be a project is asked for first.
    let projects = ["GET /api/v4/projects/acme%2Fml%2Ftrain", "GET /api/v4/projects/acme%2Fml", RULES, TAG_RULES];
    let of_job = ["GET /api/v4/job"];
    let password = Connector::new("me", "docker", "password").field("username", USER).field("password", "@env:SECRET");
    for (user, requests, connector) in [
        ("token", &projects[..], personal()),
        (USER, &projects, personal().field("username", USER)),
        ("gitlab-ci-token", &of_job, job()),
        ("gitlab-ci-token", &of_job, implicit()),
        ("gitlab+deploy-token-7", &[], deploy()),
        (USER, &[], password),
    ] {
        let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of(user));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &connector);
        let pushed = home.ok(&push("ml/train"));
        assert!(!pushed.stderr.contains("note:"), "{pushed}");
        skopeo::assert_same(registry.access(), &format!("{}/acme/ml/train:v1", registry.host()), &image);
        assert_eq!(api.lines(), requests, "{user}");
        for request in api.requests() {
            let elsewhere = format!("{}{}", request.line, request.body);
            Needle::new(UNUSUAL_PASSWORD).assert_not_in(elsewhere.as_bytes(), "a request");
        }
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_job_of_a_gitlab_of_one_s_own_is_asked_about_where_the_user_granted_it() {
    let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of("gitlab-ci-token"));
    let (mut home, image) = Home::with_image();
    let url = api.url();
    for (name, value) in [("CI_REGISTRY_USER", "gitlab-ci-token"), ("CI_JOB_TOKEN", UNUSUAL_PASSWORD)] {
        home.set(name, value);
    }
    home.set("CI_SERVER_URL", &url);
    home.set("CI_REGISTRY", registry.host());
    implicit().register(&home);
    let gitlab = || RegistrySpec::new("gl", "gitlab", &format!("{}/acme", registry.host())).connector("me");
    gitlab().register(&home);
    // It is not what stops a push.
    let pushed = home.ok(&push("ml/train"));
    assert!(pushed.stderr.contains("the project was not checked: "), "{pushed}");
    assert!(pushed.stderr.contains("--allow-secret-host $CI_SERVER_URL"), "{pushed}");
    assert_eq!(api.lines(), [""; 0]);
    skopeo::assert_same(registry.access(), &format!("{}/acme/ml/train:v1", registry.host()), &image);
    home.ok(&["registry", "remove", "gl"]);
    gitlab().allow_secret_host(&url).register(&home);
    let pushed = home.ok(&push("ml/other"));
    assert!(!pushed.stderr.contains("note:"), "{pushed}");
    assert_eq!(api.lines(), ["GET /api/v4/job"]);
    // A job says nothing about another GitLab's registry.
    home.set("CI_REGISTRY", "registry.example.com");
    let pushed = home.ok(&push("ml/third"));
    assert!(pushed.stderr.contains("set the option `gitlab-endpoint`"), "{pushed}");
    assert_eq!(api.lines().len(), 1);
}

#[test]
fn a_job_of_another_project_is_told_what_that_takes() {
    let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of("gitlab-ci-token"));
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &implicit());
    let pushed = home.ok(&push("other/train"));
    assert!(pushed.stderr.contains("`gitlab.example.com/acme/ml`") && pushed.stderr.contains("allowlist"), "{pushed}");
}

#[test]
fn what_gitlab_refuses_stops_the_push_before_any_byte() {
    let registry = Registry::with_unusual_password_of("token");
    for (code, token, connector, repository, words) in [
        (4, "not-a-token-at-all", personal(), "ml/train", "401 Unauthorized"),
        (4, "not-a-token-at-all", job(), "ml/train", "401 Unauthorized"),
        (4, "not-a-token-at-all", implicit(), "ml/train", "401 Unauthorized"),
        (4, UNUSUAL_PASSWORD, personal(), "off/train", "switched off"),
        (3, UNUSUAL_PASSWORD, personal(), "missing/train", "404 Project Not Found"),
    ] {
        let api = FakeApi::start(gitlab);
        let (home, _) = home(&api.url(), &registry, token, &connector);
        let refused = home.fails(code, &push(repository)).says(words);
        Needle::new(token).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    // A deploy token is first looked at by the registry itself.
    let api = FakeApi::start(gitlab);
    let (home, _) = home(&api.url(), &registry, "not-a-token-at-all", &deploy());
    home.fails(4, &push("ml/train")).says(registry.host());
    assert_eq!(api.lines(), [""; 0]);
    registry.assert_untouched();
}

#[test]
fn a_busy_gitlab_is_asked_again_if_that_is_soon() {
    let answered = AtomicUsize::new(0);
    let busy_once = move |request: &RecordedRequest| match answered.fetch_add(1, Ordering::SeqCst) {
        0 => (429, vec![("retry-after", "0".to_owned())], json!({"message": "429 Too Many Requests"})),
        _ => gitlab(request),
    };
    let (api, registry) = (FakeApi::start(busy_once), Registry::with_unusual_password_of("token"));
    let (patient, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &personal());
    patient.ok(&push("ml"));
    assert_eq!(api.lines(), ["GET /api/v4/projects/acme%2Fml", "GET /api/v4/projects/acme%2Fml", RULES, TAG_RULES]);
    let busy =
        |_: &RecordedRequest| (429, vec![("retry-after", "3600".to_owned())], json!({"message": "come back later"}));
    let (api, registry) = (FakeApi::start(busy), Registry::open());
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &personal());
    home.fails(6, &push("ml")).says("come back later");
    assert_eq!((api.lines().len(), registry.stored(), registry.tags()), (1, 0, 0));
}

#[test]
fn half_an_answer_of_gitlab_is_one_line() {
    let half = http1::answer("200 OK", "content-type: application/json\r\n", r#"{"id": 1, "container_reg"#);
    let (api, registry) = (Listener::answering(half), Registry::open());
    for connector in [personal(), job()] {
        let (home, _) = home(&format!("http://localhost:{}", api.port()), &registry, UNUSUAL_PASSWORD, &connector);
        home.fails(7, &push("ml")).says("gitlab-endpoint");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_token_of_gitlab_is_proved() {
    for (connector, user, words) in
        [(personal(), "token", "alice"), (job(), "gitlab-ci-token", "job `build` (8) of alice")]
    {
        let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of(user));
        let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &connector);
        home.ok(&["flavor", "grant", "gitlab", "--allow-secret-host", &api.url()]);
        let proved = home.ok(&["connector", "verify", "me", &format!("--option=gitlab-endpoint={}", api.url())]);
        assert!(format!("{proved}").contains(words), "{proved}");
        let verified = home.ok(&["registry", "verify", "gl", "ml/train", "--push"]);
        assert!(verified.stdout.contains(&format!("`{user}`")), "{verified}");
    }
}
