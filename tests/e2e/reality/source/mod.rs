//! Archives and layouts as programs write them, described in `tests/peers/sources`, each pushed by crhost; skopeo is
//! the judge.

mod blobs;
mod case;
mod judge;
mod podman;

use std::panic::{AssertUnwindSafe, catch_unwind};

use case::Case;
use tempfile::TempDir;

use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// Pushes from all sources of a file, and names those that failed.
#[track_caller]
fn assert_pushed(file: &str) {
    let (home, registry) = (Home::new(), Registry::open());
    let cases = Case::all(file);
    let failed: Vec<String> = cases
        .iter()
        .filter(|case| {
            let directory = TempDir::new().unwrap();
            let source = case.write(directory.path());
            let pushes = case.pushes().iter().enumerate();
            let judged = |(number, push)| judge::judge(&home, &registry, case, &source, (number, push));
            catch_unwind(AssertUnwindSafe(|| pushes.for_each(judged))).is_err()
        })
        .map(|case| case.name().to_owned())
        .collect();
    assert!(failed.is_empty(), "{failed:?} of {} in {file}", cases.len());
}

#[test]
fn archives_of_each_version_of_docker_are_pushed() {
    assert_pushed("docker.json");
}

#[test]
fn archives_of_other_builders_are_pushed() {
    assert_pushed("builders.json");
}

#[test]
fn archives_in_each_form_of_tar_are_pushed() {
    assert_pushed("tar.json");
}

#[test]
fn layouts_of_each_program_are_pushed() {
    assert_pushed("layouts.json");
}

#[test]
fn artifacts_of_each_program_are_pushed() {
    assert_pushed("artifacts.json");
}
