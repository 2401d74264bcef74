//! Connectors that are asked for at a terminal.

use serde_json::json;

use super::{SECRET, home};
use crate::support::programs::crhost::Home;
use crate::support::programs::terminal::{self, Session};

fn describe(home: &Home, name: &str) -> serde_json::Value {
    home.ok(&["connector", "describe", name, "-o", "json"]).json()
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    home().fails(2, &["connector", "register", "-i"]).says("crhost connector describe-type TYPE");
}

#[test]
fn a_person_is_asked_for_all_that_is_missing_and_secrets_are_unseen() {
    let home = home();
    let secret = format!("{SECRET}\r");
    let Session { code, screen } = terminal::converse(
        home.command(&["connector", "register", "--interactive", "--type=vault"]),
        &[
            ("Name of the connector", "prod\r"),
            ("key-file", "\r"),
            ("username (Who opens the vault)", "alice\r"),
            ("password (What opens the vault; unseen)", &secret),
        ],
    );
    assert_eq!(code, Some(0), "{screen}");
    assert!(screen.contains("registered connector `prod` (vault/password)"), "{screen}");
    assert!(!screen.contains(SECRET), "{screen}");
    let described = describe(&home, "prod");
    assert_eq!(described["fields"][0]["value"], "alice");
    assert_eq!(described["fields"][1]["kind"], "secret");
}

#[test]
fn a_key_file_is_asked_for_by_its_path_until_it_would_do() {
    let home = home();
    let Session { code, screen } = terminal::converse(
        home.command(&["connector", "register", "-i", "robot", "--type=vault", "--auth-method=key-file"]),
        &[("the path of its file", "password\r"), ("is no JSON object", "\u{15}key.json\r")],
    );
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(describe(&home, "robot")["fields"][0]["set"], true);
}

#[test]
fn an_implicit_method_shows_what_it_would_read_and_asks() {
    let mut home = home();
    home.set("VAULT_PASSWORD", SECRET);
    let ask = |name: &str, answer: &str| {
        let arguments = ["connector", "register", "-i", name, "--type=vault", "--auth-method=machine"];
        terminal::converse(
            home.command(&arguments),
            &[("empty: read as text from $VAULT_USER", "alice\r"), ("; unseen", "\r"), ("Let it read these?", answer)],
        )
    };
    let Session { code, screen } = ask("no", "n");
    assert_eq!(code, Some(2), "{screen}");
    assert!(screen.contains("as a secret, which flavors don't see: $VAULT_PASSWORD, ~/.vault/password"), "{screen}");
    let Session { code, screen } = ask("yes", "y");
    assert_eq!(code, Some(0), "{screen}");
    let described = describe(&home, "yes");
    assert_eq!(described["fields"][0]["value"], "alice");
    assert_eq!(described["fields"][1]["set"], json!(false));
    home.fails(3, &["connector", "describe", "no"]);
}

#[test]
fn who_goes_away_leaves_a_terminal_that_shows_what_is_typed() {
    let home = home();
    let (typing, choosing) = (&["--type=vault", "--auth-method=password", "--username=alice"][..], &[][..]);
    for (given, question, keys) in [(typing, "; unseen", "half of it\u{3}"), (choosing, "Type", "\u{3}")] {
        let asked = home.command(&[&["connector", "register", "-i", "prod"], given].concat());
        let Session { screen, .. } = terminal::converse(terminal::then_settings(&asked), &[(question, keys)]);
        let settings = screen.split_once("ended with 130").map(|(_, settings)| settings);
        let settings: Vec<&str> = settings.unwrap_or_else(|| panic!("{screen}")).split_whitespace().collect();
        assert!(settings.contains(&"echo") && settings.contains(&"icanon"), "{screen}");
        assert!(!screen.contains("half of it"), "{screen}");
    }
    home.fails(3, &["connector", "describe", "prod"]);
}
