//! The component for GitLab, its script run against a real registry.

use std::fs;

use super::workflow::run_component;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// An image by digest, as the component wants its job's; no test pulls it.
const JOB_IMAGE: (&str, &str) =
    ("job-image", "debian@sha256:0000000000000000000000000000000000000000000000000000000000000000");

#[test]
fn the_component_pushes_with_the_job_s_own_password_in_each_shell_and_leaves_variables_for_later_jobs() {
    let registry = Registry::with_password();
    let mut home = Home::with_registry(&registry);
    home.install("crhost");
    home.set("REGISTRY_PASSWORD", PASSWORD);
    home.set("TMPDIR", home.path("tmp"));
    fs::create_dir(home.path("tmp")).unwrap();
    let connector = format!("--type=docker --auth-method=password --username={USER} --password=@env:REGISTRY_PASSWORD");
    for (shell, name) in [("bash", "one"), ("sh", "two")] {
        let named = format!("{name}:$CI_COMMIT_TAG");
        let inputs = [
            JOB_IMAGE,
            ("image", "oci:layout:v1"),
            ("uri", registry.host()),
            ("flavor", "default"),
            ("connector", &*connector),
            ("as", &*named),
            ("tags", "latest stable"),
        ];
        let job = run_component(&mut home, shell, &inputs);
        assert_eq!(job.last.code, Some(0), "{shell}{}", job.last);
        assert_eq!(job.outputs["IMAGE_NAME"], format!("{}/{name}", registry.host()));
        assert_eq!(job.outputs["IMAGE_TAGS"], "v7,latest,stable");
        assert!(job.last.stderr.contains("section_start:") && !job.last.stderr.contains(PASSWORD), "{}", job.last);
        assert_eq!(fs::read_dir(home.path("tmp")).unwrap().count(), 0);
    }
}

#[test]
fn the_component_says_what_it_lacks() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    let inputs = [JOB_IMAGE, ("image", "oci:layout:v1")];
    let job = run_component(&mut home, "sh", &inputs);
    assert!(job.last.stderr.starts_with("error: crhost is not on the PATH"), "{}", job.last);
    home.install("crhost");
    for (more, words) in [
        (("crhost-url", "file:///bin/true"), "crhost-url needs crhost-sha256"),
        (("connector", "--type=docker"), "connector needs uri and flavor"),
    ] {
        let job = run_component(&mut home, "sh", &[&inputs[..], &[more]].concat());
        assert_eq!(job.last.code, Some(1), "{}", job.last);
        assert!(job.last.stderr.contains(words), "{}", job.last);
    }
}

#[test]
fn an_input_is_no_command_whatever_it_is() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    home.install("crhost");
    // A quote would end the text of the file, which GitLab itself refuses.
    let evil = "a$(touch evil)`touch evil`; touch evil; *";
    for name in ["as", "uri", "flavor", "options", "connector", "tags", "arguments"] {
        let job = run_component(&mut home, "sh", &[JOB_IMAGE, ("image", "oci:layout:v1"), (name, evil)]);
        assert_ne!(job.last.code, Some(0), "{name}{}", job.last);
        assert!(!home.path("evil").exists(), "{name}{}", job.last);
    }
}
