//! Nexus: a named fake of its API, in front of a real registry that takes the same name and password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, UNUSUAL_PASSWORD, USER};

/// The fake of Nexus's API: `hosted` takes pushes, `frozen` is read-only, and `hub` is a proxy.
fn nexus(request: &RecordedRequest) -> Answer {
    let error = |status, words: &str| (status, Vec::new(), json!({"message": words}));
    if request.authorization() != format!("Basic {}", STANDARD.encode(format!("{USER}:{UNUSUAL_PASSWORD}"))) {
        return error(401, "Unauthorized");
    }
    let hosted = |name: &str, policy: &str| {
        (200, Vec::new(), json!({"name": name, "online": true, "storage": {"writePolicy": policy}}))
    };
    match request.line.as_str() {
        "GET /service/rest/v1/repositories/docker/hosted/hosted" => hosted("hosted", "ALLOW"),
        "GET /service/rest/v1/repositories/docker/hosted/frozen" => hosted("frozen", "DENY"),
        "GET /service/rest/v1/repositories" => {
            (200, Vec::new(), json!([{"name": "hub", "format": "docker", "type": "proxy"}]))
        }
        "POST /service/rest/v1/repositories/docker/hosted" => (201, Vec::new(), Value::Null),
        _ => error(404, "not found"),
    }
}

/// A home with a password, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, secret: &str, name: &str, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", secret);
    let connector = Connector::new("me", "docker", "password").field("username", USER);
    connector.field("password", "@env:SECRET").register(&home);
    let nexus = RegistrySpec::new("nx", "nexus", &format!("{}/{name}", registry.host())).connector("me").more(options);
    nexus.option("nexus-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

#[test]
fn nexus_creates_a_missing_repository_where_the_option_says_so() {
    let (api, registry) = (FakeApi::start(nexus), Registry::with_unusual_password());
    let create = ["--option=create-repository=true"];
    let (creating, image) = home(&api, &registry, UNUSUAL_PASSWORD, "new", &create);
    let pushed = creating.ok(&push_layout("nx", "train"));
    assert!(pushed.stderr.contains("the hosted repository `new` was created"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/new/train:v1", registry.host()), &image);
    let created = api.requests().into_iter().find(|request| request.line.starts_with("POST ")).unwrap();
    assert!(created.body.contains(r#""pathEnabled":true"#), "{}", created.body);
    let (plain, _) = home(&api, &registry, UNUSUAL_PASSWORD, "hosted", &[]);
    plain.ok(&push_layout("nx", "train"));
    Needle::new(UNUSUAL_PASSWORD).assert_not_below(&plain.path("crhost"));
}

#[test]
fn what_nexus_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(nexus), Registry::with_unusual_password());
    for (secret, name, words) in [
        ("not-hers-at-all", "hosted", "Unauthorized"),
        (UNUSUAL_PASSWORD, "frozen", "read-only"),
        (UNUSUAL_PASSWORD, "hub", "is a proxy"),
    ] {
        let (home, _) = home(&api, &registry, secret, name, &[]);
        let refused = home.fails(4, &push_layout("nx", "train")).says(words);
        Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
