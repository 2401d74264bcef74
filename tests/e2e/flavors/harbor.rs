//! Harbor: a named fake of its API, in front of a real registry that takes the same name and password.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::crhost::Home;
use crate::support::fake_api::{Answer, Asked, FakeApi};
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::judge;
use crate::support::listener::{self, Listener};
use crate::support::needle::Needle;
use crate::support::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// A robot of the project `ml`; a shell would take a part of its name for a variable.
const ROBOT_NAME: &str = "robot$ml+ci";
const ROBOT: [&str; 4] = ["--type=harbor", "--auth-method=robot", "--username=robot$ml+ci", "--token=@env:SECRET"];
/// A robot of the system, which may create projects.
const SYSTEM_NAME: &str = "robot$ci";
const SYSTEM: [&str; 4] = ["--type=harbor", "--auth-method=robot", "--username=robot$ci", "--token=@env:SECRET"];
const HUMAN: [&str; 4] = ["--type=harbor", "--auth-method=user", "--username=alice", "--secret=@env:SECRET"];

/// A fake of Harbor's API that knows one account, the project `ml`, and `cache`, which is a proxy cache.
fn harbor(account: &'static str) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    move |asked| {
        let error = |status, code: &str, words: &str| {
            (status, Vec::new(), json!({"errors": [{"code": code, "message": words}]}))
        };
        if asked.authorization() != format!("Basic {}", STANDARD.encode(format!("{account}:{UNUSUAL_PASSWORD}"))) {
            return error(401, "UNAUTHORIZED", "unauthorized");
        }
        match asked.line.as_str() {
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
            "POST /api/v2.0/projects" if asked.body.contains("\"raced\"") => error(409, "CONFLICT", "it exists"),
            "POST /api/v2.0/projects" => (201, Vec::new(), Value::Null),
            _ => error(404, "NOT_FOUND", "not found"),
        }
    }
}

/// A home with a connector, and a registry that the real one stands for.
fn home(api: &str, registry: &Registry, secret: &str, connector: &[&str], options: &[&str]) -> (Home, Image) {
    let (mut home, image) = (Home::warm(), Image::small(200, architecture()));
    home.set("SECRET", secret);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    home.ok(&[&["connector", "register", "me", "--no-verify"], connector].concat());
    let (uri, endpoint) = (format!("--uri={}", registry.host()), format!("--option=harbor-endpoint={api}"));
    let register = ["registry", "register", "hb", "--flavor=harbor", "--connector=me", "--no-verify", &uri, &endpoint];
    home.ok(&[&register[..], &["--allow-secret-host", api], options].concat());
    (home, image)
}

fn push(repository: &str) -> [&str; 6] {
    ["push", "oci:layout:v1", "--to", "hb", "--as", repository]
}

#[test]
fn harbor_takes_robots_users_and_passwords() {
    let password = ["--type=docker", "--auth-method=password", "--username=alice", "--password=@env:SECRET"];
    for (account, connector) in [(ROBOT_NAME, &ROBOT), (USER, &HUMAN), (USER, &password)] {
        let (api, registry) = (FakeApi::start(harbor(account)), Registry::with_unusual_password_of(account));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, connector, &[]);
        let described = home.ok(&["connector", "describe", "me"]);
        assert!(described.stdout.contains(account), "{described}");
        home.ok(&push("ml/train"));
        judge::assert_same(registry.access(), &format!("{}/ml/train:v1", registry.host()), &image);
        let asked =
            ["GET /api/v2.0/users/current", "HEAD /api/v2.0/projects?project_name=ml", "GET /api/v2.0/projects/ml"];
        assert_eq!(api.lines(), asked, "{account}");
        for asked in api.asked() {
            let elsewhere = format!("{}{}", asked.line, asked.body);
            Needle::new(UNUSUAL_PASSWORD).assert_not_in(elsewhere.as_bytes(), "a request");
        }
        Needle::new(UNUSUAL_PASSWORD).assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn harbor_creates_a_missing_project_where_the_option_says_so() {
    let create = ["--option=create-project=true", "--option=public=true"];
    for (account, connector) in [(SYSTEM_NAME, &SYSTEM), (USER, &HUMAN)] {
        let (api, registry) = (FakeApi::start(harbor(account)), Registry::with_unusual_password_of(account));
        let (home, image) = home(&api.url(), &registry, UNUSUAL_PASSWORD, connector, &create);
        let pushed = home.ok(&push("new/train"));
        assert!(pushed.stderr.contains("project `new` was created"), "{pushed}");
        judge::assert_same(registry.access(), &format!("{}/new/train:v1", registry.host()), &image);
        let created = api.asked().into_iter().find(|asked| asked.line.starts_with("POST ")).unwrap();
        let wish = json!({"project_name": "new", "metadata": {"public": "true"}});
        assert_eq!(serde_json::from_str::<Value>(&created.body).unwrap(), wish);
        // Somebody was faster.
        let pushed = home.ok(&push("raced/train"));
        assert!(!pushed.stderr.contains("was created"), "{pushed}");
    }
    // Robots of a project may not create others.
    let (api, registry) = (FakeApi::start(harbor(ROBOT_NAME)), Registry::with_unusual_password_of(ROBOT_NAME));
    let (robot, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &ROBOT, &create);
    robot.fails(4, &push("new/train")).says("Only system level robot can create project");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn what_harbor_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(harbor(USER)), Registry::with_unusual_password());
    for (code, secret, connector, repository, words) in [
        (4, "not-hers-at-all", &HUMAN, "ml/train", "unauthorized"),
        (4, "not-hers-at-all", &HUMAN, "new/train", "unauthorized"),
        (4, UNUSUAL_PASSWORD, &ROBOT, "ml/train", "in single quotes for the shell"),
        (3, UNUSUAL_PASSWORD, &HUMAN, "new/train", "create-project=true"),
        (4, UNUSUAL_PASSWORD, &HUMAN, "cache/train", "`cache` is a proxy cache"),
        (2, UNUSUAL_PASSWORD, &HUMAN, "m__l/train", "`m__l`"),
        (2, UNUSUAL_PASSWORD, &HUMAN, "train", "<project>/train"),
    ] {
        let (home, _) = home(&api.url(), &registry, secret, connector, &[]);
        let refused = home.fails(code, &push(repository)).says(words);
        Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    let changing = |request: &&String| !request.starts_with("GET ") && !request.starts_with("HEAD ");
    assert_eq!(registry.requests().iter().find(changing), None);
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn a_busy_harbor_is_asked_again_if_that_is_soon() {
    let answered = AtomicUsize::new(0);
    let busy = |seconds: &str| {
        let words = json!({"errors": [{"code": "TOOMANYREQUESTS", "message": "slow down"}]});
        (429, vec![("retry-after", seconds.to_owned())], words)
    };
    let known = harbor(USER);
    let busy_once = move |asked: &Asked| match answered.fetch_add(1, Ordering::SeqCst) {
        0 => busy("0"),
        _ => known(asked),
    };
    let (api, registry) = (FakeApi::start(busy_once), Registry::with_unusual_password());
    let (patient, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &HUMAN, &[]);
    patient.ok(&push("ml/train"));
    assert_eq!(api.lines().len(), 4);
    let (api, registry) = (FakeApi::start(move |_: &Asked| busy("3600")), Registry::open());
    let (home, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, &HUMAN, &[]);
    home.fails(6, &push("ml/train")).says("slow down");
    assert_eq!((api.lines().len(), registry.stored(), registry.tags()), (1, 0, 0));
}

#[test]
fn half_an_answer_of_harbor_is_one_line() {
    let half = listener::answer("200 OK", "content-type: application/json\r\n", r#"{"registry_i"#);
    let (api, registry) = (Listener::answering(half), Registry::open());
    let url = format!("http://localhost:{}", api.port());
    let (home, _) = home(&url, &registry, UNUSUAL_PASSWORD, &HUMAN, &[]);
    home.fails(7, &push("ml/train")).says("harbor-endpoint");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn accounts_of_harbor_are_proved_robots_too() {
    for (account, connector, words) in
        [(USER, &HUMAN, "alice"), (ROBOT_NAME, &ROBOT, "`robot$ml+ci`, an account that is no user")]
    {
        let (api, registry) = (FakeApi::start(harbor(account)), Registry::with_unusual_password_of(account));
        let (proved, _) = home(&api.url(), &registry, UNUSUAL_PASSWORD, connector, &[]);
        proved.ok(&["flavor", "grant", "harbor", "--allow-secret-host", &api.url()]);
        let option = format!("--option=harbor-endpoint={}", api.url());
        let verified = proved.ok(&["connector", "verify", "me", &option]);
        assert!(format!("{verified}").contains(words), "{verified}");
        proved.fails(2, &["connector", "verify", "me"]).says("crhost registry verify hb");
        let verified = proved.ok(&["registry", "verify", "hb", "ml/train", "--push"]);
        assert!(verified.stdout.contains(&format!("`{account}`")), "{verified}");
        let (wrong, _) = home(&api.url(), &registry, "not-hers-at-all", connector, &[]);
        wrong.ok(&["flavor", "grant", "harbor", "--allow-secret-host", &api.url()]);
        wrong.fails(4, &["connector", "verify", "me", &option]).says("unauthorized");
        assert_eq!(wrong.run(&["registry", "verify", "hb"]).code, Some(4));
    }
}
