//! Connectors in the store, and connectors that are refused.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use serde_json::json;

use super::{REGISTER, SECRET, home, key_file, register_thief};
use crate::support::judges::needle::Needle;
use crate::support::programs::crhost::Home;

/// Runs crhost with a file as standard input.
#[track_caller]
fn ok_with_input(home: &Home, arguments: &[&str], input: &str) {
    let output = home.command(arguments).stdin(File::open(home.path(input)).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_connector_is_stored_shown_without_its_secrets_and_removed() {
    let home = home();
    assert_eq!(home.ok(&["connector", "list", "-o", "json"]).json()["connectors"], json!([]));
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    home.ok(&[
        "service-connector",
        "register",
        "robot",
        "-t",
        "vault",
        "-a",
        "key-file",
        "-r",
        "docker-registry",
        "--key=@key.json",
    ]);
    let list = home.ok(&["connector", "list"]);
    assert!(list.stdout.contains("prod") && list.stdout.contains("key-file"), "{list}");
    let list = home.ok(&["connector", "list", "-o", "json"]).json();
    assert_eq!(
        list["connectors"],
        json!([
            {"name": "prod", "type": "vault", "authMethod": "password"},
            {"name": "robot", "type": "vault", "authMethod": "key-file"},
        ])
    );
    let described = home.ok(&["connector", "describe", "prod"]);
    assert!(described.stdout.contains("alice") && described.stdout.contains("set"), "{described}");
    let described = home.ok(&["connector", "describe", "prod", "-o", "json"]).json();
    assert_eq!(
        described["fields"],
        json!([
            {"name": "username", "kind": "text", "publicMembers": [], "set": true, "value": "alice"},
            {"name": "password", "kind": "secret", "publicMembers": [], "set": true},
        ])
    );
    let described = home.ok(&["connector", "describe", "robot", "-o", "json"]).json();
    assert_eq!(
        described["fields"],
        json!([{"name": "key", "kind": "secret-json", "publicMembers": ["client_email"], "set": true}])
    );
    home.fails(5, &[&REGISTER[..], &["--username=bob", "--password=x"]].concat()).says("--replace");
    home.fails(3, &["connector", "describe", "other"]).says("`prod`");
    home.ok(&["connector", "remove", "prod"]);
    home.ok(&["connector", "delete", "robot"]);
    home.fails(3, &["connector", "remove", "prod"]).says("crhost connector register");
}

#[test]
fn the_key_is_for_its_owner_alone_and_is_not_used_otherwise() {
    let home = home();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    let key = home.path("crhost/key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    home.fails(1, &["connector", "describe", "prod"]).says("others can open it");
    fs::remove_file(&key).unwrap();
    home.fails(1, &["connector", "describe", "prod"]).says("register them again");
    home.ok(&["connector", "list"]);
    home.ok(&["connector", "remove", "prod"]);
}

#[test]
fn a_value_comes_from_where_the_command_line_says() {
    let mut home = home();
    home.set("VAULT_USER", "from-the-environment");
    fs::write(home.path("user"), "from-a-file\r\n").unwrap();
    for (value, username) in [
        ("alice", "alice"),
        ("a=b c", "a=b c"),
        ("@user", "from-a-file"),
        ("@env:VAULT_USER", "from-the-environment"),
        ("-", "from-a-file"),
        ("@@alice", "@alice"),
    ] {
        // Both ways to write a flag; crhost's own ones may stand behind.
        for username_words in [&[&*format!("--username={value}")][..], &["--username", value]] {
            let rest = ["--password=@password", "-o", "json"];
            ok_with_input(&home, &[&REGISTER[..], username_words, &rest].concat(), "user");
            let described = home.ok(&["connector", "describe", "prod", "-o", "json"]).json();
            assert_eq!(described["fields"][0]["value"], username, "{value}");
            home.ok(&["connector", "remove", "prod"]);
        }
    }
}

#[test]
fn a_secret_on_the_command_line_works_with_one_warning() {
    let home = home();
    let warnings = |password: &str| {
        let registered = home.ok(&[&REGISTER[..], &["--username=alice", &format!("--password={password}")]].concat());
        home.ok(&["connector", "remove", "prod"]);
        registered.stderr.matches("warning:").count()
    };
    assert_eq!(warnings(SECRET), 1);
    assert_eq!(warnings("@@secret"), 1);
    assert_eq!(warnings("@password"), 0);
}

#[test]
fn what_does_not_fit_the_auth_method_is_refused_and_nothing_is_stored() {
    let home = home();
    fs::write(home.path("long"), "x".repeat(32 * 1024 + 1)).unwrap();
    fs::write(home.path("binary"), b"\xff\xfe").unwrap();
    fs::write(home.path("empty"), "\n").unwrap();
    fs::write(home.path("cut.json"), key_file().trim_end_matches('}')).unwrap();
    let register = ["connector", "register", "prod"];
    for (arguments, words) in [
        (&["--type=nowhere"][..], "`vault`"),
        (&["--type=vault", "--password=x"], "--auth-method"),
        (&["--type=vault", "--auth-method=token"], "`key-file`"),
        (
            &["--type=vault", "--flavor=default", "--auth-method=password"],
            "unknown connector type `vault` of flavor `default`",
        ),
        (&["--type=vault", "--auth-method=password", "--username=alice"], "needs the field `password`"),
        (&["--type=vault", "--auth-method=password", "--user=alice"], "no field `user`"),
        (&["--type=vault", "--auth-method=password", "--username=", "--password=x"], "field `username` is empty"),
        (&["--type=vault", "--auth-method=password", "--username=a\tb", "--password=x"], "control characters"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--password=@empty"], "field `password` is empty"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--password=@long"], "at most 32768 bytes"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--password=@/dev/zero"], "at most 32768 bytes"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--password=@binary"], "no UTF-8 text"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--password=@nowhere"], "can't be read"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--password=@env:NOWHERE"], "not set"),
        (&["--type=vault", "--auth-method=password", "--username=-", "--password=-"], "standard input"),
        (&["--type=vault", "--auth-method=password", "--username=a", "--username=b"], "twice"),
        (&["--type=vault", "--auth-method=password", "--username", "--password=x"], "`--username` has no value"),
        (&["--type=vault", "--auth-method=password", "alice"], "belongs to no field"),
        (&["--type=vault", "--auth-method=key-file", "--key=@cut.json"], "field `key` is no JSON object"),
        (&["--type=vault", "--auth-method=key-file", "--key=[]"], "field `key` is no JSON object"),
    ] {
        home.fails(2, &[&register[..], arguments].concat()).says(words);
    }
    home.fails(3, &[&register[..], &["--type=vault", "--flavor=nowhere"]].concat()).says("`nowhere`");
    assert_eq!(home.ok(&["connector", "list", "-o", "json"]).json()["connectors"], json!([]));
    assert!(!home.path("crhost/key").exists(), "a key was made for nothing");
}

#[test]
fn a_registry_has_a_connector_that_its_flavor_can_use() {
    let home = home();
    home.ok(&[&REGISTER[..], &["--username=alice", "--password=@password"]].concat());
    let register = ["registry", "register", "dev", "--uri=localhost:5000/vault"];
    home.fails(3, &[&register[..], &["--flavor=vault", "--connector=other"]].concat()).says("`prod`");
    home.fails(2, &[&register[..], &["--flavor=default", "--connector=prod"]].concat()).says("`docker/password`");
    assert_eq!(home.ok(&["registry", "list", "-o", "json"]).json()["registries"], json!([]));
    home.ok(&[&register[..], &["--flavor=vault", "--connector=prod", "--no-verify"]].concat());
    let listed = home.ok(&["registry", "list", "-o", "json"]).json();
    assert_eq!(listed["registries"][0]["connector"], "prod");
    assert_eq!(home.ok(&["registry", "describe", "dev", "-o", "json"]).json()["connector"], "prod");
    assert!(home.ok(&["registry", "describe", "dev"]).stdout.contains("prod"));
    assert!(home.ok(&["registry", "list"]).stdout.contains("prod"));
    home.fails(5, &["connector", "remove", "prod"]).says("`dev`");
    home.ok(&["registry", "remove", "dev"]);
    home.ok(&["connector", "remove", "prod"]);
}

#[test]
fn flavors_that_disagree_about_a_type_do_not_decide_what_is_secret() {
    let home = home();
    register_thief(&home);
    let register = [&REGISTER[..], &["--username=alice", "--password=@password"]].concat();
    let refused = home.fails(2, &register).says("`thief`");
    assert!(refused.hint().contains("--flavor"), "{}", *refused);
    home.ok(&[&register[..], &["--flavor=vault"]].concat());
    let described = home.ok(&["connector", "describe", "prod", "-o", "json"]).json();
    assert_eq!(described["fields"][1]["kind"], "secret");
    // An auth method of one flavor alone is found as before.
    home.ok(&["connector", "register", "robot", "--type=vault", "--auth-method=key-file", "--key=@key.json"]);
}

#[test]
fn connectors_that_are_registered_at_once_are_sealed_with_one_key() {
    let home = home();
    let register = |number: usize| {
        let name = format!("c{number}");
        home.run(&["connector", "register", &name, "--type=vault", "--auth-method=key-file", "--key=@key.json"])
    };
    thread::scope(|scope| {
        let register = &register;
        let running: Vec<_> = (0..6).map(|number| scope.spawn(move || register(number))).collect();
        for thread in running {
            thread.join().unwrap().ok();
        }
    });
    for number in 0..6 {
        home.ok(&["connector", "describe", &format!("c{number}")]);
    }
}

#[test]
fn no_secret_is_in_any_file_or_output() {
    let mut home = home();
    // Compiles all flavors, which is not to be logged.
    home.ok(&["flavor", "list"]);
    home.set("VAULT_PASSWORD", SECRET);
    home.set("CRHOST_LOG", "trace");
    let secret = Needle::new(SECRET);
    let cut = format!("--key={}", key_file().trim_end_matches('}'));
    let (plain, key) = (format!("--password={SECRET}"), format!("--key={}", key_file()));
    let mut in_use = vec!["registry", "register", "dev", "--flavor=vault", "--uri=localhost:5000/vault"];
    in_use.extend(["--connector=a", "--no-verify"]);
    let register = |name: &'static str, method: &'static str| {
        ["connector", "register", name, "--type=vault", "--auth-method", method, "-vv"]
    };
    for (code, arguments) in [
        // What works.
        (0, [&register("a", "password")[..], &["--username=alice", &plain]].concat()),
        (0, [&register("b", "password")[..], &["--username=alice", "--password=@env:VAULT_PASSWORD"]].concat()),
        (0, [&register("c", "password")[..], &["--username=alice", "--password=@password", "-o", "json"]].concat()),
        (0, [&register("d", "key-file")[..], &["--key=@key.json", "-o", "json"]].concat()),
        (0, [&register("e", "key-file")[..], &[&key]].concat()),
        (0, in_use),
        (0, vec!["connector", "list", "-vv"]),
        (0, vec!["connector", "describe", "a", "-vv"]),
        (0, vec!["connector", "describe", "d", "-vv", "-o", "json"]),
        (0, vec!["registry", "describe", "dev", "-vv", "-o", "json"]),
        // What does not.
        (5, [&register("a", "password")[..], &["--username=alice", &plain]].concat()),
        (2, [&register("f", "password")[..], &[&plain]].concat()),
        (2, [&register("f", "password")[..], &["--username=alice", &plain, &plain]].concat()),
        (2, [&register("f", "password")[..], &["--username=alice", "--password=x", SECRET]].concat()),
        (2, [&register("f", "password")[..], &["--user=alice", &plain]].concat()),
        (2, [&register("f", "token")[..], &[&plain]].concat()),
        (2, [&register("f", "key-file")[..], &[&cut]].concat()),
        (2, [&register("f", "key-file")[..], &[&cut, "-o", "json"]].concat()),
        (2, [&register("f", "key-file")[..], &[&format!("--key={SECRET}")]].concat()),
        // Taken for the name of a file or a variable.
        (2, [&register("f", "password")[..], &["--username=alice", &format!("--password=@{SECRET}")]].concat()),
        (2, [&register("f", "password")[..], &["--username=alice", &format!("--password=@env:{SECRET}")]].concat()),
        // A name that was forgotten, which clap is the first to see.
        (2, vec!["connector", "register", "--type=vault", &plain]),
        (2, vec!["connector", "register", "--type=vault", "--password", SECRET]),
        (5, vec!["connector", "remove", "a", "-vv"]),
    ] {
        let finished = home.run(&arguments);
        assert_eq!(finished.code, Some(code), "{finished}");
        secret.assert_not_in(finished.stdout.as_bytes(), "standard output");
        secret.assert_not_in(finished.stderr.as_bytes(), "standard error");
    }
    // Nothing was removed, so whatever was written is still there.
    let connectors = home.ok(&["connector", "list", "-o", "json"]).json();
    assert_eq!(connectors["connectors"].as_array().unwrap().len(), 5);
    secret.assert_not_below(&home.path("home"));
    assert!(secret.assert_not_below(&home.path("crhost")) >= 3, "there is nothing to search");
}
