//! GitHub Actions: outputs, summary, annotations, masks, groups.

use std::collections::BTreeMap;
use std::fs;

use super::PUSH;
use crate::support::programs::crhost::Home;
use crate::support::programs::registration;
use crate::support::programs::registry::{PASSWORD, Registry, USER};

/// Sets what the runner sets.
fn in_github(home: &mut Home) {
    home.set("GITHUB_ACTIONS", "true");
    home.set("CI", "true");
    for name in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        fs::write(home.path(name), "").unwrap();
        home.set(name, home.path(name));
    }
}

/// The outputs of a step, read as the runner does.
pub(super) fn outputs(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut lines) = (BTreeMap::new(), text.lines());
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap_or_else(|| panic!("no delimiter: {line}"));
        assert!(delimiter.len() >= 32, "{delimiter}");
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}

#[test]
fn a_push_sets_the_outputs_and_the_summary_of_its_step() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    in_github(&mut home);
    let pushed = home.ok(&[&PUSH[..], &["--tag", "latest"]].concat());
    let outputs = outputs(&fs::read_to_string(home.path("GITHUB_OUTPUT")).unwrap());
    let (name, digest) = pushed.stdout.trim().split_once('@').unwrap();
    for (output, value) in [
        ("name", name),
        ("digest", digest),
        ("reference", pushed.stdout.trim()),
        ("tag", "v1"),
        ("tags", "v1\nlatest"),
        ("unchanged", "false"),
    ] {
        assert_eq!(outputs[output], value, "{outputs:?}");
    }
    let summary = fs::read_to_string(home.path("GITHUB_STEP_SUMMARY")).unwrap();
    assert!(summary.contains(&format!("| `{name}` | `v1` `latest` | `{digest}` |")), "{summary}");
    // The layers are in a group, and the outcome is below it.
    let lines: Vec<&str> = pushed.stderr.lines().collect();
    let end = lines.iter().position(|line| *line == "::endgroup::").unwrap();
    assert!(lines[0].starts_with("::group::push oci:layout:v1"), "{pushed}");
    assert!(lines[end + 1].starts_with("pushed ") && lines.len() == end + 2, "{pushed}");
}

#[test]
fn an_error_and_a_warning_are_annotations_with_their_hints() {
    let registry = Registry::with_password();
    let mut home = Home::with_registry(&registry);
    in_github(&mut home);
    home.set("CRHOST_LOG", "nosuch");
    let failed = home.run(&PUSH);
    assert_eq!(failed.code, Some(4), "{failed}");
    let annotation = |word: &str| {
        let begin = format!("::{word} title=crhost::");
        let mut found = failed.stderr.lines().filter_map(|line| line.strip_prefix(begin.as_str()));
        let only = found.next().unwrap_or_else(|| panic!("no {word}{failed}")).to_owned();
        assert!(found.next().is_none(), "{failed}");
        only
    };
    assert!(annotation("warning").contains("CRHOST_LOG"), "{failed}");
    let (error, hint) = failed.stderr.split_once("error: ").unwrap().1.split_once("\n\nhint: ").unwrap();
    assert_eq!(annotation("error"), format!("{error}%0Ahint: {}", hint.lines().next().unwrap()));
    // A step that fails sets no output.
    assert_eq!(fs::read_to_string(home.path("GITHUB_OUTPUT")).unwrap(), "");
    let wrong = home.run(&["push", "--nosuch"]);
    assert!(wrong.stderr.contains("\n::error title=crhost::"), "{wrong}");
}

#[test]
fn where_standard_error_is_for_programs_there_are_no_lines_for_the_runner() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    in_github(&mut home);
    for more in [&["-o", "json"][..], &["--progress", "json"], &["--quiet"], &["--log-format", "json"]] {
        fs::write(home.path("GITHUB_OUTPUT"), "").unwrap();
        let pushed = home.ok(&[&PUSH[..], more].concat());
        assert!(!pushed.stderr.contains("::"), "{pushed}");
        let outputs = outputs(&fs::read_to_string(home.path("GITHUB_OUTPUT")).unwrap());
        assert!(outputs["digest"].starts_with("sha256:"), "{pushed}");
    }
}

#[test]
fn a_secret_that_is_printed_is_masked_before() {
    let registry = Registry::with_password();
    let mut home = Home::new();
    registration::with_password(&mut home, "closed", registry.host(), (USER, PASSWORD));
    let plain = home.ok(&["auth", "token", "closed"]);
    assert_eq!((plain.stdout.as_str(), plain.stderr.as_str()), (&*format!("{PASSWORD}\n"), ""));
    in_github(&mut home);
    for more in [&[][..], &["-o", "json"]] {
        let masked = home.ok(&[&["auth", "token", "closed"], more].concat());
        assert_eq!(masked.stderr, format!("::add-mask::{PASSWORD}\n"), "{masked}");
    }
    home.set("REGISTRY_AUTH_FILE", home.path("auth.json"));
    home.ok(&["login", "closed"]);
    let outputs = outputs(&fs::read_to_string(home.path("GITHUB_OUTPUT")).unwrap());
    assert_eq!((outputs["host"].as_str(), outputs["username"].as_str()), (registry.host(), USER));
    assert!(!outputs.values().any(|value| value.contains(PASSWORD)), "{outputs:?}");
}

#[test]
fn a_file_of_the_runner_that_can_t_be_written_is_a_warning_and_the_image_is_pushed() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    in_github(&mut home);
    home.set("GITHUB_OUTPUT", "/nonexistent/output");
    let pushed = home.ok(&PUSH);
    let warning = "warning: outputs of this step are missing: `/nonexistent/output` can't be written:";
    assert!(pushed.stderr.contains(warning), "{pushed}");
}

#[test]
fn nothing_of_it_happens_elsewhere_or_where_it_is_switched_off() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    in_github(&mut home);
    let told = |home: &Home, arguments: &[&str]| {
        let pushed = home.ok(&[&PUSH[..], arguments].concat());
        pushed.stderr.contains("::") || !fs::read(home.path("GITHUB_OUTPUT")).unwrap().is_empty()
    };
    assert!(!told(&home, &["--ci", "none"]));
    home.set("CRHOST_CI", "none");
    assert!(!told(&home, &[]));
    home.set("CRHOST_CI", "");
    home.set("GITHUB_ACTIONS", "");
    assert!(!told(&home, &[]));
    assert!(told(&home, &["--ci", "github"]));
}
