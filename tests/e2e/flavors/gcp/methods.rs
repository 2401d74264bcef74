//! Every auth method but the key of a service account, which the other tests have.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::files::{EMAIL, TARGET};
use super::google::{Google, STEP};
use super::{GOOGLE_TOKEN, PUSH, assert_pushed, connector, endpoints, gar, service_account, spec};
use crate::support::fakes::github_oidc::GithubOidc;
use crate::support::fakes::token_server::form;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::Connector;
use crate::support::programs::registry::Registry;

/// Verifies the connector, and expects words about whom it stands for.
#[track_caller]
pub(super) fn assert_is(home: &Home, google: &Google, flag: &str, who: &str) {
    home.ok(&["flavor", "grant", "gcp", flag, &google.url()]);
    let endpoints = endpoints(google);
    let endpoints: Vec<&str> = endpoints.iter().map(String::as_str).collect();
    let verified = home.ok(&[&["connector", "verify", "my-gcp"][..], &endpoints].concat());
    assert!(verified.stdout.contains(who), "{verified}");
}

#[test]
fn a_user_s_refresh_token_goes_to_the_token_endpoint_alone_and_pushes() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, image) = Home::with_image();
    fs::write(home.path("adc.json"), Google::user_file().to_string()).unwrap();
    connector(&home, "user-account", &["--user_account_json=@adc.json", "--project_id=my-project"]);
    // A host that was opened without secrets does not get it.
    gar(&home, &registry, &google, &["--allow-host", &google.url()]);
    home.fails(4, &PUSH).says("may not have this secret");
    registry.assert_untouched();
    home.ok(&["registry", "remove", "gar"]);
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    // A user's calls of Google's APIs count for the registry's project, or for the one that the file names.
    let api = "GET /v1/projects/";
    assert_eq!(google.headers(api, "x-goog-user-project"), ["my-project"]);
    let mut file = Google::user_file();
    file["quota_project_id"] = json!("another-project");
    fs::write(home.path("adc.json"), file.to_string()).unwrap();
    home.ok(&["connector", "update", "my-gcp", "--no-verify", "--user_account_json=@adc.json"]);
    home.ok(&PUSH);
    assert_eq!(google.headers(api, "x-goog-user-project"), ["my-project", "another-project"]);
    assert_is(&home, &google, "--allow-secret-host", "alice@example.com");
}

#[test]
fn a_user_who_was_signed_out_is_told_to_sign_in() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    for (member, words) in [("refresh_token", "Bad Request"), ("client_secret", "client secret is invalid")] {
        let (home, _) = Home::with_image();
        let mut file = Google::user_file();
        file[member] = json!("of-somebody-else");
        fs::write(home.path("adc.json"), file.to_string()).unwrap();
        connector(&home, "user-account", &["--user_account_json=@adc.json"]);
        gar(&home, &registry, &google, &[]);
        let refused = home.fails(4, &PUSH).says(words).says("sign in again");
        assert!(!refused.stderr.contains("of-somebody-else"), "{}", *refused);
    }
    registry.assert_untouched();
}

#[test]
fn a_service_account_gets_the_tokens_of_another() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.gives("/token", STEP);
    let (home, image) = Home::with_image();
    fs::write(home.path("key.json"), google.key_file().to_string()).unwrap();
    let fields = ["--service_account_json=@key.json", "--duration_seconds=900"];
    connector(&home, "impersonation", &[&fields[..], &[&format!("--target_principal={TARGET}")]].concat());
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert_is(&home, &google, "--allow-secret-host", TARGET);
    // One whose tokens it may not get.
    home.ok(&[
        "connector",
        "update",
        "my-gcp",
        "--no-verify",
        "--target_principal=other@my-project.iam.gserviceaccount.com",
    ]);
    home.fails(4, &PUSH).says("iam.serviceAccounts.getAccessToken");
}

#[test]
fn a_job_pushes_with_its_id_token_for_the_provider_that_it_names() {
    const NAME: &str = "projects/123/locations/global/workloadIdentityPools/ci/providers/github";
    let github = GithubOidc::start();
    let provider = github.provider();
    let (google, registry) = (
        Google::instead(move |request| {
            if request.line != "POST /v1/token" {
                return None;
            }
            let form = form(&request.body);
            let field = |name: &str| form[name][0].as_str();
            assert_eq!(field("subject_token_type"), "urn:ietf:params:oauth:token-type:jwt");
            if field("audience") != format!("//iam.googleapis.com/{NAME}") {
                let words = "Invalid value for \"audience\".";
                return Some((400, Vec::new(), json!({"error": "invalid_request", "error_description": words})));
            }
            Some(match provider.verified(field("subject_token"), &format!("https://iam.googleapis.com/{NAME}")) {
                Ok(_) => (200, Vec::new(), json!({"access_token": STEP, "expires_in": 3599, "token_type": "Bearer"})),
                Err(words) => (400, Vec::new(), json!({"error": "invalid_grant", "error_description": words})),
            })
        }),
        Registry::with_google_token(),
    );
    let (mut home, image) = Home::with_image();
    github.permit(&mut home);
    let (named, account) = (format!("--provider={NAME}"), format!("--target_principal={TARGET}"));
    connector(&home, "workload-identity", &[&named, &account, "--subject_token=@oidc"]);
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    let audience = format!("https://iam.googleapis.com/{NAME}");
    assert!(github.audiences().iter().all(|asked| *asked == audience), "{:?}", github.audiences());
    let shown = home.ok(&["connector", "explain", "my-gcp"]).stdout;
    for words in ["--attribute-condition=\"assertion.sub == 'repo:acme/train:ref:refs/heads/main'\"", TARGET] {
        assert!(shown.contains(words), "{shown}");
    }
    // The audience follows the field that it is made of.
    home.ok(&["connector", "update", "my-gcp", "--no-verify", &format!("{named}-2")]);
    home.fails(4, &PUSH);
    assert_eq!(github.audiences().last(), Some(&format!("{audience}-2")));
}

#[test]
fn an_access_token_goes_to_the_registry_and_to_the_api_it_opens() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (mut home, image) = Home::with_image();
    home.set("TOKEN_OF_THE_TEST", GOOGLE_TOKEN);
    connector(&home, "oauth2-token", &["--token=@env:TOKEN_OF_THE_TEST", "--project_id=my-project"]);
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert_is(&home, &google, "--allow-secret-host", "alice@example.com");
    // One that has expired.
    home.set("TOKEN_OF_THE_TEST", "ya29.of-yesterday");
    home.ok(&["connector", "update", "my-gcp", "--no-verify", "--token=@env:TOKEN_OF_THE_TEST"]);
    let refused = home.fails(4, &PUSH).says("invalid authentication credentials").says("has expired or was revoked");
    assert!(!refused.stderr.contains("of-yesterday"), "{}", *refused);
}

#[test]
fn credentials_of_the_machine_are_found_by_file_and_variable_once_that_is_allowed() {
    for kind in ["key", "user", "impersonated"] {
        let (google, registry) = (Google::start(), Registry::with_google_token());
        let (mut home, image) = Home::with_image();
        let file = match kind {
            "key" => google.key_file(),
            "user" => Google::user_file(),
            _ => {
                google.gives("/token", STEP);
                json!({
                    "type": "impersonated_service_account",
                    "delegates": [],
                    "service_account_impersonation_url": google.external_file("")["service_account_impersonation_url"],
                    "source_credentials": Google::user_file(),
                })
            }
        };
        let path = match kind {
            // Where gcloud writes it.
            "user" => home.path("home/.config/gcloud/application_default_credentials.json"),
            _ => home.path("adc.json"),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, file.to_string()).unwrap();
        if kind != "user" {
            home.set("GOOGLE_APPLICATION_CREDENTIALS", &path);
        }
        home.fails(2, &["connector", "register", "my-gcp", "--type=gcp", "--auth-method=implicit"])
            .says("--allow-implicit");
        connector(&home, "implicit", &["--allow-implicit"]);
        gar(&home, &registry, &google, &[]);
        home.ok(&PUSH);
        assert_pushed(&registry, &image);
    }
}

#[test]
fn a_machine_in_google_s_cloud_gives_tokens_of_its_service_account() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, image) = Home::with_image();
    connector(&home, "implicit", &["--allow-implicit"]);
    // Google's own address of it is the user's to open, too.
    spec(&registry).option("location", "europe-west1").register(&home);
    home.fails(4, &PUSH).says("--allow-metadata gcp");
    home.ok(&["registry", "remove", "gar"]);
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert_is(&home, &google, "--allow-host", EMAIL);
}

#[test]
fn a_password_of_docker_s_pushes_without_a_look_at_the_repository() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (mut home, image) = Home::with_image();
    home.set("TOKEN_OF_THE_TEST", GOOGLE_TOKEN);
    let password = Connector::new("my-gcp", "docker", "password").field("password", "@env:TOKEN_OF_THE_TEST");
    password.field("username", "oauth2accesstoken").register(&home);
    gar(&home, &registry, &google, &[]);
    let pushed = home.ok(&PUSH);
    assert!(pushed.stderr.contains("does not open Artifact Registry's API"), "{pushed}");
    assert_pushed(&registry, &image);
    assert_eq!(google.lines(), [""; 0]);
}

#[test]
fn a_file_of_another_kind_is_named_with_the_method_that_takes_it() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (home, _) = Home::with_image();
    service_account(&home, &Google::user_file());
    gar(&home, &registry, &google, &[]);
    home.fails(2, &PUSH).says("`authorized_user`").says("`user-account`");
    assert_eq!((google.lines(), registry.requests()), (Vec::new(), Vec::new()));
}

#[test]
fn a_key_file_may_be_stored_in_base64_as_ci_systems_have_it() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let (mut home, image) = Home::with_image();
    home.set("GCP_KEY", STANDARD.encode(google.key_file().to_string()));
    connector(&home, "service-account", &["--service_account_json=@env:GCP_KEY"]);
    gar(&home, &registry, &google, &[]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
}
