//! Google: Artifact Registry and the names of Container Registry.
//!
//! A named fake is Google, proved by Google's own client; `docker-registry`, which has the token that the fake gives as
//! a password, is the registry itself.

mod artifact_registry;
mod external;
mod files;
mod google;
mod keys;
mod methods;
mod peer;
mod refusals;

use std::fs;

use serde_json::{Value, json};

use self::files::EMAIL;
use self::google::Google;
use self::keys::Key;
use crate::support::images::image::Image;
use crate::support::judges::needle::Needle;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};
use crate::support::programs::registry::{GOOGLE_TOKEN, Registry};

const PUSH: [&str; 6] = ["push", "oci:layout:v1", "--to", "gar", "--as", "team/train"];

/// Stores a connector, unproved: the proof would go to Google itself.
#[track_caller]
fn connector(home: &Home, method: &str, fields: &[&str]) {
    Connector::new("my-gcp", "gcp", method).more(fields).register(home);
}

/// Stores a key file.
#[track_caller]
fn service_account(home: &Home, file: &Value) {
    fs::write(home.path("key.json"), file.to_string()).unwrap();
    connector(home, "service-account", &["--service_account_json=@key.json"]);
}

/// The options that put the fake in the place of Google.
fn endpoints(google: &Google) -> Vec<String> {
    let url = google.url();
    ["artifact-registry", "token", "sts", "iam", "metadata"]
        .iter()
        .map(|service| format!("--option={service}-endpoint={url}"))
        .collect()
}

/// Registers a registry as `gar`, with the fake in the place of Google; unproved, so that a push meets what is wrong.
/// The fake gets signatures and tokens unless `more` opens it otherwise.
#[track_caller]
fn gar(home: &Home, registry: &Registry, google: &Google, more: &[&str]) {
    let mut gar = spec(registry).option("location", "europe-west1").more(more);
    for endpoint in endpoints(google) {
        gar = gar.more(&[&endpoint]);
    }
    if !more.contains(&google.url().as_str()) {
        gar = gar.allow_secret_host(&google.url());
    }
    gar.register(home);
}

/// The registry `gar`, as far as it is the same in all tests.
fn spec(registry: &Registry) -> RegistrySpec {
    RegistrySpec::new("gar", "gcp", &format!("{}/my-project/my-repo", registry.host())).connector("my-gcp")
}

#[track_caller]
fn assert_pushed(registry: &Registry, image: &Image) {
    let name = format!("{}/my-project/my-repo/team/train:v1", registry.host());
    skopeo::assert_same(registry.access(), &name, image);
}

#[test]
fn an_image_goes_to_a_repository_that_is_there() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, image) = Home::with_image();
    service_account(&home, &google.key_file());
    gar(&home, &registry, &google, &[]);
    let pushed = home.ok(&PUSH);
    assert_pushed(&registry, &image);
    for shown in [&pushed.stdout, &pushed.stderr] {
        assert!(!shown.contains("PRIVATE KEY") && !shown.contains(GOOGLE_TOKEN), "{pushed}");
    }
    let repository = "/v1/projects/my-project/locations/europe-west1/repositories/my-repo";
    assert_eq!(google.lines(), [&format!("GET {repository}"), "POST /token"]);
}

#[test]
fn a_second_push_asks_for_no_second_token() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, _) = Home::with_image();
    service_account(&home, &google.key_file());
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    home.ok(&["push", "oci:layout:v1", "--to", "gar", "--as", "team/other"]);
    assert_eq!(google.count("POST /token"), 1, "{:?}", google.lines());
}

#[test]
fn a_kept_token_that_is_refused_is_renewed_once() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, image) = Home::with_image();
    service_account(&home, &google.key_file());
    gar(&home, &registry, &google, &[]);
    google.gives("/token", "ya29.revoked");
    home.fails(4, &PUSH);
    registry.assert_untouched();
    let before = google.count("POST /token");
    google.gives("/token", GOOGLE_TOKEN);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert_eq!(google.count("POST /token"), before + 1);
}

#[test]
fn a_missing_repository_stops_the_push_before_any_byte() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.repositories(|repositories| repositories.kept.clear());
    let (home, _) = Home::with_image();
    service_account(&home, &google.key_file());
    gar(&home, &registry, &google, &[]);
    home.fails(3, &PUSH).says("`my-repo` in `europe-west1`").says("--option create-repository=true");
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn artifact_registry_creates_a_missing_repository_where_an_option_says_so() {
    // At once, and after a while that the host waits.
    for slowness in [0, 1] {
        let (google, registry) = (Google::start(), Registry::with_google_token());
        google.repositories(|repositories| {
            repositories.kept.clear();
            repositories.slowness = slowness;
        });
        let (home, image) = Home::with_image();
        service_account(&home, &google.key_file());
        gar(&home, &registry, &google, &["--option=create-repository=true", "--option=immutable-tags=true"]);
        let pushed = home.ok(&PUSH);
        assert_pushed(&registry, &image);
        let words = if slowness == 0 { "created repository `my-repo`" } else { "immutable tags" };
        assert!(pushed.stderr.contains(words), "{pushed}");
        let created = json!({"format": "DOCKER", "dockerConfig": {"immutableTags": true}});
        google.repositories(|repositories| assert_eq!(repositories.kept.values().collect::<Vec<_>>(), [&created]));
        // The next time it is there.
        home.ok(&["push", "oci:layout:v1", "--to", "gar", "--as", "team/other"]);
        assert_eq!(google.count("POST /v1/"), 1, "{:?}", google.lines());
    }
}

/// Google's own hosts, with the fake in the place of its APIs: nothing goes to the hosts themselves.
#[test]
fn names_of_container_registry_lead_to_the_repositories_that_took_their_place() {
    let google = Google::start();
    let (home, _) = Home::with_image();
    connector(&home, "implicit", &["--allow-implicit"]);
    let endpoints = endpoints(&google);
    let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    for (host, location, repository) in [
        ("gcr.io", "us", "gcr.io"),
        ("us.gcr.io", "us", "us.gcr.io"),
        ("eu.gcr.io", "europe", "eu.gcr.io"),
        ("asia.gcr.io", "asia", "asia.gcr.io"),
        ("us-docker.pkg.dev", "us", "team"),
        ("docker.us-east4.rep.pkg.dev", "us-east4", "team"),
    ] {
        let uri = format!("--uri={host}/my-project");
        let command = ["registry", "register", location, "--no-verify", "--flavor=gcp", "--connector=my-gcp", &uri];
        home.ok(&[&command[..], &endpoints, &["--allow-host", &google.url()]].concat());
        let refused = home.fails(3, &["push", "oci:layout:v1", "--to", location, "--as", "team/train"]);
        assert!(refused.error().contains(&format!("`{repository}` in `{location}`")), "{}", *refused);
        let words = "artifactregistry.repositories.createOnPush";
        assert_eq!(refused.hint().contains(words), host.ends_with("gcr.io"), "{}", *refused);
        let asked = format!("GET /v1/projects/my-project/locations/{location}/repositories/{repository}");
        assert_eq!(google.lines().last(), Some(&asked));
        home.ok(&["registry", "remove", location]);
    }
}

#[test]
fn a_log_of_everything_shows_neither_key_nor_token() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (mut home, image) = Home::with_image();
    home.set("CRHOST_LOG", "trace");
    service_account(&home, &google.key_file());
    fs::remove_file(home.path("key.json")).unwrap();
    gar(&home, &registry, &google, &[]);
    let pushed = home.ok(&PUSH);
    assert_pushed(&registry, &image);
    for secret in [GOOGLE_TOKEN, Key::known().pem.lines().nth(5).unwrap()] {
        let needle = Needle::new(secret);
        needle.assert_not_in(pushed.stderr.as_bytes(), "the log");
        needle.assert_not_in(pushed.stdout.as_bytes(), "the output");
        needle.assert_not_below(&home.path("crhost"));
    }
}

#[test]
fn a_connector_is_proved_and_its_registries_listed() {
    let google = Google::start();
    google.repositories(|repositories| {
        let docker = json!({"format": "DOCKER", "mode": "STANDARD_REPOSITORY"});
        repositories.add("us", "gcr.io", docker.clone());
        repositories.add("us", "train", docker);
        repositories.add("us", "jars", json!({"format": "MAVEN"}));
        repositories.add("us-east4", "hub", json!({"format": "DOCKER", "mode": "REMOTE_REPOSITORY"}));
    });
    let home = Home::new();
    service_account(&home, &google.key_file());
    home.ok(&["flavor", "grant", "gcp", "--allow-secret-host", &google.url()]);
    let endpoints = endpoints(&google);
    let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    let verified = home.ok(&[&["connector", "verify", "my-gcp"][..], &endpoints].concat());
    assert!(verified.stdout.contains(EMAIL), "{verified}");
    let list = ["connector", "list-resources", "my-gcp", "-o", "json"];
    let listed = home.ok(&[&list[..], &endpoints].concat()).json();
    let uris: Vec<&str> =
        listed["resources"].as_array().unwrap().iter().map(|found| found["uri"].as_str().unwrap()).collect();
    let all =
        ["europe-west1-docker.pkg.dev/my-project/my-repo", "gcr.io/my-project", "us-docker.pkg.dev/my-project/train"];
    assert_eq!(uris, all);
    let here = home.ok(&[&list[..], &["--option=location=europe-west1"], &endpoints].concat()).json();
    assert_eq!(here["resources"].as_array().unwrap().len(), 1, "{here}");
}

#[test]
fn a_registry_is_registered_and_verified_where_the_token_opens_it() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, _) = Home::with_image();
    service_account(&home, &google.key_file());
    let (uri, url, endpoints) =
        (format!("--uri={}/my-project/my-repo", registry.host()), google.url(), endpoints(&google));
    let command = ["registry", "register", "gar", "--flavor=gcp", "--connector=my-gcp", &uri];
    let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    let command = [&command[..], &["--option=location=europe-west1", "--allow-secret-host", &url], &endpoints].concat();
    google.gives("/token", "ya29.of-nobody");
    home.fails(4, &command);
    google.gives("/token", GOOGLE_TOKEN);
    home.ok(&command);
    // Up to an upload that is opened and cancelled.
    let verified = home.ok(&["registry", "verify", "gar", "team/train", "--push"]);
    assert!(verified.stdout.contains("oauth2accesstoken"), "{verified}");
    assert_eq!((registry.stored(), registry.tags()), (0, 0));
}

#[test]
fn without_a_connector_docker_s_configuration_has_the_token() {
    let registry = Registry::with_google_token();
    let (home, image) = Home::with_image();
    let uri = format!("--uri={}/my-project/my-repo", registry.host());
    home.ok(&["registry", "register", "gar", "--no-verify", "--flavor=gcp", &uri]);
    home.docker_login(registry.host(), "oauth2accesstoken", GOOGLE_TOKEN);
    let pushed = home.ok(&PUSH);
    assert!(pushed.stderr.contains("without a connector"), "{pushed}");
    assert_pushed(&registry, &image);
}
