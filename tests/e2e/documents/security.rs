//! What `SECURITY.md` says is shown by a test is a test that exists: a function, a module, or a text in
//! `tests/hostile`.

use std::fs;
use std::path::{Path, PathBuf};

use super::document;
use crate::support::programs::crhost::repository;

#[test]
fn every_row_of_the_security_page_names_tests_that_exist() {
    let security = document("SECURITY.md");
    let rows = security.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| who |"));
    let mut files = Vec::new();
    for top in ["tests/e2e", "tests/hostile", "host/src"] {
        collect(&repository().join(top), &mut files);
    }
    let mut count = 0;
    for row in rows.filter(|row| row.matches(" | ").count() > 1) {
        let (_, shown) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        // The first row of a table names its columns.
        if shown == "shown by" {
            continue;
        }
        for name in shown.split('`').skip(1).step_by(2) {
            count += 1;
            let known = match name.strip_prefix("host: ") {
                Some(module) => is_module(&["host/src"], module),
                None => is_module(&["tests/e2e", "tests"], name) || is_test(&files, name),
            };
            assert!(known, "there is no test `{name}`, named in: {row}");
        }
    }
    assert!(count > 40, "{count} tests are named");
}

/// Whether there is a module of this path below one of these directories, or a directory of hostile texts.
fn is_module(tops: &[&str], name: &str) -> bool {
    let path = name.replace("::", "/");
    tops.iter().any(|top| {
        let module = repository().join(top).join(&path);
        module.is_dir() || module.with_extension("rs").is_file()
    })
}

/// Whether a function, or a hostile text, has the last part of a name.
fn is_test(files: &[PathBuf], name: &str) -> bool {
    let last = name.rsplit("::").next().unwrap();
    let function = format!("fn {last}(");
    files.iter().any(|file| {
        file.file_stem().is_some_and(|stem| stem == last)
            || fs::read_to_string(file).is_ok_and(|text| text.contains(&function))
    })
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(&entry, files);
        } else {
            files.push(entry);
        }
    }
}
