//! Artifactory: a named fake of its API, in front of a real registry that takes the same name and token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::fakes::api::{Answer, FakeApi, RecordedRequest};
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::{Home, push_layout};
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{Registry, USER};

/// A token of the platform for the user of the real registry, which takes it as the password: a JWT without a
/// signature, short enough for bcrypt.
const TOKEN: &str = "e30.eyJzdWIiOiJhbGljZSJ9.cAnary-of-jfrog";
/// Its bcrypt hash.
const HASH: &str = "$2b$05$/A7vXGCG/0f44sVmTNThlORkwe.EgcMZ5cqsWWbyG3AlE4el/79/a";

/// A registry that takes the token.
fn registry() -> Registry {
    Registry::with_htpasswd(&format!("{USER}:{HASH}\n"), &format!("{USER}:{TOKEN}"))
}

/// The fake of Artifactory's API: the repository `docker-local`, and `hub`, which is a remote one. The id token
/// `an.id.token` is exchanged for [`TOKEN`].
fn artifactory(request: &RecordedRequest) -> Answer {
    let error = |status, words: &str| (status, Vec::new(), json!({"errors": [{"status": status, "message": words}]}));
    if request.line == "POST /access/api/v1/oidc/token" {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        return match (body["subject_token"].as_str(), body["provider_name"].as_str()) {
            (Some("an.id.token"), Some("ci")) => {
                (200, Vec::new(), json!({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}))
            }
            _ => error(401, "no identity mapping"),
        };
    }
    let basic = format!("Basic {}", STANDARD.encode(format!("{USER}:{TOKEN}")));
    if ![basic, format!("Bearer {TOKEN}")].iter().any(|good| request.authorization() == good) {
        return error(401, "Bad credentials");
    }
    match request.line.as_str() {
        "GET /artifactory/api/repositories/docker-local" => {
            (200, Vec::new(), json!({"key": "docker-local", "rclass": "local", "packageType": "docker"}))
        }
        "GET /artifactory/api/repositories/hub" => {
            (200, Vec::new(), json!({"key": "hub", "rclass": "remote", "packageType": "docker"}))
        }
        "PUT /artifactory/api/repositories/new" => (200, Vec::new(), json!("Successfully created repository 'new'")),
        _ => error(404, "Not Found"),
    }
}

/// A home with a connector, and a registry that the real one stands for.
fn home(api: &FakeApi, registry: &Registry, connector: &Connector, secret: &str, options: &[&str]) -> (Home, Image) {
    let (mut home, image) = Home::with_image();
    home.set("SECRET", secret);
    connector.register(&home);
    let jfrog = RegistrySpec::new("jf", "jfrog", registry.host()).connector("me").more(options);
    jfrog.option("jfrog-endpoint", &api.url()).allow_secret_host(&api.url()).register(&home);
    (home, image)
}

fn with_token() -> Connector {
    Connector::new("me", "jfrog", "token").field("username", USER).field("token", "@env:SECRET")
}

#[test]
fn artifactory_creates_a_missing_repository_where_the_option_says_so() {
    let (api, registry) = (FakeApi::start(artifactory), registry());
    let create = ["--option=create-repository=true"];
    let (home, image) = home(&api, &registry, &with_token(), TOKEN, &create);
    let pushed = home.ok(&push_layout("jf", "new/train"));
    assert!(pushed.stderr.contains("the local repository `new` was created"), "{pushed}");
    skopeo::assert_same(registry.access(), &format!("{}/new/train:v1", registry.host()), &image);
    home.ok(&push_layout("jf", "docker-local/train"));
    Needle::new(TOKEN).assert_not_below(&home.path("crhost"));
}

#[test]
fn artifactory_gives_a_token_for_an_id_token() {
    let (api, registry) = (FakeApi::start(artifactory), registry());
    let connector = Connector::new("me", "jfrog", "oidc").field("provider-name", "ci").field("audience", "jfrog");
    let connector = connector.field("id-token", "@env:SECRET");
    let (home, image) = home(&api, &registry, &connector, "an.id.token", &[]);
    home.ok(&push_layout("jf", "docker-local/train"));
    skopeo::assert_same(registry.access(), &format!("{}/docker-local/train:v1", registry.host()), &image);
    Needle::new(TOKEN).assert_not_below(&home.path("crhost"));
}

#[test]
fn what_artifactory_refuses_stops_the_push_before_any_byte() {
    let (api, registry) = (FakeApi::start(artifactory), registry());
    for (code, secret, repository, words) in [
        (4, "not-hers-at-all", "docker-local/train", "Bad credentials"),
        (3, TOKEN, "new/train", "create-repository=true"),
        (4, TOKEN, "hub/train", "remote one"),
        (2, TOKEN, "train", "--option repository=NAME"),
    ] {
        let (home, _) = home(&api, &registry, &with_token(), secret, &[]);
        let refused = home.fails(code, &push_layout("jf", repository)).says(words);
        Needle::new(secret).assert_not_in(refused.stderr.as_bytes(), "standard error");
    }
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}
