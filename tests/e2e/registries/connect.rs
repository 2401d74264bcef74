//! Connectors that open a registry, or do not: nothing wrong is ever stored without a word.

use serde_json::{Value, json};

use super::{WRONG, connector_of, home, register, vault};
use crate::support::fakes::token_server::TokenServer;
use crate::support::programs::registry::Registry;
use crate::support::programs::terminal::{self, Session};

#[test]
fn a_registry_is_registered_only_if_its_connector_opens_it() {
    let tokens = TokenServer::start();
    let with_tokens = Registry::with_tokens(&tokens);
    let with_password = Registry::with_password();
    for registry in [with_password, with_tokens] {
        let home = home();
        let uri = vault(registry.host());
        let register = ["registry", "register", "dev", "--flavor=vault", "--uri", &uri];
        let refused = home.fails(4, &[&register[..], &["--connector=bad"]].concat()).says(registry.host());
        assert!(!refused.stderr.contains(WRONG), "a password is shown{}", *refused);
        assert!(!refused.stderr.contains("--no-verify"), "a way to store a wrong password is offered{}", *refused);
        assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], json!([]));
        home.ok(&[&register[..], &["--connector=good"]].concat());
        assert_eq!(connector_of(&home, "dev"), "good");
        assert_eq!((registry.stored(), registry.tags()), (0, 0));
    }
}

#[test]
fn a_registry_that_is_not_reached_is_registered_only_with_no_verify() {
    let mut registry = Registry::with_password();
    registry.stop();
    let home = home();
    let uri = vault(registry.host());
    let register = ["registry", "register", "dev", "--flavor=vault", "--connector=bad", "--uri", &uri];
    home.fails(6, &register).says("--no-verify");
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], json!([]));
    home.ok(&[&register[..], &["--no-verify"]].concat());
    assert_eq!(connector_of(&home, "dev"), "bad");
}

#[test]
fn without_a_connector_nothing_is_asked() {
    let registry = Registry::with_password();
    let home = home();
    home.ok(&["registry", "register", "dev", "--flavor=vault", "--uri", &vault(registry.host())]);
    home.ok(&["registry", "update", "dev", "--uri", &format!("{}/top", vault(registry.host()))]);
    assert_eq!(registry.requests(), [""; 0]);
}

#[test]
fn a_registry_is_connected_and_disconnected() {
    let registry = Registry::with_password();
    let home = home();
    register(&home, "dev", registry.host(), &[]);
    home.fails(4, &["registry", "connect", "dev", "--connector", "bad"]);
    assert_eq!(connector_of(&home, "dev"), Value::Null);
    // As ZenML spells it; there is one registry that can be meant.
    let connect = ["container-registry", "connect", "dev", "-c", "good", "--resource-id"];
    home.fails(2, &[&connect[..], &["registry.example.com"]].concat()).says("`registry.example.com`");
    let connected = home.ok(&[&connect[..], &[registry.host(), "-o", "json"]].concat()).json();
    assert_eq!((&connected["name"], &connected["connector"]), (&json!("dev"), &json!("good")));
    home.fails(5, &["connector", "remove", "good"]).says("registry disconnect");
    home.fails(4, &["registry", "connect", "dev", "-c", "bad"]);
    assert_eq!(connector_of(&home, "dev"), "good");
    home.ok(&["registry", "connect", "dev", "-c", "bad", "--no-verify"]);
    assert_eq!(connector_of(&home, "dev"), "bad");
    let told = home.ok(&["registry", "disconnect", "dev"]);
    assert!(told.stderr.contains("`dev` has no connector now"), "{told}");
    assert_eq!(connector_of(&home, "dev"), Value::Null);
    home.ok(&["connector", "remove", "good"]);
}

#[test]
fn a_connector_that_cannot_be_meant_is_refused() {
    let home = home();
    home.register("plain", "localhost:1");
    register(&home, "dev", "localhost:1", &[]);
    home.fails(3, &["registry", "connect", "nowhere", "-c", "good"]).says("`plain`");
    home.fails(3, &["registry", "connect", "dev", "-c", "nowhere"]).says("`good`");
    home.fails(2, &["registry", "connect", "plain", "-c", "good", "--no-verify"]).says("`docker/password`");
    home.fails(3, &["registry", "connect", "plain", "-i"]).says("`docker/password`");
    home.fails(2, &["registry", "connect", "dev", "-i"]).says("no terminal");
    home.fails(3, &["registry", "disconnect", "nowhere"]).says("`dev`");
    let neither = home.run(&["registry", "connect", "dev"]);
    assert_eq!((neither.code, neither.stdout.as_str()), (Some(2), ""), "{neither}");
    assert_eq!((connector_of(&home, "dev"), connector_of(&home, "plain")), (Value::Null, Value::Null));
}

#[test]
fn a_person_is_asked_which_connector_is_meant() {
    let registry = Registry::with_password();
    let home = home();
    register(&home, "dev", registry.host(), &[]);
    let connect = |keys: &str| {
        let command = home.command(&["registry", "connect", "dev", "-i"]);
        terminal::converse(command, &[("Which connector is for registry `dev`", keys)])
    };
    // Nothing is chosen.
    let Session { code, screen } = connect("q");
    assert_eq!(code, Some(1), "{screen}");
    // The first is `bad`, the second `good`.
    let Session { code, screen } = connect("\r");
    assert_eq!(code, Some(4), "{screen}");
    assert!(screen.contains("good (vault/password)"), "{screen}");
    assert_eq!(connector_of(&home, "dev"), Value::Null);
    let Session { code, screen } = connect("j\r");
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(connector_of(&home, "dev"), "good");
}
