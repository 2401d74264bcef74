//! External accounts: identities of other providers, by the files that Google's own tools write.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};

use super::files::{SUBJECT_TOKEN, TARGET};
use super::google::{Google, STEP};
use super::methods::assert_is;
use super::{GOOGLE_TOKEN, PUSH, assert_pushed, connector, gar};
use crate::support::fakes::github_oidc::{GithubOidc, REQUEST_TOKEN};
use crate::support::fakes::token_server::form;
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::hint::obey;
use crate::support::programs::registry::Registry;
use crate::support::programs::{peers, process};

#[test]
fn the_token_of_another_provider_is_read_anew_and_exchanged() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.gives("/v1/token", STEP);
    let (home, image) = Home::with_image();
    let file = home.path("subject");
    fs::write(home.path("external.json"), google.external_file(file.to_str().unwrap()).to_string()).unwrap();
    let register = ["connector", "register", "my-gcp", "--no-verify", "--type=gcp", "--auth-method=external-account"];
    let register = [&register[..], &["--external_account_json=@external.json"]].concat();
    home.fails(2, &register).says("--allow-implicit");
    home.ok(&[&register[..], &["--allow-implicit"]].concat());
    gar(&home, &registry, &google, &[]);
    // The configuration says where the token is, and the user has to say so too.
    let refused = home.fails(4, &PUSH).says(&format!("`{}`", file.display()));
    fs::write(&file, "one-that-has-expired").unwrap();
    obey(&home, &refused.hint().replace("update NAME", "update my-gcp --no-verify"));
    let shown = home.ok(&["connector", "describe", "my-gcp"]).stdout;
    assert!(shown.contains(&format!("read from {}", file.display())), "{shown}");
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
        (json!({"executable": {"command": "/bin/token"}}), None, Some("`/bin/token`")),
        (json!({"certificate": {"use_default_certificate_config": true}}), None, Some("`certificate`")),
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
        let refused = home.fails(if words == "`certificate`" { 2 } else { 4 }, &PUSH);
        assert!(refused.error().contains(words), "{}", *refused);
    }
}

/// A program as Google documents it: it gives tokens for one audience, and says so where it is asked for another.
fn program(home: &Home, answer: &str) -> String {
    let path = home.path("my token");
    let script = format!(
        "#!/bin/sh\necho run >> {}\n[ \"$*\" = '--user a b' ] || exit 3\n\
         case $GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE in //iam.googleapis.com/*) ;; *) exit 4;; esac\necho '{answer}'\n",
        home.path("runs").display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    format!("'{}' --user 'a b'", path.display())
}

#[test]
fn a_program_of_an_external_account_runs_where_the_user_allowed_it_and_is_read_as_google_auth_reads_it() {
    let (google, registry) = (Google::start(), Registry::with_google_token());
    google.gives("/v1/token", STEP);
    let (home, image) = Home::with_image();
    let jwt = "urn:ietf:params:oauth:token-type:id_token";
    let answer = |end: u64| json!({"version": 1, "success": true, "token_type": jwt, "id_token": SUBJECT_TOKEN, "expiration_time": end});
    let mut file = google.external_file("unused");
    // Google's own clients hand on the address of the account, and have none where there is none.
    let command = program(&home, &answer(4_070_908_800).to_string());
    file["credential_source"] = json!({"executable": {"command": command, "timeout_millis": 5000}});
    fs::write(home.path("external.json"), file.to_string()).unwrap();
    connector(&home, "external-account", &["--external_account_json=@external.json", "--allow-implicit"]);
    gar(&home, &registry, &google, &[]);
    let refused = home.fails(4, &PUSH).says("was not allowed to be run");
    assert!(!home.path("runs").exists(), "it ran");
    obey(&home, &refused.hint().replace("update NAME", "update my-gcp --no-verify"));
    let shown = home.ok(&["connector", "describe", "my-gcp"]).stdout;
    assert!(shown.contains("/env GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=") && shown.contains("--user 'a b'"), "{shown}");
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    assert_eq!(fs::read_to_string(home.path("runs")).unwrap(), "run\n", "it runs once for a push");
    Needle::new(SUBJECT_TOKEN).assert_not_below(&home.path("crhost"));
    // Google's own client makes the same of the same file.
    let facts =
        json!({"endpoint": google.url(), "key": google.key_file(), "user": Google::user_file(), "external": file});
    fs::write(home.path("facts.json"), facts.to_string()).unwrap();
    let google_auth = || {
        let mut python = Command::new(peers::python());
        python.env("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");
        let script = repository().join("tests/peers/gcp.py");
        process::run(python.arg(script).arg(home.path("facts.json")).arg("executable")).ok().json()
    };
    google.gives("/v1/token", STEP);
    assert_eq!(google_auth(), json!(GOOGLE_TOKEN));
    for (answer, code, words, theirs) in [
        (answer(1).to_string(), 4, "has ended", "expired"),
        (
            json!({"version": 1, "success": false, "code": "401", "message": "Caller not authorized."}).to_string(),
            4,
            "Caller not authorized. (code `401`)",
            "Caller not authorized.",
        ),
        (json!({"version": 2, "success": true}).to_string(), 2, "version 2", "unsupported version 2"),
    ] {
        program(&home, &answer);
        home.fails(code, &PUSH).says(words);
        assert!(google_auth().as_str().unwrap().contains(theirs), "{theirs}");
    }
    program(&home, "no JSON");
    home.fails(4, &PUSH).says("what it printed is no JSON object");
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

/// The claims of a subject token that is a signed request to AWS: its headers by their names, if the signature is
/// right (Signature Version 4).
fn of_aws(token: &str, secret: &str) -> Option<BTreeMap<String, String>> {
    let request: Value = serde_json::from_str(&form(&format!("token={token}"))["token"][0]).unwrap();
    assert_eq!(request["url"], "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = request["headers"].as_array().unwrap().iter();
    let headers: BTreeMap<_, _> = headers.map(|one| (text(&one["key"]).to_lowercase(), text(&one["value"]))).collect();
    let (_, names) = headers["authorization"].split_once("SignedHeaders=").unwrap();
    let (names, signature) = names.split_once(", Signature=").unwrap();
    let signed: String = names.split(';').map(|name| format!("{name}:{}\n", headers[name])).collect();
    let hash = |bytes: &[u8]| hex(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    let canonical = format!("POST\n/\nAction=GetCallerIdentity&Version=2011-06-15\n{signed}\n{names}\n{}", hash(b""));
    let date = &headers["x-amz-date"];
    let scope = format!("{}/eu-west-1/sts/aws4_request", date.split('T').next().unwrap());
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash(canonical.as_bytes()));
    let hmac = |key: &[u8], message: &str| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
        ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
    };
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    (hex(&hmac(&key, &to_sign)) == signature).then_some(headers)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn keys_of_aws_in_variables_sign_the_request_that_google_sends_and_the_flavor_sees_neither() {
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const SESSION: &str = "IQoJb3JpZ2luX2VjE/session+token==";
    let (google, registry) = (
        Google::instead(|request| {
            (request.line == "POST /v1/token").then(|| {
                let headers = of_aws(&form(&request.body)["subject_token"][0], SECRET);
                match headers.filter(|headers| headers["x-amz-security-token"] == SESSION) {
                    Some(headers) => {
                        assert!(headers["authorization"].contains("Credential=ASIAEXAMPLE/"));
                        (200, Vec::new(), json!({"access_token": GOOGLE_TOKEN, "expires_in": 3599}))
                    }
                    None => (400, Vec::new(), json!({"error": "invalid_grant", "error_description": "bad signature"})),
                }
            })
        }),
        Registry::with_google_token(),
    );
    let (mut home, image) = Home::with_image();
    let mut file = google.external_file("unused");
    file.as_object_mut().unwrap().remove("service_account_impersonation_url");
    file["credential_source"] = json!({"environment_id": "aws1"});
    fs::write(home.path("external.json"), file.to_string()).unwrap();
    home.set("AWS_SECRET_ACCESS_KEY", "another");
    home.set("AWS_SESSION_TOKEN", SESSION);
    let keys = ["--aws-access-key-id=ASIAEXAMPLE", "--aws-secret-access-key=@env:AWS_SECRET_ACCESS_KEY"];
    let rest = ["--aws-session-token=@env:AWS_SESSION_TOKEN", "--aws-region=eu-west-1", "--allow-implicit"];
    connector(&home, "external-account", &[&["--external_account_json=@external.json"], &keys[..], &rest].concat());
    gar(&home, &registry, &google, &[]);
    home.fails(4, &PUSH).says("bad signature");
    home.set("AWS_SECRET_ACCESS_KEY", SECRET);
    home.ok(&["connector", "update", "my-gcp", "--no-verify", "--aws-secret-access-key=@env:AWS_SECRET_ACCESS_KEY"]);
    home.ok(&PUSH);
    assert_pushed(&registry, &image);
    for secret in [SECRET, SESSION] {
        Needle::new(secret).assert_not_below(&home.path("crhost"));
    }
}
