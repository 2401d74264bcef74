use std::collections::BTreeSet;
use std::fs;

use super::*;
use crate::error::{Explain as _, Kind};

fn name(text: &str) -> ProjectName {
    ProjectName::parse(text).unwrap()
}

#[test]
fn a_project_has_the_name_of_its_flavor_and_nothing_of_the_template_s() {
    for language in Language::ALL {
        for file in project(&name("acme-two"), language) {
            let own = !file.path.starts_with("crhost-flavor/") && !file.path.starts_with("wit/");
            let text = format!("{} {}", file.path, String::from_utf8_lossy(&file.bytes));
            let old = ["my-registry", "my_registry", "MY_REGISTRY", "MY-REGISTRY"]
                .iter()
                .find(|old| own && text.contains(*old));
            assert_eq!(old, None, "{}", file.path);
        }
    }
}

#[test]
fn every_template_has_a_readme_tests_fixtures_and_what_it_builds_with() {
    for language in Language::ALL {
        let files: BTreeSet<String> = project(&name("acme"), language).into_iter().map(|file| file.path).collect();
        let has = |what: &str| files.iter().any(|path| path.contains(what));
        let contract = if language == Language::Rust { "crhost-flavor/src/bindings.rs" } else { "wit/worlds.wit" };
        for what in
            ["README.md", ".gitignore", "fixtures/missing/01-get.json", "fixtures/missing/call.json", "test", contract]
        {
            assert!(has(what), "{language:?} has no {what}: {files:?}");
        }
        assert!(!has("since-v0.1") && !has("node_modules"), "{files:?}");
    }
}

#[test]
fn the_sdk_of_a_project_depends_on_no_workspace() {
    let files = project(&name("acme"), Language::Rust);
    let manifest = &files.iter().find(|file| file.path == "crhost-flavor/Cargo.toml").unwrap().bytes;
    let manifest = str::from_utf8(manifest).unwrap();
    let table: toml::Table = manifest.parse().unwrap();
    assert_eq!(table["package"]["edition"].as_str(), Some("2024"));
    assert!(table["dependencies"]["wit-bindgen"]["version"].is_str(), "{manifest}");
    assert!(!manifest.contains("workspace"), "{manifest}");
}

#[test]
fn names_that_something_else_has_are_refused_with_the_next_step() {
    for (text, kind, hint) in [
        ("", Kind::Usage, "write e.g. `my-registry`"),
        ("MyReg", Kind::Usage, "write `myreg`"),
        ("my_reg", Kind::Usage, "write `my-reg`"),
        ("../evil", Kind::Usage, "write `evil`"),
        ("aws", Kind::Conflict, "choose another name, such as `aws-mirror`"),
        ("match", Kind::Usage, "choose another name, such as `match-registry`"),
        ("crhost-flavor", Kind::Usage, "choose another name"),
        ("2go", Kind::Usage, "write e.g. `registry-2go`"),
        ("Test", Kind::Usage, "write e.g. `my-registry`"),
    ] {
        let error = ProjectName::parse(text).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
        assert!(error.hint().unwrap().starts_with(hint), "{text}: {:?}", error.hint());
    }
}

#[test]
fn a_directory_that_exists_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let taken = directory.path().join("acme");
    fs::create_dir(&taken).unwrap();
    let error = create(&name("acme"), Language::Rust, &taken).unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(fs::read_dir(&taken).unwrap().count(), 0);
    let missing = create(&name("acme"), Language::Rust, &directory.path().join("none/acme")).unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
}

#[test]
fn what_can_t_be_written_whole_is_not_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("acme");
    let file = |path: &str| sources::ProjectFile { path: path.to_owned(), bytes: Vec::new() };
    // A file where the next one needs a directory.
    assert!(write::whole(&target, &[file("a"), file("a/b")]).is_err());
    assert!(!target.exists());
}
