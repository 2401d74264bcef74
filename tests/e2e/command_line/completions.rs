//! Completions, asked for as the shells' scripts do, and typed in real shells.

use std::process::Command;
use std::time::Duration;

use super::plugins::script;
use crate::support::programs::crhost::Home;
use crate::support::programs::process;
use crate::support::programs::shell::Shell;

/// A user with a registry, a connector and a plugin, and crhost on the `PATH`.
fn home() -> Home {
    let mut home = Home::new();
    home.register("production", "localhost:5000/team");
    home.ok(&["connector", "register", "my-login", "--type=docker", "--username=a", "--password=b", "--no-verify"]);
    home.install("crhost");
    script(&home.path("bin/crhost-scan"), "#!/bin/sh\n");
    home
}

/// The values that complete the last of the words.
fn completed(home: &Home, words: &[&str]) -> Vec<String> {
    let mut command: Command = home.command(&[&["--", "crhost"], words].concat());
    let separator = ("_CLAP_IFS", "\n");
    command.envs([("COMPLETE", "bash"), ("_CLAP_COMPLETE_INDEX", &words.len().to_string()), separator]);
    let answered = process::run(&mut command).ok();
    assert_eq!(answered.stderr, "", "{answered}");
    answered.within(Duration::from_secs(1));
    // Options are completed where values are; what is looked at here are values.
    let lines = answered.stdout.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('-'));
    lines.map(str::to_owned).collect()
}

#[test]
fn values_that_crhost_knows_are_completed() {
    let home = home();
    for (words, expected) in [
        (&["regis"][..], &["registry"][..]),
        (&["sca"], &["scan"]),
        (&["registry", "describe", ""], &["production"]),
        (&["registry", "describe", "pro"], &["production"]),
        (&["push", "x", "--to", "pr"], &["production"]),
        (&["login", ""], &["production"]),
        (&["docker", "install", "p"], &["production"]),
        (&["connector", "describe", ""], &["my-login"]),
        (&["registry", "connect", "production", "--connector", ""], &["my-login"]),
        (&["registry", "register", "x", "--flavor", "dock"], &["dockerhub"]),
        (&["registry", "list", "--json", "na"], &["name"]),
        (&["registry", "list", "--json", "name,ur"], &["name,uri"]),
        (&["completions", "z"], &["zsh"]),
        (&["registry", "register", ""], &[]),
    ] {
        assert_eq!(completed(&home, words), expected, "{words:?}");
    }
}

#[test]
fn a_completion_makes_nothing_asks_nobody_and_fails_silently() {
    let mut home = Home::without_cache();
    assert!(completed(&home, &["registry", "describe", ""]).is_empty());
    assert!(!home.path("crhost").exists());
    std::fs::create_dir(home.path("crhost")).unwrap();
    std::fs::write(home.path("crhost/crhost.db"), "no database").unwrap();
    home.set("DOCKER_HOST", "tcp://192.0.2.1:2375");
    assert!(completed(&home, &["registry", "describe", ""]).is_empty());
    assert!(completed(&home, &["push", "tr"]).is_empty());
    // Another program's variable of this name changes nothing.
    home.set("COMPLETE", "1");
    assert!(home.ok(&["--version"]).stdout.starts_with("crhost "));
}

#[test]
fn a_tab_completes_in_bash_zsh_and_fish() {
    let home = home();
    std::fs::write(home.path("layers.tar"), "").unwrap();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let mut typed = shell.start(&home);
        typed.complete("crhost registry desc", "crhost registry describe ");
        typed.complete("prod", "crhost registry describe production");
        assert!(typed.run().contains("localhost:5000/team"), "{shell:?}");
        let mut typed = shell.start(&home);
        typed.complete("crhost push docker-archive:./la", "crhost push docker-archive:./layers.tar");
    }
}

#[test]
fn each_shell_has_its_script() {
    let home = home();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.ok(&["completions", shell]);
        assert!(script.stdout.contains("COMPLETE") && script.stderr.is_empty(), "{script}");
    }
    home.fails(2, &["completions", "tcsh"]).says("`tcsh` is invalid for `SHELL`");
}
