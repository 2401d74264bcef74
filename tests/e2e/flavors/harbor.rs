//! Harbor: a named fake of its API, in front of a real registry that takes the same name and password.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::fakes::listener::Listener;
use crate::support::http1;
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// A robot of the project `ml`; a shell would take a part of its name for a variable.
const ROBOT_NAME: &str = "robot$ml+ci";
/// A robot of the system, which may create projects.
const SYSTEM_NAME: &str = "robot$ci";

/// The connector of a robot.
fn robot(name: &str) -> Connector {
    Connector::new("me", "harbor", "robot").field("username", name).field("token", "@env:SECRET")
}

/// The connector of a user.
fn human() -> Connector {
    Connector::new("me", "harbor", "user").field("username", USER).field("secret", "@env:SECRET")
}

/// A fake of Harbor's API that knows one account, the project `ml`, and `cache`, which is a proxy cache.
fn harbor(account: &'static str) -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + 'static {
    move |request| {
        let error = |status, code: &str, words: &str| {
            (status, Vec::new(), json!({"errors": [{"code": code, "message": words}]}))
        };
        if request.authorization() != format!("Basic {}", STANDARD.encode(format!("{account}:{UNUSUAL_PASSWORD}"))) {
            return error(401, "UNAUTHORIZED", "unauthorized");
        }
        match request.line.as_str() {
            "GET /api/v2.0/users/current" if account.starts_with("robot$") => {
                error(412, "PRECONDITION", "get current user not available for security context: robot")
            }
            "GET /api/v2.0/users/current" => (200, Vec::new(), json!({"username": account})),
            "HEAD /api/v2.0/projects?project_name=ml" | "HEAD /api/v2.0/projects?project_name=cache" => {
                (200, Vec::new(), Value::Null)
            }
            "GET /api/v2.0/projects/ml" => (200, Vec::new(), json!({"name": "ml", "registry_id": 0})),
            "GET /api/v2.0/projects/cache" => (200, Vec::new(), json!({"name": "cache", "registry_id": 3})),
            "POST /api/v2.0/projects" if account == ROBOT_NAME => {
                error(403, "FORBIDDEN", "Only system level robot can create project")
            }
            "POST /api/v2.0/projects" if request.body.contains("\"raced\"") => error(409, "CONFLICT", "it exists"),
            "POST /api/v2.0/projects" => (201, Vec::new(), Value::Null),
            _ => error(404, "NOT_FOUND", "not found"),
        }
    }
}

/// A home with a connector, and a registry that the real one stands for.
fn home(api: &str, registry: &Registry, secret: &str, connector: &Connector, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", secret);
    connector.register(&home);
    let harbor = RegistrySpec::new("hb", "harbor", registry.host()).connector("me").more(options);
    harbor.option("harbor-endpoint", api).allow_secret_host(api).register(&home);
    (home, image)
}

fn push(repository: &str) -> [&str; 6] {
    push_layout("hb", repository)
}

#[test]
fn harbor_takes_robots_users_and_passwords() {
    let password = Connector::new("me", "docker", "password").field("username", USER).field("password", "@env:SECRET");
    for (account, connector) in [(ROBOT_NAME, robot(ROBOT_NAME)), (USER, human()), (USER, password)] {
        let (api, registry) = (FakeApi::start(harbor(account)), Registry::with_unusual_password_of(account));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &connector, &[]);
        let described = home.ok(&["connector", "describe", "me"]);
        assert!(described.stdout.contains(account), "{described}");
        home.ok(&push("ml/train"));
        skopeo::assert_same(registry.access(), &format!("{}/ml/train:v1", registry.host()), &image);
        let asked = [
            "GET /api/v2.0/users/current",
            "HEAD /api/v2.0/projects?project_name=ml",
            "GET /api/v2.0/projects/ml",
            "GET /api/v2.0/projects/ml/summary",
            "GET /api/v2.0/projects/ml/repositories/train/artifacts/v1/tags?with_immutable_status=true&page_size=100",
        ];
        assert_eq!(api.lines(), asked, "{account}");
        for request in api.requests() {
            let elsewhere = format!("{}{}", request.line, request.body);
            Needle::new(UNUSUAL_PASSWORD).assert_not_in(elsewhere.as_bytes(), "a request");
        }
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn harbor_creates_a_missing_project_where_the_option_says_so() {
    let create = ["--option=create-project=true", "--option=public=true"];
    for (account, connector) in [(SYSTEM_NAME, robot(SYSTEM_NAME)), (USER, human())] {
        let (api, registry) = (FakeApi::start(harbor(account)), Registry::with_unusual_password_of(account));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &connector, &create);
        let pushed = home.ok(&push("new/train"));
        assert!(pushed.stderr.contains("project `new` was created"), "{pushed}");
        skopeo::assert_same(registry.access(), &format!("{}/new/train:v1", registry.host()), &image);
        let created = api.requests().into_iter().find(|request| request.line.starts_with("POST ")).unwrap();
        let wish = json!({"project_name": "new", "metadata": {"public": "true"}});
        assert_eq!(serde_json::from_str::<Value>(&created.body).unwrap(), wish);
        // Another client created it first.
        let pushed = home.ok(&push("raced/train"));
        assert!(!pushed.stderr.contains("was created"), "{pushed}");
    }
    // Robots of a project may not create others.
    let (api, registry) = (FakeApi::start(harbor(ROBOT_NAME)), Registry::with_unusual_password_of(ROBOT_NAME));
    let (of_project, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &robot(ROBOT_NAME), &create);
    of_project.fails(4, &push("new/train")).says("Only system level robot can create project");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn what_harbor_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(harbor(USER)), Registry::with_unusual_password());
    for (code, secret, connector, repository, words) in [
        (4, "not-hers-at-all", human(), "ml/train", "unauthorized"),
        (4, "not-hers-at-all", human(), "new/train", "unauthorized"),
        (4, UNUSUAL_PASSWORD, robot(ROBOT_NAME), "ml/train", "in single quotes for the shell"),
        (3, UNUSUAL_PASSWORD, human(), "new/train", "create-project=true"),
        (4, UNUSUAL_PASSWORD, human(), "cache/train", "`cache` is a proxy cache"),
        (2, UNUSUAL_PASSWORD, human(), "m__l/train", "`m__l`"),
        (2, UNUSUAL_PASSWORD, human(), "train", "<project>/train"),
    ] {
        let (home, _) = home(&api.url(), &registry, secret, &connector, &[]);
        let refused = home.fails(code, &push(repository)).says(words);
        Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    registry.assert_untouched();
}

#[test]
fn a_busy_harbor_is_asked_again_if_that_is_soon() {
    let answered = AtomicUsize::new(0);
    let busy = |seconds: &str| {
        let words = json!({"errors": [{"code": "TOOMANYREQUESTS", "message": "slow down"}]});
        (429, vec![("retry-after", seconds.to_owned())], words)
    };
    let known = harbor(USER);
    let busy_once = move |request: &RecordedRequest| match answered.fetch_add(1, Ordering::SeqCst) {
        0 => busy("0"),
        _ => known(request),
    };
    let (api, registry) = (FakeApi::start(busy_once), Registry::with_unusual_password());
    let (patient, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &human(), &[]);
    patient.ok(&push("ml/train"));
    assert_eq!(api.lines().len(), 6);
    let (api, registry) = (FakeApi::start(move |_: &RecordedRequest| busy("3600")), Registry::open());
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &human(), &[]);
    home.fails(6, &push("ml/train")).says("slow down");
    assert_eq!((api.lines().len(), registry.stored(), registry.tags()), (1, 0, 0));
}

#[test]
fn half_an_answer_of_harbor_is_one_line() {
    let half = http1::answer("200 OK", "content-type: application/json\r\n", r#"{"registry_i"#);
    let (api, registry) = (Listener::answering(half), Registry::open());
    let url = format!("http://localhost:{}", api.port());
    let (home, _) = home(&url, &registry, UNUSUAL_PASSWORD, &human(), &[]);
    home.fails(7, &push("ml/train")).says("harbor-endpoint");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn accounts_of_harbor_are_proved_robots_too() {
    for (account, connector, words) in
        [(USER, human(), "alice"), (ROBOT_NAME, robot(ROBOT_NAME), "`robot$ml+ci`, an account that is no user")]
    {
        let (api, registry) = (FakeApi::start(harbor(account)), Registry::with_unusual_password_of(account));
        let (proved, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &connector, &[]);
        proved.ok(&["flavor", "grant", "harbor", "--allow-secret-host", &api.url()]);
        let option = format!("--option=harbor-endpoint={}", api.url());
        let verified = proved.ok(&["connector", "verify", "me", &option]);
        assert!(format!("{verified}").contains(words), "{verified}");
        proved.fails(2, &["connector", "verify", "me"]).says("crhost registry verify hb");
        let verified = proved.ok(&["registry", "verify", "hb", "ml/train", "--push"]);
        assert!(verified.stdout.contains(&format!("`{account}`")), "{verified}");
        let (wrong, _) = home(&api.url(), &registry, "not-hers-at-all", &connector, &[]);
        wrong.ok(&["flavor", "grant", "harbor", "--allow-secret-host", &api.url()]);
        wrong.fails(4, &["connector", "verify", "me", &option]).says("unauthorized");
        assert_eq!(wrong.run(&["registry", "verify", "hb"]).code, Some(4));
    }
}
