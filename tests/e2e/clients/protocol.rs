//! The protocol of credential helpers, to the byte: `credentials/credentials.go` of Docker's helpers.

use std::fs;

use serde_json::{Value, json};

use super::{NOT_FOUND, ask, home_with_helper, register_alice};
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::registration;
use crate::support::programs::registry::{PASSWORD, USER};

fn answer(server: &str, user: &str, secret: &str) -> (i32, String) {
    (0, format!("{{\"ServerURL\":\"{server}\",\"Username\":\"{user}\",\"Secret\":\"{secret}\"}}\n"))
}

fn not_found() -> (i32, String) {
    (1, NOT_FOUND.to_owned())
}

#[test]
fn every_form_in_which_clients_name_a_server_finds_its_registry() {
    let mut home = home_with_helper();
    registration::with_password(&mut home, "hub", "docker.io/acme", ("hubber", "hub-secret"));
    register_alice(&mut home, "registry.example.com:5000");
    for server in [
        "https://index.docker.io/v1/",
        "https://index.docker.io/v1/\n",
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "index.docker.io/acme/train",
    ] {
        assert_eq!(ask(&home, &["get"], server), answer(server.trim(), "hubber", "hub-secret"), "{server}");
    }
    for server in [
        "registry.example.com:5000",
        "https://registry.example.com:5000",
        "http://registry.example.com:5000/",
        "https://registry.example.com:5000/v2/",
        "REGISTRY.example.com:5000",
        "registry.example.com:5000/team/train",
        "https://registry.example.com:5000/v1/",
        "http://registry.example.com:5000/v2/team/train",
        "registry.example.com:5000\r\n",
    ] {
        assert_eq!(ask(&home, &["get"], server), answer(server.trim(), USER, PASSWORD), "{server}");
    }
    let marked = "\u{feff}registry.example.com:5000\r\n";
    assert_eq!(ask(&home, &["get"], marked), answer("registry.example.com:5000", USER, PASSWORD));
    for server in
        ["registry.example.com", "ghcr.io", "index.docker.io/library/busybox", "a b", "x@registry.example.com:5000"]
    {
        assert_eq!(ask(&home, &["get"], server), not_found(), "{server}");
    }
}

#[test]
fn two_accounts_on_one_host_are_told_apart_by_the_path_and_none_is_guessed() {
    let mut home = home_with_helper();
    registration::with_password(&mut home, "acme", "ghcr.io/acme", ("ann", "of-acme"));
    registration::with_password(&mut home, "ml", "ghcr.io/acme/ml", ("mel", "of-ml"));
    for (server, user, secret) in [
        ("ghcr.io/acme/train", "ann", "of-acme"),
        ("ghcr.io/acme/ml/train", "mel", "of-ml"),
        ("ghcr.io/acme/mlx", "ann", "of-acme"),
    ] {
        assert_eq!(ask(&home, &["get"], server), answer(server, user, secret));
    }
    assert_eq!(ask(&home, &["get"], "ghcr.io/other/x"), not_found());
    let (code, words) = ask(&home, &["get"], "ghcr.io");
    assert!(code == 1 && words.lines().count() == 1 && words.contains("`acme`, `ml`"), "{words}");
    home.ok(&["registry", "use", "ml"]);
    assert_eq!(ask(&home, &["get"], "ghcr.io"), answer("ghcr.io", "mel", "of-ml"));
}

#[test]
fn a_wrong_call_is_answered_as_by_dockers_own_helpers() {
    let home = home_with_helper();
    let usage = "Usage: docker-credential-crhost <store|get|erase|list|version>\n";
    for (arguments, input, code, words) in [
        (&[][..], "", 1, usage),
        (&["get", "x"], "", 1, usage),
        (&["--help"], "", 0, usage),
        (&["fetch"], "", 1, "docker-credential-crhost: unknown action: fetch\n"),
        (&["get"], "", 1, "no credentials server URL\n"),
        (&["get"], " \n", 1, "no credentials server URL\n"),
        (&["erase"], "", 1, "no credentials server URL\n"),
        (&["store"], r#"{"Username":"u","Secret":"s"}"#, 1, "no credentials server URL\n"),
        (&["store"], r#"{"ServerURL":"ghcr.io","Secret":"s"}"#, 1, "no credentials username\n"),
        (&["list"], "", 0, "{}\n"),
        (&["erase"], "ghcr.io", 0, ""),
    ] {
        assert_eq!(ask(&home, arguments, input), (code, words.to_owned()), "{arguments:?} {input}");
    }
    let (code, words) = ask(&home, &["store"], "no json");
    assert!(code == 1 && words.lines().count() == 1 && !words.contains("no json"), "{words}");
    let (code, version) = ask(&home, &["version"], "");
    assert!(code == 0 && version.starts_with("docker-credential-crhost (crhost) 0."), "{version}");
    assert_eq!(ask(&home, &["get"], &"x".repeat(2 << 20)), not_found());
}

#[test]
fn a_login_becomes_a_connector_and_a_logout_takes_it_away() {
    let home = home_with_helper();
    home.register("prod", "registry.example.com");
    let login = |secret: &str| {
        json!({"ServerURL": "https://registry.example.com", "Username": "bob", "Secret": secret}).to_string()
    };
    for secret in ["first", "second"] {
        assert_eq!(ask(&home, &["store"], &login(secret)), (0, String::new()));
        assert_eq!(ask(&home, &["get"], "registry.example.com"), answer("registry.example.com", "bob", secret));
    }
    assert_eq!(ask(&home, &["list"], ""), (0, "{\"registry.example.com\":\"bob\"}\n".to_owned()));
    let shown = home.ok(&["registry", "describe", "prod", "-o", "json"]).json();
    assert_eq!(shown["connector"], "docker-login-prod");
    // Docker erases three forms, of which one was stored.
    for server in ["registry.example.com", "http://registry.example.com", "https://registry.example.com"] {
        assert_eq!(ask(&home, &["erase"], server), (0, String::new()));
    }
    assert_eq!(ask(&home, &["get"], "registry.example.com"), not_found());
    assert_eq!(home.ok(&["connector", "list", "-o", "json"]).json()["connectors"], json!([]));
}

#[test]
fn tokens_that_docker_keeps_for_itself_take_the_place_of_no_login() {
    for uri in ["docker.io", "docker.io/acme"] {
        let home = home_with_helper();
        home.register("hub", uri);
        let store = |server: &str, secret: &str| {
            let login = json!({"ServerURL": server, "Username": "bob", "Secret": secret}).to_string();
            assert_eq!(ask(&home, &["store"], &login), (0, String::new()), "{uri} {server}");
        };
        // What `docker login` with the browser does, in any order.
        let tokens = ["https://index.docker.io/v1/access-token", "https://index.docker.io/v1/refresh-token"];
        tokens.iter().for_each(|token| store(token, "of-docker"));
        store("https://index.docker.io/v1/", "of-the-user");
        tokens.iter().for_each(|token| store(token, "of-docker"));
        for token in tokens {
            assert_eq!(ask(&home, &["get"], token), not_found(), "{uri} {token}");
            assert_eq!(ask(&home, &["erase"], token), (0, String::new()), "{uri} {token}");
        }
        let login = answer("https://index.docker.io/v1/", "bob", "of-the-user");
        assert_eq!(ask(&home, &["get"], "https://index.docker.io/v1/"), login, "{uri}");
    }
}

#[test]
fn an_identity_token_keeps_the_user_name_that_marks_it() {
    let home = home_with_helper();
    home.register("prod", "registry.example.com");
    let login = json!({"ServerURL": "registry.example.com", "Username": "<token>", "Secret": "refresh"}).to_string();
    assert_eq!(ask(&home, &["store"], &login), (0, String::new()));
    // Kept ones and new ones.
    for _ in 0..2 {
        let found = ask(&home, &["get"], "registry.example.com");
        assert_eq!(found, answer("registry.example.com", "<token>", "refresh"));
    }
}

#[test]
fn no_login_touches_what_the_user_registered() {
    let mut home = home_with_helper();
    register_alice(&mut home, "registry.example.com");
    let login = json!({"ServerURL": "registry.example.com", "Username": "bob", "Secret": "s"}).to_string();
    for (action, input) in [("store", login.as_str()), ("erase", "registry.example.com")] {
        let (code, words) = ask(&home, &[action], input);
        assert!(code == 1 && words.lines().count() == 1 && words.contains("`prod-login`"), "{words}");
    }
    assert_eq!(ask(&home, &["get"], "registry.example.com"), answer("registry.example.com", USER, PASSWORD));
    let nowhere = json!({"ServerURL": "nowhere.example.com", "Username": "bob", "Secret": "s"}).to_string();
    let (code, words) = ask(&home, &["store"], &nowhere);
    assert!(code == 1 && words.contains("no registry is registered on `nowhere.example.com`"), "{words}");
    home.ok(&[
        "registry",
        "register",
        "ecr",
        "--flavor",
        "aws",
        "--uri",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    ]);
    let ecr = json!({"ServerURL": "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "Username": "AWS", "Secret": "s"});
    let (code, words) = ask(&home, &["store"], &ecr.to_string());
    assert!(code == 1 && words.contains("flavor `aws` of registry `ecr` takes no password"), "{words}");
}

#[test]
fn without_a_connector_dockers_own_credentials_are_given_and_no_helper_is_asked_twice() {
    let mut home = home_with_helper();
    home.register("prod", "registry.example.com");
    let auths = json!({"registry.example.com": {"auth": "YWxpY2U6czNjcmV0"}});
    home.docker_config(&json!({"auths": auths, "credHelpers": {"registry.example.com": "crhost"}}));
    assert_eq!(ask(&home, &["get"], "registry.example.com"), answer("registry.example.com", USER, PASSWORD));
    home.docker_config(&json!({"credsStore": "crhost"}));
    assert_eq!(ask(&home, &["get"], "registry.example.com"), not_found());
    // A helper that asks crhost, which would ask it again.
    let script = "#!/bin/sh\nexec docker-credential-crhost \"$@\"\n";
    let file = home.path("bin/docker-credential-loop");
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    home.docker_config(&json!({"credsStore": "loop"}));
    assert_eq!(ask(&home, &["get"], "registry.example.com"), not_found());
    // Another helper is asked once.
    home.helper("docker-credential-team", "team", "of-the-team");
    home.docker_config(&json!({"credsStore": "team", "credHelpers": {"registry.example.com": "crhost"}}));
    assert_eq!(ask(&home, &["get"], "registry.example.com"), answer("registry.example.com", "team", "of-the-team"));
}

#[test]
fn the_same_is_a_command_of_crhost() {
    let mut home = home_with_helper();
    register_alice(&mut home, "registry.example.com");
    let mut command = home.command(&["docker", "credential-helper", "get"]);
    let (code, stdout, stderr) = process::with_input(&mut command, "registry.example.com");
    assert_eq!((code, stdout), answer("registry.example.com", USER, PASSWORD), "{stderr}");
}

#[test]
fn kept_credentials_are_given_without_a_flavor_and_without_a_write() {
    let mut home = home_with_helper();
    register_alice(&mut home, "registry.example.com");
    ask(&home, &["get"], "registry.example.com");
    let runs =
        |home: &Home| -> Value { home.ok(&["flavor", "describe", "default", "-o", "json"]).json()["runs"].clone() };
    let (before, database) = (runs(&home), fs::read(home.path("crhost/crhost.db")).unwrap());
    // Nothing could be compiled or loaded.
    fs::remove_dir_all(home.path("crhost/cache")).unwrap();
    let changed = |name: &str| fs::metadata(home.path(name)).unwrap().modified().unwrap();
    let times = ["crhost", "crhost/crhost.db", "crhost/key"].map(changed);
    assert_eq!(ask(&home, &["get"], "registry.example.com"), answer("registry.example.com", USER, PASSWORD));
    // Not a file was made, and be it for a moment, beside the store.
    assert!(!home.path("crhost/cache").exists() && times == ["crhost", "crhost/crhost.db", "crhost/key"].map(changed));
    assert!(database == fs::read(home.path("crhost/crhost.db")).unwrap(), "the store was written to");
    assert_eq!(runs(&home), before);
    // What they depend on has changed.
    home.set("OTHER", "another");
    home.ok(&["connector", "update", "prod-login", "--no-verify", "--password=@env:OTHER"]);
    assert_eq!(ask(&home, &["get"], "registry.example.com"), answer("registry.example.com", USER, "another"));
}

#[test]
fn a_flavor_that_fails_is_told_in_one_line_and_on_standard_error_which_docker_shows() {
    let mut home = home_with_helper();
    home.set("KEY", "not-a-key");
    let uri = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
    let connector = ["connector", "register", "a", "--type=aws", "--auth-method=secret-key", "--no-verify"];
    let fields = ["--aws_access_key_id=AKIAIOSFODNN7EXAMPLE", "--aws_secret_access_key=@env:KEY"];
    home.ok(&[&connector[..], &fields].concat());
    let endpoint = ["--option=ecr-endpoint=http://127.0.0.1:1", "--allow-secret-host=http://127.0.0.1:1"];
    let register = ["registry", "register", "ecr", "--flavor=aws", "--uri", uri, "--connector=a", "--no-verify"];
    home.ok(&[&register[..], &endpoint].concat());
    let mut helper = home.other("docker-credential-crhost");
    let (code, stdout, stderr) = process::with_input(helper.arg("get"), uri);
    assert!(code == 1 && stdout.lines().count() == 1 && stdout != NOT_FOUND, "{stdout}");
    assert!(stderr.contains("docker-credential-crhost: "), "{stderr}");
}
