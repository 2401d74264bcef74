//! The action for GitHub, run step by step against a real registry.

use std::fs;

use super::workflow::run_action;
use crate::support::programs::crhost::{Home, program};
use crate::support::programs::process;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// What a job names to push with a password of its own.
fn connector() -> String {
    format!("--type=docker\n--auth-method=password\n--username={USER}\n--password=@env:REGISTRY_PASSWORD\n")
}

#[test]
fn the_action_pushes_with_the_job_s_own_password_and_leaves_nothing_behind() {
    let registry = Registry::with_password();
    let mut home = Home::with_registry(&registry);
    home.install("crhost");
    home.set("REGISTRY_PASSWORD", PASSWORD);
    home.set("TMPDIR", home.path("tmp"));
    fs::create_dir(home.path("tmp")).unwrap();
    let inputs = [
        ("image", "oci:layout:v1"),
        ("uri", registry.host()),
        ("flavor", "default"),
        ("connector", &*connector()),
        ("as", "train:v3"),
        ("tags", "latest\n\nstable"),
        ("arguments", "--compression=zstd"),
    ];
    let job = run_action(&mut home, &inputs);
    assert_eq!(job.last.code, Some(0), "{}", job.last);
    assert_eq!(job.outputs["name"], format!("{}/train", registry.host()));
    assert_eq!(job.outputs["reference"], format!("{}@{}", job.outputs["name"], job.outputs["digest"]));
    assert_eq!((job.outputs["tag"].as_str(), job.outputs["tags"].as_str()), ("v3", "v3\nlatest\nstable"));
    assert!(job.last.stderr.contains("::group::push") && !job.last.stderr.contains(PASSWORD), "{}", job.last);
    assert_eq!(fs::read_dir(home.path("tmp")).unwrap().count(), 0);
}

#[test]
fn the_action_installs_the_program_of_a_checksum_and_no_other() {
    let registry = Registry::open();
    let program = program().to_str().unwrap();
    let url = format!("file://{program}");
    let sum = process::tool("sha256sum", [program]).ok().stdout;
    let sum = sum.split(' ').next().unwrap().to_uppercase();
    let uri = format!("--to={}", registry.host());
    let run = |sum: &str| {
        let inputs = [("image", "oci:layout:v1"), ("as", "a"), ("arguments", &*uri), ("crhost-url", &url)];
        run_action(&mut Home::with_registry(&registry), &[&inputs[..], &[("crhost-sha256", sum)]].concat())
    };
    let job = run(&sum);
    assert_eq!((job.last.code, job.outputs["unchanged"].as_str()), (Some(0), "false"), "{}", job.last);
    for (sum, words) in [
        ("", "crhost-url needs crhost-sha256"),
        ("abc", "crhost-url needs crhost-sha256"),
        (&"0".repeat(64), "another SHA-256"),
    ] {
        let job = run(sum);
        assert_eq!(job.last.code, Some(1), "{}", job.last);
        assert!(
            job.last.stdout.starts_with("::error title=crhost::") && job.last.stdout.contains(words),
            "{}",
            job.last
        );
    }
    let job = run_action(&mut Home::with_registry(&registry), &[("image", "oci:layout:v1")]);
    assert!(job.last.stdout.contains("crhost is not on the PATH"), "{}", job.last);
}

#[test]
fn an_input_is_no_command_whatever_it_is() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    home.install("crhost");
    let evil = "a$(touch evil)`touch evil`\"; touch evil; '";
    for name in ["image", "as", "uri", "flavor", "options", "connector", "tags", "arguments"] {
        let image = if name == "image" { evil } else { "oci:layout:v1" };
        let more: &[(&str, &str)] = if name == "image" { &[] } else { &[(name, evil)] };
        let job = run_action(&mut home, &[&[("image", image)][..], more].concat());
        assert_ne!(job.last.code, Some(0), "{name}{}", job.last);
        assert!(!home.path("evil").exists(), "{name}{}", job.last);
    }
}
