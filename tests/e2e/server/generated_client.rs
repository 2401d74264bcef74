//! A client that others generate from the server's description of its interface.

use std::process::Command;

use serde_json::json;

use crate::support::programs::crhost::repository;
use crate::support::programs::peers;
use crate::support::programs::process;

use super::scene::{RULE, Scene, TOKEN};

#[test]
fn a_client_that_is_generated_from_the_description_reads_logins_and_problems() {
    let Some(scene) = Scene::new() else { return };
    let server = scene.serve();
    let script = repository().join("tests/peers/generated_client.py");
    let mut client = Command::new(peers::python());
    client.arg(script).arg(format!("http://{}", server.host)).arg(scene.admin.path(""));
    let answered = process::run(client.env("TOKEN", scene.token())).ok();
    let answers = answered.json();
    let registry = &answers["registries"][0];
    assert_eq!((&registry["name"], &registry["operations"]), (&json!("do"), &json!(["pull", "push"])), "{RULE}");
    let allowed = &answers["allowed"];
    assert_eq!((&allowed[0], &allowed[1]), (&json!(200), &json!("Credentials")));
    assert_eq!((&allowed[2]["rule"], &allowed[2]["anonymous"]), (&json!("train"), &json!(false)));
    assert!(allowed[2]["password"].is_string() && allowed[2]["expiresAt"].is_string(), "{allowed}");
    for (case, status) in [("denied", 403), ("elsewhere", 403), ("nobody", 401)] {
        let problem = &answers[case];
        assert_eq!(
            (&problem[0], &problem[1], &problem[2]["status"]),
            (&json!(status), &json!("Problem"), &json!(status))
        );
        assert!(problem[2]["title"].is_string() && problem[2]["hint"].is_string(), "{problem}");
    }
    assert!(!answered.stdout.contains(TOKEN));
}
