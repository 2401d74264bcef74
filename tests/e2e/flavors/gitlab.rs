//! GitLab: a named fake of its API, in front of a real registry that takes the same token as a password.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::support::crhost::Home;
use crate::support::fake_api::{Answer, Asked, FakeApi};
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::judge;
use crate::support::listener::{self, Listener};
use crate::support::needle::Needle;
use crate::support::registry::{Registry, UNUSUAL_PASSWORD, USER};

const PERSONAL: [&str; 3] = ["--type=gitlab", "--auth-method=personal-token", "--token=@env:SECRET"];
const JOB: [&str; 3] = ["--type=gitlab", "--auth-method=job-token", "--token=@env:SECRET"];
const IMPLICIT: [&str; 3] = ["--type=gitlab", "--auth-method=implicit", "--allow-implicit"];

/// A fake of GitLab's API: one token, which is an access token and that of a job, and two projects of `acme`.
fn gitlab(asked: &Asked) -> Answer {
    let shows = |header: &str| asked.headers.get(header).is_some_and(|value| value == UNUSUAL_PASSWORD);
    let project = |access: &str| (200, Vec::new(), json!({"id": 1, "container_registry_access_level": access}));
    match (asked.line.as_str(), shows("private-token"), shows("job-token")) {
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
fn home(api: &str, registry: &Registry, secret: &str, connector: &[&str]) -> (Home, Image) {
    let (mut home, image) = (Home::warm(), Image::small(200, architecture()));
    home.set("SECRET", secret);
    // What a job finds in its environment.
    home.set("CI_REGISTRY_USER", "gitlab-ci-token");
    home.set("CI_JOB_TOKEN", secret);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.ok(&[&["connector", "register", "me", "--no-verify"], connector].concat());
    let (uri, endpoint) = (format!("--uri={}/acme", registry.host()), format!("--option=gitlab-endpoint={api}"));
    let register = ["registry", "register", "gl", "--flavor=gitlab", "--connector=me", "--no-verify", &uri, &endpoint];
    home.ok(&[&register[..], &["--allow-secret-host", api]].concat());
    (home, image)
}

fn push(repository: &str) -> [&str; 6] {
    ["push", "oci:layout:v1", "--to", "gl", "--as", repository]
}

#[test]
fn gitlab_takes_each_kind_of_token() {
    // The longest path that may be a project is asked for first.
    let projects = ["GET /api/v4/projects/acme%2Fml%2Ftrain", "GET /api/v4/projects/acme%2Fml"];
    let job = ["GET /api/v4/job"];
    let deploy =
        ["--type=gitlab", "--auth-method=deploy-token", "--username=gitlab+deploy-token-7", "--token=@env:SECRET"];
    let password = ["--type=docker", "--auth-method=password", "--username=alice", "--password=@env:SECRET"];
    for (user, asked, connector) in [
        ("token", &projects[..], &PERSONAL[..]),
        (USER, &projects, &[&PERSONAL[..], &["--username=alice"]].concat()),
        ("gitlab-ci-token", &job, &JOB),
        ("gitlab-ci-token", &job, &IMPLICIT),
        ("gitlab+deploy-token-7", &[], &deploy),
        (USER, &[], &password),
    ] {
        let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of(user));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, connector);
        let pushed = home.ok(&push("ml/train"));
        assert!(!pushed.stderr.contains("note:"), "{pushed}");
        judge::assert_same(registry.access(), &format!("{}/acme/ml/train:v1", registry.host()), &image);
        assert_eq!(api.lines(), asked, "{user}");
        for asked in api.asked() {
            let elsewhere = format!("{}{}", asked.line, asked.body);
            Needle::new(UNUSUAL_PASSWORD).assert_not_in(elsewhere.as_bytes(), "a request");
        }
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_job_of_another_project_is_told_what_that_takes() {
    let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of("gitlab-ci-token"));
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &IMPLICIT);
    let pushed = home.ok(&push("other/train"));
    assert!(pushed.stderr.contains("`gitlab.example.com/acme/ml`") && pushed.stderr.contains("allowlist"), "{pushed}");
}

#[test]
fn what_gitlab_refuses_stops_the_push_before_any_byte() {
    let registry = Registry::with_unusual_password_of("token");
    for (code, token, connector, repository, words) in [
        (4, "not-a-token-at-all", &PERSONAL, "ml/train", "401 Unauthorized"),
        (4, "not-a-token-at-all", &JOB, "ml/train", "401 Unauthorized"),
        (4, "not-a-token-at-all", &IMPLICIT, "ml/train", "401 Unauthorized"),
        (4, UNUSUAL_PASSWORD, &PERSONAL, "off/train", "switched off"),
        (3, UNUSUAL_PASSWORD, &PERSONAL, "missing/train", "404 Project Not Found"),
    ] {
        let api = FakeApi::start(gitlab);
        let (home, _) = home(&api.url(), &registry, token, connector);
        let refused = home.fails(code, &push(repository)).says(words);
        Needle::new(token).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    // A deploy token is first looked at by the registry itself.
    let api = FakeApi::start(gitlab);
    let deploy =
        ["--type=gitlab", "--auth-method=deploy-token", "--username=gitlab+deploy-token-7", "--token=@env:SECRET"];
    let (home, _) = home(&api.url(), &registry, "not-a-token-at-all", &deploy);
    home.fails(4, &push("ml/train")).says(registry.host());
    assert_eq!(api.lines(), [""; 0]);
    let changing = |request: &&String| !request.starts_with("GET ") && !request.starts_with("HEAD ");
    assert_eq!(registry.requests().iter().find(changing), None);
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_busy_gitlab_is_asked_again_if_that_is_soon() {
    let answered = AtomicUsize::new(0);
    let busy_once = move |asked: &Asked| match answered.fetch_add(1, Ordering::SeqCst) {
        0 => (429, vec![("retry-after", "0".to_owned())], json!({"message": "429 Too Many Requests"})),
        _ => gitlab(asked),
    };
    let (api, registry) = (FakeApi::start(busy_once), Registry::with_unusual_password_of("token"));
    let (patient, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &PERSONAL);
    patient.ok(&push("ml"));
    assert_eq!(api.lines(), ["GET /api/v4/projects/acme%2Fml"; 2]);
    let busy = |_: &Asked| (429, vec![("retry-after", "3600".to_owned())], json!({"message": "come back later"}));
    let (api, registry) = (FakeApi::start(busy), Registry::open());
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &PERSONAL);
    home.fails(6, &push("ml")).says("come back later");
    assert_eq!((api.lines().len(), registry.stored(), registry.tags()), (1, 0, 0));
}

#[test]
fn half_an_answer_of_gitlab_is_one_line() {
    let half = listener::answer("200 OK", "content-type: application/json\r\n", r#"{"id": 1, "container_reg"#);
    let (api, registry) = (Listener::answering(half), Registry::open());
    for connector in [&PERSONAL, &JOB] {
        let (home, _) = home(&format!("http://localhost:{}", api.port()), &registry, UNUSUAL_PASSWORD, connector);
        home.fails(7, &push("ml")).says("gitlab-endpoint");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_token_of_gitlab_is_proved() {
    for (connector, user, words) in
        [(&PERSONAL, "token", "alice"), (&JOB, "gitlab-ci-token", "job `build` (8) of alice")]
    {
        let (api, registry) = (FakeApi::start(gitlab), Registry::with_unusual_password_of(user));
        let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, connector);
        home.ok(&["flavor", "grant", "gitlab", "--allow-secret-host", &api.url()]);
        let proved = home.ok(&["connector", "verify", "me", &format!("--option=gitlab-endpoint={}", api.url())]);
        assert!(format!("{proved}").contains(words), "{proved}");
        let verified = home.ok(&["registry", "verify", "gl", "ml/train", "--push"]);
        assert!(verified.stdout.contains(&format!("`{user}`")), "{verified}");
    }
}
