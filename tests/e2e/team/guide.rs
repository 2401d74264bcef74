//! The guide's file and commands work as they stand there.

use std::fs;

use super::changes;
use crate::support::programs::crhost::{Home, repository};

/// The blocks of the guide in a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs/guide/team.md")).unwrap();
    let parts = text.split("```").skip(1).step_by(2);
    parts.filter_map(|block| block.strip_prefix(&format!("{language}\n")).map(str::to_owned)).collect()
}

#[test]
fn the_file_of_the_guide_is_applied_and_exported_and_applied_again() {
    let mut home = Home::new();
    home.set("ACCOUNT", "123456789012");
    let [file, team, ..] = &blocks("toml")[..] else { panic!("the guide has its file, and one that it includes") };
    fs::write(home.path("crhost.toml"), file).unwrap();
    fs::write(home.path("team.toml"), team).unwrap();
    let applied = home.ok(&["apply", "--yes", "-o", "json"]).json();
    assert!(changes(&applied).contains(&"create registry prod".to_owned()), "{applied}");
    let exported = home.ok(&["export"]).stdout;
    fs::write(home.path("again.toml"), exported).unwrap();
    assert_eq!(changes(&home.ok(&["apply", "again.toml", "--dry-run", "--prune", "-o", "json"]).json()), [""; 0]);
}
