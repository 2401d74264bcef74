//! Builds without a Dockerfile.

use super::{home_with_context, write};
use crate::support::images::image::Image;
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::daemon::{Loaded, ensure_daemon};
use crate::support::programs::process;
use crate::support::programs::registry::Registry;

#[test]
fn settings_are_a_dockerfile_that_is_shown_and_built() {
    ensure_daemon();
    let registry = Registry::open();
    let parent = Loaded::new("settings-parent:v1", &Image::small(here!(), "amd64"));
    let home = home_with_context("FROM nothing-of-this-name\n", &[("train.py", ""), ("sub/x", "")]);
    let settings = ["--parent-image", "settings-parent:v1", "--copy", ".", "--env", "A=it's $5", "--user", "1000"];
    let shown = home.ok(&[&["build", "context", "--print"][..], &settings].concat()).stdout;
    assert_eq!(shown, "FROM settings-parent:v1\nWORKDIR /app\nENV A=\"it's \\$5\"\nCOPY [\".\", \"./\"]\nUSER 1000\n");
    let to = ["-t", "settings:1", "--to", registry.host()];
    home.ok(&[&["build", "context"][..], &settings, &to].concat());
    let (names, config) = skopeo::contents(registry.access(), &format!("{}/settings:1", registry.host()));
    assert!(names.contains(&"app/train.py".to_owned()) && names.contains(&"app/sub/x".to_owned()), "{names:?}");
    let hidden = |name: &&String| name.contains("dockerfile") || name.contains("context");
    assert_eq!(names.iter().find(hidden), None, "{names:?}");
    assert_eq!(config["config"]["User"], "1000");
    assert!(config["config"]["Env"].as_array().unwrap().contains(&"A=it's $5".into()), "{config}");
    // A change of the code builds the last layer alone.
    let layers = |config: &serde_json::Value| config["rootfs"]["diff_ids"].as_array().unwrap().clone();
    write(&home, "context/train.py", "changed");
    home.ok(&[&["build", "context"][..], &settings, &to].concat());
    let (_, changed) = skopeo::contents(registry.access(), &format!("{}/settings:1", registry.host()));
    let (before, after) = (layers(&config), layers(&changed));
    assert_eq!(before.len(), after.len());
    assert_eq!(before[..before.len() - 1], after[..after.len() - 1]);
    assert_ne!(before.last(), after.last());
    drop(parent);
    let _ = process::tool("docker", ["rmi", "--no-prune", "settings:1"]);
}

#[test]
fn settings_that_can_t_be_a_dockerfile_are_refused() {
    let home = home_with_context("FROM scratch\n", &[]);
    let build = ["build", "context", "--print"];
    home.fails(2, &[&build[..], &["--copy", "."]].concat()).says("--parent-image");
    home.fails(2, &[&build[..], &["-f", "context/Dockerfile", "--parent-image", "x"]].concat()).says("--file");
    let parent = [&build[..], &["--parent-image", "x"]].concat();
    home.fails(3, &[&parent[..], &["--requirement", "requirements.txt"]].concat()).says("requirements.txt");
    let injected = home.run(&[&parent[..], &["--apt", "git; rm -rf /"]].concat());
    assert_eq!(injected.code, Some(2), "{injected}");
    assert!(home.ok(&build).stdout.starts_with("FROM scratch\n"));
}
