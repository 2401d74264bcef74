//! `crhost export`: a file whose apply changes nothing, and without a secret.

use std::fs;

use serde_json::json;

use super::planned;
use crate::support::judges::needle::Needle;
use crate::support::programs::components;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration::{Connector, RegistrySpec};

#[test]
fn what_is_exported_is_what_is_registered_and_holds_no_secret() {
    let mut home = Home::new();
    home.set("TEAM_PASSWORD", "s3cret-of-the-export");
    fs::write(home.path("it.wasm"), components::flavor("")).unwrap();
    home.ok(&["flavor", "register", "it.wasm", "--allow-host", "https://api.example.com"]);
    home.ok(&["flavor", "grant", "default", "--allow-host", "http://10.0.0.1:8080"]);
    home.ok(&["flavor", "grant", "aws", "--allow-metadata", "aws"]);
    Connector::new("stored", "docker", "password")
        .field("username", "@@ann${X}")
        .field("password", "@env:TEAM_PASSWORD")
        .register(&home);
    Connector::new("job", "aws", "web-identity")
        .field("role-arn", "arn:aws:iam::123456789012:role/push")
        .field("web-identity-token", "@oidc")
        .register(&home);
    Connector::new("cloud", "aws", "implicit").allow_implicit().register(&home);
    Connector::new("run", "github", "token")
        .field("username", "ann")
        .field("token", "@command:/bin/echo 'a b'")
        .register(&home);
    RegistrySpec::new("prod", "default", "registry.example.com/acme")
        .connector("stored")
        .option("default-repository", "acme/train")
        .allow_host("https://other.example.com")
        .register(&home);
    home.ok(&["registry", "register", "it", "--flavor", "drawback", "--uri", "localhost:5000"]);
    home.ok(&["registry", "use", "prod"]);
    home.ok(&["policy", "register", "no-latest", "--on", "push", "--for", "prod"]);
    home.ok(&["policy", "disable", "no-latest"]);
    let text = home.ok(&["export"]).stdout;
    Needle::new("s3cret-of-the-export").assert_not_in(text.as_bytes(), "the export");
    assert!(text.contains("password = \"@stored\""), "{text}");
    // As it was given: a host for all that asks, and the machine's metadata by its word.
    assert!(text.contains("allow-metadata = true") && !text.contains("allow-private-hosts"), "{text}");
    assert!(text.contains("allow-hosts = [\"http://10.0.0.1:8080\"]"), "{text}");
    fs::write(home.path("crhost.toml"), &text).unwrap();
    assert_eq!(planned(&home, &["--prune"]), [""; 0], "{text}");
    // In another home, all of it is made again but for the value that only the store has.
    let other = Home::new();
    fs::write(other.path("crhost.toml"), &text).unwrap();
    other.fails(2, &["apply", "--yes"]).says("`@stored`, and no store here has its value");
    fs::write(other.path("crhost.toml"), text.replace("@stored", "@env:TEAM_PASSWORD")).unwrap();
    other.ok(&["apply", "--yes"]);
    assert_eq!(other.ok(&["export"]).stdout, text.replace("@stored", "@env:TEAM_PASSWORD"));
    let registries = |home: &Home| home.ok(&["registry", "list", "-o", "json"]).json();
    assert_eq!(registries(&home), registries(&other));
    assert_ne!(registries(&home), json!({}));
}

#[test]
fn an_export_permits_no_more_uses_of_a_secret_than_the_connector_has() {
    let mut home = Home::new();
    home.set("TEAM_PASSWORD", "s3cret-of-one-flavor");
    // Several flavors take passwords of this kind, and one of them alone may use this one.
    let flavor = "dockerhub";
    let connector = ["connector", "register", "one", "--type", "docker", "--auth-method", "password"];
    let fields = ["--flavor", flavor, "--username=ann", "--password=@env:TEAM_PASSWORD"];
    home.ok(&[&connector[..], &fields].concat());
    let text = home.ok(&["export"]).stdout.replace("@stored", "@env:TEAM_PASSWORD");
    assert!(text.contains(&format!("flavor = \"{flavor}\"")), "{text}");
    fs::write(home.path("crhost.toml"), &text).unwrap();
    let value_alone = home.ok(&["apply", "--dry-run"]).stdout;
    assert!(!value_alone.contains("permitted uses"), "{value_alone}");
    // Without that line, more is permitted, and the plan says so beside what else changes.
    let wider = text.replace(&format!("flavor = \"{flavor}\"\n"), "").replace("\"ann\"", "\"bob\"");
    fs::write(home.path("crhost.toml"), wider).unwrap();
    let plan = home.ok(&["apply", "--dry-run"]).stdout;
    assert!(plan.contains("permitted uses of its secrets") && plan.contains("username"), "{plan}");
}
