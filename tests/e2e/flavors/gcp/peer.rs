//! The fake itself: Google's own client gets its tokens there, and is refused where Google would refuse it.

use std::fs;
use std::process::Command;

use serde_json::json;

use super::files::{SUBJECT_TOKEN, TARGET};
use super::google::{Google, STEP};
use super::keys::Key;
use crate::support::programs::crhost::{Home, repository};
use crate::support::programs::peers;
use crate::support::programs::process;
use crate::support::programs::registry::GOOGLE_TOKEN;

#[test]
fn google_s_own_client_reads_a_program_s_answers_as_the_table_of_the_unit_tests_says() {
    peers::assert_table("flavors/gcp/src/subject/executable.py", "flavors/gcp/src/subject/executable.json");
}

#[test]
fn google_s_own_client_gets_along_with_the_fake() {
    let google = Google::start();
    let home = Home::new();
    fs::write(home.path("subject"), SUBJECT_TOKEN).unwrap();
    let facts = json!({
        "endpoint": google.url(),
        "key": google.key_file(),
        "otherKey": Key::other().pem,
        "user": Google::user_file(),
        "target": TARGET,
        "external": google.external_file(home.path("subject").to_str().unwrap()),
    });
    fs::write(home.path("facts.json"), facts.to_string()).unwrap();
    let google_auth = |kind: &str| {
        let script = repository().join("tests/peers/gcp.py");
        let mut python = Command::new(peers::python());
        process::run(python.arg(script).arg(home.path("facts.json")).arg(kind)).ok().json()
    };
    for kind in ["service-account", "user", "machine"] {
        assert_eq!(google_auth(kind), json!(GOOGLE_TOKEN), "{kind}");
    }
    // A token that the key signs itself, one that the fake gave, a repository that is not there, and a user.
    assert_eq!(google_auth("repositories"), json!([200, 200, 404, 200]));
    assert_eq!(google.headers("GET /v1/projects/", "x-goog-user-project"), ["another-project"]);
    for (kind, words) in [
        ("wrong-key", "Invalid JWT Signature."),
        ("wrong-clock", "must be a short-lived token"),
        ("wrong-account", "account not found"),
        ("wrong-user", "Bad Request"),
    ] {
        assert!(google_auth(kind).as_str().unwrap().contains(words), "{kind}");
    }
    google.gives("/token", STEP);
    google.gives("/v1/token", STEP);
    for kind in ["impersonated", "external"] {
        assert_eq!(google_auth(kind), json!(GOOGLE_TOKEN), "{kind}");
    }
}
