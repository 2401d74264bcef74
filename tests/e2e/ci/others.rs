//! GitLab CI and Azure Pipelines.

use std::fs;

use super::PUSH;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

#[test]
fn gitlab_gets_a_section_that_folds_and_variables_for_later_jobs() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    home.set("GITLAB_CI", "true");
    let pushed = home.ok(&[&PUSH[..], &["--tag", "latest", "--dotenv-file", "crhost.env"]].concat());
    let (begin, rest) = pushed.stderr.split_once('\n').unwrap();
    let mut parts = begin.split([':', '\r']);
    assert_eq!(parts.next(), Some("section_start"), "{pushed}");
    assert!(parts.next().unwrap().parse::<u64>().unwrap() > 1_700_000_000, "{pushed}");
    let name = parts.next().unwrap();
    let end = rest.lines().rev().nth(1).unwrap();
    assert!(end.starts_with("section_end:") && end.contains(&format!(":{name}\r\u{1b}[0K")), "{pushed}");
    let (name, digest) = pushed.stdout.trim().split_once('@').unwrap();
    let expected = format!(
        "IMAGE_NAME={name}\nIMAGE_DIGEST={digest}\nIMAGE_REFERENCE={name}@{digest}\nIMAGE_TAG=v1\nIMAGE_TAGS=v1,latest\n"
    );
    assert_eq!(fs::read_to_string(home.path("crhost.env")).unwrap(), expected);
}

#[test]
fn the_files_of_a_push_are_different_ones() {
    let home = Home::with_registry(&Registry::open());
    let same = ["--digest-file", "out", "--dotenv-file", "./out"];
    home.fails(2, &[&PUSH[..], &same].concat()).says("`--digest-file` and `--dotenv-file` name the same file");
}

#[test]
fn azure_gets_output_variables_issues_and_a_group() {
    let registry = Registry::open();
    let mut home = Home::with_registry(&registry);
    home.set("TF_BUILD", "True");
    let pushed = home.ok(&[&PUSH[..], &["--tag", "latest"]].concat());
    let (_, digest) = pushed.stdout.trim().split_once('@').unwrap();
    for line in [
        "##[group]push oci:layout:v1".to_owned(),
        "##[endgroup]".to_owned(),
        format!("##vso[task.setvariable variable=digest;isOutput=true]{digest}"),
        "##vso[task.setvariable variable=tags;isOutput=true]v1%0Alatest".to_owned(),
    ] {
        assert!(pushed.stderr.lines().any(|found| found == line), "no {line}{pushed}");
    }
    let failed = home.run(&["push", "oci:layout:nosuch", "--to", "local", "--as", "a"]);
    assert!(failed.stderr.contains("\n##vso[task.logissue type=error]"), "{failed}");
}
