//! Manual pages, help topics and the version.

use std::fs;
use std::process::Command;

use crate::support::programs::crhost::{Home, program};
use crate::support::programs::process::{self, tool};
use crate::support::programs::terminal::watch;

#[test]
fn every_command_has_a_page_that_groff_and_mandoc_read_without_a_warning() {
    let home = Home::new();
    home.ok(&["man", "--directory", "man1"]);
    let mut pages: Vec<_> = fs::read_dir(home.path("man1")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() > 30, "{} pages", pages.len());
    for judge in [&["groff", "-man", "-Tutf8", "-ww", "-z"][..], &["mandoc", "-T", "lint", "-W", "warning"]] {
        let mut command = Command::new(judge[0]);
        let judged = process::run(command.args(&judge[1..]).args(&pages));
        assert_eq!((judged.code, judged.stdout.as_str(), judged.stderr.as_str()), (Some(0), "", ""), "{judged}");
    }
    let text = |name: &str| fs::read_to_string(home.path(&format!("man1/{name}.1"))).unwrap();
    let page = text("crhost-push");
    for heading in ["NAME", "SYNOPSIS", "OPTIONS", "EXAMPLES", "EXIT STATUS", "SEE ALSO"] {
        assert!(page.contains(&format!(".SH {heading}")) || page.contains(&format!(".SH \"{heading}\"")), "{page}");
    }
    assert!(text("crhost").contains("CRHOST_HOME"));
    assert!(!pages.iter().any(|page| page.ends_with("crhost-compile-component.1")));
    assert_eq!(home.ok(&["man", "push"]).stdout, page);
    home.fails(3, &["man", "nosuch"]).says("there is no page about `crhost nosuch`");
}

#[test]
fn a_package_has_the_program_its_pages_and_its_completions() {
    let home = Home::new();
    let xtask = program().with_file_name("xtask");
    let package = home.path("package");
    process::run(Command::new(xtask).arg("package").arg(&package).arg("--program").arg(program())).ok();
    let text = |file: &str| fs::read_to_string(package.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert!(text("share/man/man1/crhost-push.1").contains(".TH crhost-push 1"));
    assert!(text("share/zsh/site-functions/_crhost").starts_with("#compdef crhost"));
    for file in ["share/bash-completion/completions/crhost", "share/fish/vendor_completions.d/crhost.fish"] {
        // The crhost of the user's PATH is started, and not the one that wrote the script.
        assert!(!text(file).contains(package.to_str().unwrap()), "{file}");
    }
    process::run(Command::new(package.join("bin/docker-credential-crhost")).arg("version")).ok();
}

#[test]
fn on_a_terminal_a_page_is_shown_by_man() {
    let mut home = Home::new();
    home.set("PAGER", "cat");
    home.set("MANPAGER", "cat");
    let (code, screen) = watch(home.command(&["man", "registry", "list"]), (200, 100), |_, _, _| {});
    let contents = screen.contents();
    assert_eq!(code, Some(0), "{contents}");
    assert!(contents.contains("CRHOST-REGISTRY-LIST(1)") || contents.contains("crhost-registry-list(1)"), "{contents}");
    assert!(!contents.contains(".SH"), "{contents}");
}

#[test]
fn topics_of_help_and_the_version_are_told() {
    let home = Home::new();
    assert!(home.ok(&["help", "flavor-rules"]).stdout.contains("\n## secrets-kept\n"));
    assert!(home.ok(&["help", "exit-codes"]).stdout.contains("\n    4  credentials missing or refused\n"));
    assert!(home.ok(&["help", "environment"]).stdout.contains("\n  CRHOST_HOME\n"));
    assert!(home.ok(&["help", "formatting"]).stdout.contains("--jq FILTER"));
    let version = home.ok(&["version", "-o", "json"]).json();
    assert_eq!(home.ok(&["--version"]).stdout, format!("crhost {}\n", version["version"].as_str().unwrap()));
    assert_eq!(home.ok(&["version", "--format", "{{.platform}}"]).stdout.split('/').count(), 2);
    assert!(home.ok(&["version"]).stdout.contains("crhost:flavor@0.1.1"));
    // The judges themselves are there.
    tool("groff", ["--version"]).ok();
}
