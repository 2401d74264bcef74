//! Harbor, against a named fake of its API, in front of a real registry that takes the same name and password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::crhost::Home;
use crate::support::fake_api::{Answer, Asked, FakeApi};
use crate::support::image::{Image, architecture};
use crate::support::image_files;
use crate::support::judge;
use crate::support::needle::Needle;
use crate::support::registry::{Registry, UNUSUAL_PASSWORD, USER};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "hb", "--as", "train"];

/// A fake of Harbor's API that knows one user, and no project but those that it is asked to create.
fn harbor(asked: &Asked) -> Answer {
    if asked.authorization() != format!("Basic {}", STANDARD.encode(format!("{USER}:{UNUSUAL_PASSWORD}"))) {
        return (401, Vec::new(), json!({"errors": [{"code": "UNAUTHORIZED", "message": "unauthorized"}]}));
    }
    match asked.line.split(' ').next() {
        Some("POST") => (201, Vec::new(), Value::Null),
        _ => (404, Vec::new(), json!({"errors": [{"code": "NOT_FOUND", "message": "not found"}]})),
    }
}

fn home(api: &FakeApi, registry: &Registry, secret: &str, create: bool) -> (Home, Image) {
    let (mut home, image) = (Home::new(), Image::small(200, architecture()));
    home.set("SECRET", secret);
    image_files::layout(&home.path("layout"), &[("v1", &image)]);
    let user = format!("--username={USER}");
    let connector = ["connector", "register", "me", "--type=harbor", "--auth-method=user", "--no-verify"];
    home.ok(&[&connector[..], &[&user, "--secret=@env:SECRET"]].concat());
    let (uri, endpoint) = (format!("--uri={}/ml", registry.host()), format!("--option=harbor-endpoint={}", api.url()));
    let (grant, create) = (api.url(), format!("--option=create-project={create}"));
    let register = ["registry", "register", "hb", "--flavor=harbor", "--connector=me"];
    home.ok(&[&register[..], &[&uri, &endpoint, &create, "--allow-secret-host", &grant]].concat());
    (home, image)
}

#[test]
fn harbor_creates_a_missing_project_where_the_option_says_so() {
    let (api, registry) = (FakeApi::start(harbor), Registry::with_unusual_password());
    let (home, image) = home(&api, &registry, UNUSUAL_PASSWORD, true);
    home.ok(&PUSH);
    judge::assert_same(registry.access(), &format!("{}/ml/train:v1", registry.host()), &image);
    assert_eq!(api.lines().get(..2).unwrap(), ["HEAD /api/v2.0/projects?project_name=ml", "POST /api/v2.0/projects"]);
    for asked in api.asked() {
        Needle::new(UNUSUAL_PASSWORD).assert_not_in(format!("{}{}", asked.line, asked.body).as_bytes(), "a request");
    }
}

#[test]
fn a_missing_project_or_a_wrong_secret_stops_the_push_before_any_byte() {
    for (secret, code, words) in [
        (UNUSUAL_PASSWORD, 3, "create-project=true"),
        // An answer to HEAD has no body, so these are the words of the flavor.
        ("not-hers-at-all", 4, "Harbor does not accept the credentials"),
    ] {
        let (api, registry) = (FakeApi::start(harbor), Registry::with_unusual_password());
        let (home, _) = home(&api, &registry, secret, false);
        home.fails(code, &PUSH).says(words);
        assert_eq!((registry.stored(), registry.tags()), (0, 0));
    }
}
