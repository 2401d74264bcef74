//! What goes wrong, before any byte of an image has gone anywhere.

use std::fs;

use serde_json::json;

use super::google::Google;
use super::keys::Key;
use super::{PUSH, assert_pushed, connector, gar, service_account, spec};
use crate::support::fakes::api::{Answer, RecordedRequest};
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// Answers instead of the fake where a request begins like that.
fn at(
    line: &'static str,
    answer: impl Fn() -> Answer + Send + Sync + 'static,
) -> impl Fn(&RecordedRequest) -> Option<Answer> {
    move |request| request.line.starts_with(line).then(&answer)
}

const REPOSITORY: &str = "GET /v1/projects/my-project/locations/europe-west1/repositories/my-repo";

#[test]
fn a_wrong_key_stops_the_push_before_any_byte() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let mut file = google.key_file();
    file["private_key"] = json!(Key::other().pem);
    // Where the API is asked first, and where it is not.
    for (option, words) in [("true", "invalid authentication credentials"), ("false", "Invalid JWT Signature")] {
        let (home, _) = Home::with_image();
        service_account(&home, &file);
        gar(&home, &registry, &google, &["--option", &format!("check-repository={option}")]);
        let refused = home.fails(4, &PUSH).says(words).says("key");
        assert!(!refused.stderr.contains("PRIVATE KEY"), "{}", *refused);
    }
    assert_eq!(registry.requests(), [""; 0]);
    // The proof of a connector finds it too.
    let (home, _) = Home::with_image();
    home.ok(&["flavor", "grant", "gcp", "--allow-secret-host", &google.url()]);
    fs::write(home.path("key.json"), file.to_string()).unwrap();
    let register = ["connector", "register", "my-gcp", "--type=gcp", "--auth-method=service-account"];
    let option = format!("--option=token-endpoint={}", google.url());
    home.fails(4, &[&register[..], &["--service_account_json=@key.json", &option]].concat())
        .says("Invalid JWT Signature")
        .says("create a key in IAM");
}

#[test]
fn a_malformed_key_file_is_told_what_it_lacks() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let key = google.key_file();
    let with = |member: &str, value: serde_json::Value| {
        let mut file = key.clone();
        file[member] = value;
        file
    };
    let without = |member: &str| {
        let mut file = key.clone();
        file.as_object_mut().unwrap().remove(member);
        file
    };
    let cut: String = Key::known().pem.lines().take(9).collect::<Vec<_>>().join("\n");
    for (file, words) in [
        (without("private_key"), "no member `private_key`"),
        (without("client_email"), "no member `client_email`"),
        (without("type"), "no member `type`"),
        (json!({"installed": {"client_id": "x"}}), "no member `type`"),
        (with("type", json!("gdch_service_account")), "`gdch_service_account`"),
        (with("client_email", json!("pusher")), "`pusher`"),
        (with("private_key", json!("no key")), "`private_key`"),
        (with("private_key", json!(cut)), "`private_key`"),
        (with("private_key", json!(42)), "no member `private_key`"),
        (with("universe_domain", json!("s3nsapis.fr")), "`s3nsapis.fr`"),
    ] {
        let (home, _) = Home::with_image();
        service_account(&home, &file);
        gar(&home, &registry, &google, &[]);
        home.fails(2, &PUSH).says(words);
    }
    // What is no JSON at all is not even stored.
    let (home, _) = Home::with_image();
    fs::write(home.path("key.json"), key.to_string().get(..99).unwrap()).unwrap();
    let register = ["connector", "register", "my-gcp", "--no-verify", "--type=gcp", "--auth-method=service-account"];
    home.fails(2, &[&register[..], &["--service_account_json=@key.json"]].concat()).says("JSON");
    assert_eq!((google.lines(), registry.requests()), (Vec::new(), Vec::new()));
}

#[test]
fn a_key_file_leads_no_assertion_to_a_host_of_its_own() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, _) = Home::with_image();
    let mut file = google.key_file();
    file["token_uri"] = json!("https://oauth2.googleapis.com.example.com/token");
    service_account(&home, &file);
    let gar = spec(&registry).option("location", "europe-west1").option("artifact-registry-endpoint", &google.url());
    gar.allow_host(&google.url()).register(&home);
    home.fails(2, &PUSH).says("`token_uri`").says("--option token-endpoint=");
    assert_eq!((google.lines(), registry.requests()), (Vec::new(), Vec::new()));
}

#[test]
fn a_missing_permission_is_named() {
    for (permission, create) in
        [("artifactregistry.repositories.get", "false"), ("artifactregistry.repositories.create", "true")]
    {
        let (google, registry) = (Google::start(), Registry::with_google_token());
        google.repositories(|repositories| {
            repositories.kept.clear();
            repositories.denied = Some(permission);
        });
        let (home, _) = Home::with_image();
        service_account(&home, &google.key_file());
        gar(&home, &registry, &google, &["--option", &format!("create-repository={create}")]);
        let refused = home.fails(4, &PUSH);
        assert!(refused.hint().contains(&format!("`{permission}`")), "{}", *refused);
        assert_eq!(registry.requests(), [""; 0]);
    }
}

#[test]
fn who_may_push_and_not_look_can_push_without_looking() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.repositories(|repositories| repositories.denied = Some("artifactregistry.repositories.get"));
    let (home, image) = Home::with_image();
    service_account(&home, &google.key_file());
    gar(&home, &registry, &google, &["--option=check-repository=false"]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}

#[test]
fn a_repository_that_takes_no_images_stops_the_push_before_any_byte() {
    for (settings, code, words) in [
        (json!({"format": "PYTHON", "mode": "STANDARD_REPOSITORY"}), 2, "`PYTHON`"),
        (json!({"format": "DOCKER", "mode": "REMOTE_REPOSITORY"}), 4, "`REMOTE_REPOSITORY`"),
        (json!({"format": "DOCKER", "mode": "VIRTUAL_REPOSITORY"}), 4, "`VIRTUAL_REPOSITORY`"),
    ] {
        let (google, registry) = (Google::start(), Registry::with_google_token());
        google.repositories(|repositories| repositories.add("europe-west1", "my-repo", settings));
        let (home, _) = Home::with_image();
        service_account(&home, &google.key_file());
        gar(&home, &registry, &google, &[]);
        home.fails(code, &PUSH).says(words);
        assert_eq!(registry.requests(), [""; 0]);
    }
}

#[test]
fn a_key_of_another_project_is_mentioned_where_something_is_denied() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.repositories(|repositories| repositories.denied = Some("artifactregistry.repositories.get"));
    let (home, _) = Home::with_image();
    let mut file = google.key_file();
    file["project_id"] = json!("other-project");
    service_account(&home, &file);
    gar(&home, &registry, &google, &[]);
    home.fails(4, &PUSH).says("`other-project`").says("`my-project`");
}

#[test]
fn a_busy_service_is_left_alone_for_as_long_as_it_says() {
    for line in [REPOSITORY, "POST /token"] {
        let busy =
            move || (429, vec![("retry-after", "0".to_owned())], json!({"error": {"status": "RESOURCE_EXHAUSTED"}}));
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let google = Google::instead(move |request: &RecordedRequest| {
            let first = request.line.starts_with(line) && asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
            first.then(busy)
        });
        let registry = Registry::with_google_token();
        let (home, image) = Home::with_image();
        service_account(&home, &google.key_file());
        gar(&home, &registry, &google, &[]);
        home.ok(&PUSH);
        assert_pushed(&registry, &image);
        assert_eq!(google.count(line), 2, "{:?}", google.lines());
    }
    // Longer than crhost waits.
    let google = Google::instead(at(REPOSITORY, || {
        (429, vec![("retry-after", "3600".to_owned())], json!({"error": {"status": "RESOURCE_EXHAUSTED"}}))
    }));
    let registry = Registry::with_google_token();
    let (home, _) = Home::with_image();
    service_account(&home, &google.key_file());
    gar(&home, &registry, &google, &[]);
    assert_eq!(home.run(&PUSH).code, Some(6));
    assert_eq!(google.count(REPOSITORY), 1);
}

#[test]
fn the_words_of_a_service_that_refuses_or_is_broken_are_kept_in_one_line() {
    let grant = |words: &str| json!({"error": "invalid_grant", "error_description": words});
    let yesterday = || vec![("date", "Fri, 20 Nov 2015 12:00:00 GMT".to_owned())];
    for (line, status, headers, body, code, words) in [
        ("POST /token", 400, vec![], grant("Invalid JWT: Token must be a short-lived token."), 4, "clock is wrong"),
        ("POST /token", 400, yesterday(), grant("Something\nnew."), 4, "ahead of Google's"),
        ("POST /token", 400, vec![], grant("Invalid grant: account not found"), 4, "deleted or disabled"),
        ("POST /token", 200, vec![], json!({"token_type": "Bearer"}), 7, "can't be read"),
        ("POST /token", 500, vec![], json!({"error": "internal_failure"}), 6, "internal_failure"),
        (REPOSITORY, 200, vec![], json!("half"), 7, "can't be read"),
        (REPOSITORY, 500, vec![], json!({"error": {"status": "INTERNAL", "message": "oh\ndear"}}), 6, "oh dear"),
        (REPOSITORY, 404, vec![], json!("Not Found"), 3, "artifact-registry-endpoint"),
        (
            REPOSITORY,
            403,
            vec![],
            json!({"error": {"status": "PERMISSION_DENIED", "details": [{"reason": "SERVICE_DISABLED"}]}}),
            4,
            "gcloud services enable",
        ),
    ] {
        let google = Google::instead(at(line, move || (status, headers.clone(), body.clone())));
        let registry = Registry::with_google_token();
        let (home, _) = Home::with_image();
        service_account(&home, &google.key_file());
        gar(&home, &registry, &google, &[]);
        let refused = home.run(&PUSH);
        assert_eq!(refused.code, Some(code), "{refused}");
        assert!(refused.stderr.contains(words), "{words}{refused}");
        assert!(!refused.stderr.contains("panicked"), "{refused}");
        registry.assert_untouched();
    }
}

#[test]
fn a_registry_that_is_not_google_s_own_needs_its_location() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, _) = Home::with_image();
    fs::write(home.path("key.json"), google.key_file().to_string()).unwrap();
    connector(&home, "service-account", &["--service_account_json=@key.json"]);
    spec(&registry).register(&home);
    home.fails(2, &PUSH).says("--option location=europe-west1");
    assert_eq!((google.lines(), registry.requests()), (Vec::new(), Vec::new()));
}
