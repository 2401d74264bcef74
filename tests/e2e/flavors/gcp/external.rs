//! External accounts: identities of other providers, by the files that Google's own tools write.

use std::fs;

use serde_json::json;

use super::files::{SUBJECT_TOKEN, TARGET};
use super::google::{Google, STEP};
use super::methods::assert_is;
use super::{GOOGLE_TOKEN, PUSH, assert_pushed, connector, gar};
use crate::support::fakes::github_oidc::{GithubOidc, REQUEST_TOKEN};
use crate::support::fakes::token_server::form;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

#[test]
fn the_token_of_another_provider_is_read_anew_and_exchanged() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.gives("/v1/token", STEP);
    let (mut home, image) = Home::with_image();
    let file = home.path("subject");
    fs::write(home.path("external.json"), google.external_file(file.to_str().unwrap()).to_string()).unwrap();
    let register = ["connector", "register", "my-gcp", "--no-verify", "--type=gcp", "--auth-method=external-account"];
    let register = [&register[..], &["--external_account_json=@external.json"]].concat();
    home.fails(2, &register).says("--allow-implicit");
    home.ok(&[&register[..], &["--allow-implicit"]].concat());
    gar(&home, &registry, &google, &[]);
    // The configuration says where the token is, and the environment has to say so too.
    home.fails(4, &PUSH).says(&format!("`{}`", file.display()));
    home.set("GOOGLE_SUBJECT_TOKEN_FILE", &file);
    fs::write(&file, "one-that-has-expired").unwrap();
    home.fails(4, &PUSH).says("is stale");
    registry.assert_untouched();
    fs::write(&file, SUBJECT_TOKEN).unwrap();
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert_is(&home, &google, "--allow-secret-host", TARGET);
}

#[test]
fn a_subject_token_may_be_in_json_and_is_given_where_the_configuration_s_source_is_not_asked() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    let in_json = json!({"id_token": SUBJECT_TOKEN}).to_string();
    let format = json!({"type": "json", "subject_token_field_name": "id_token"});
    for (source, token, words) in [
        (json!({"file": "f", "format": format}), Some(in_json.as_str()), None),
        (json!({"file": "f", "format": format}), Some(SUBJECT_TOKEN), Some("`id_token`")),
        (json!({"url": "https://example.com/token", "format": format}), Some(SUBJECT_TOKEN), None),
        (json!({"url": "https://example.com/token"}), None, Some("`https://example.com`")),
        (json!({"environment_id": "aws1"}), None, Some("`http://169.254.169.254`")),
        (json!({"executable": {"command": "/bin/token"}}), None, Some("`executable`")),
    ] {
        let (mut home, image) = Home::with_image();
        let mut file = google.external_file("unused");
        file["credential_source"] = source;
        // Without a service account, the identity itself may push.
        file.as_object_mut().unwrap().remove("service_account_impersonation_url");
        fs::write(home.path("external.json"), file.to_string()).unwrap();
        home.set("GOOGLE_SUBJECT_TOKEN", token.unwrap_or_default());
        connector(&home, "external-account", &["--external_account_json=@external.json", "--allow-implicit"]);
        gar(&home, &registry, &google, &[]);
        let Some(words) = words else {
            home.ok(&PUSH);
            assert_pushed(&registry, &image);
            continue;
        };
        let refused = home.fails(if words == "`executable`" { 2 } else { 4 }, &PUSH);
        assert!(refused.error().contains(words), "{}", *refused);
    }
}

#[test]
fn the_file_of_google_s_action_is_followed_to_the_job_s_id_token() {
    let github = GithubOidc::start();
    let provider = github.provider();
    const NAME: &str = "projects/123/locations/global/workloadIdentityPools/ci/providers/github";
    let (google, registry) = (
        Google::instead(move |request| {
            (request.line == "POST /v1/token").then(|| {
                let form = form(&request.body);
                match provider.verified(&form["subject_token"][0], &format!("https://iam.googleapis.com/{NAME}")) {
                    Ok(_) => (200, Vec::new(), json!({"access_token": GOOGLE_TOKEN, "expires_in": 3599})),
                    Err(words) => (400, Vec::new(), json!({"error": "invalid_grant", "error_description": words})),
                }
            })
        }),
        Registry::with_google_token(),
    );
    let (mut home, image) = Home::with_image();
    let mut file = google.external_file("unused");
    file.as_object_mut().unwrap().remove("service_account_impersonation_url");
    file["audience"] = json!(format!("//iam.googleapis.com/{NAME}"));
    // As google-github-actions/auth writes it (`src/client/workload_identity_federation.ts`).
    file["credential_source"] = json!({
        "url": format!("{}&audience=https%3A%2F%2Fiam.googleapis.com%2F{}", github.job_url(), NAME.replace('/', "%2F")),
        "headers": {"Authorization": format!("Bearer {REQUEST_TOKEN}")},
        "format": {"type": "json", "subject_token_field_name": "value"},
    });
    fs::write(home.path("gha-creds.json"), file.to_string()).unwrap();
    let path = home.path("gha-creds.json");
    home.set("GOOGLE_APPLICATION_CREDENTIALS", path);
    connector(&home, "implicit", &["--allow-implicit"]);
    gar(&home, &registry, &google, &[]);
    let refused = home.fails(4, &PUSH).says("for the subject token");
    assert!(refused.hint().contains("the option `--allow-secret-host` opens a host"), "{}", *refused);
    home.ok(&["registry", "remove", "gar"]);
    let of_job = github.job_url().split("/42/").next().unwrap().to_owned();
    gar(&home, &registry, &google, &["--allow-secret-host", &of_job]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    github.answer(200, "<!doctype html><p>sign in");
    home.fails(4, &PUSH).says("an HTML page");
    for secret in github.issued().iter().map(String::as_str).chain([REQUEST_TOKEN]) {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}
