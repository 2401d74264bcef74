//! `cargo xtask test`: every check that CI runs, in order, up to the first that fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::command::{answer, command, run};
use crate::failure::{Failure, Result};
use crate::{paths, setup};

/// Sets up and runs all of it; `arguments` go to the test programs of the root workspace.
pub(crate) fn run_all(quick: bool, arguments: &[String]) -> Result<()> {
    let mut steps = Steps { done: Vec::new(), root: paths::repository()? };
    let outcome = check(&mut steps, quick, arguments);
    steps.print_times();
    outcome
}

fn check(steps: &mut Steps, quick: bool, arguments: &[String]) -> Result<()> {
    steps.step("setup", |_| setup::run(setup::For::Tests { full: !quick }))?;
    steps.step("formatting", |root| {
        workspaces(root)?.iter().try_for_each(|workspace| cargo(workspace, &["fmt", "--all", "--check"]))
    })?;
    steps.step("clippy", clippy)?;
    steps.step("flavors: clippy", |root| clippy(&root.join("flavors")))?;
    steps.step("flavors: tests", |root| cargo(&root.join("flavors"), &["test", "--workspace", "--locked"]))?;
    // With the tests, so that both are built with the same features of what they share.
    steps.step("build", |root| cargo(root, &["build", "--workspace", "--all-targets", "--locked"]))?;
    steps.step("tests", |root| {
        let mut test = cargo_command(root, &["test", "--workspace", "--locked", "--", "--include-ignored"]);
        run(test.args(arguments).env("CRHOST_BIN", paths::crhost()?))
    })?;
    steps.step("documentation", |root| {
        let mut doc = cargo_command(root, &["doc", "--no-deps", "--locked", "--package", "crhost"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    })?;
    steps.step("dependencies", check_dependencies)
}

fn clippy(workspace: &Path) -> Result<()> {
    cargo(workspace, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

/// Licences, sources and bans need only the lock file; known vulnerabilities need a database from the network.
fn check_dependencies(root: &Path) -> Result<()> {
    if answer(&mut cargo_command(root, &["deny", "--version"])).is_none() {
        eprintln!("skipped: cargo-deny is not installed");
        return Ok(());
    }
    let all: &[&str] = &["deny", "check"];
    let offline: &[&str] = &["deny", "check", "bans", "licenses", "sources"];
    let known = answer(&mut cargo_command(root, &["deny", "fetch", "db"])).is_some();
    if !known {
        eprintln!("the database of vulnerabilities cannot be fetched: checking the rest");
    }
    let checks = if known { all } else { offline };
    [root.to_owned(), root.join("flavors")].iter().try_for_each(|workspace| cargo(workspace, checks))
}

/// The root workspace, the flavors, the fuzz targets, and each guest that the tests build.
fn workspaces(root: &Path) -> Result<Vec<PathBuf>> {
    let guests = root.join("tests/guests");
    let mut found = vec![root.to_owned(), root.join("flavors"), root.join("tests/fuzz")];
    if guests.is_dir() {
        for entry in fs::read_dir(&guests).map_err(Failure::io("read", &guests))? {
            let guest = entry.map_err(Failure::io("read", &guests))?.path();
            // Not every guest is written in Rust.
            if guest.join("Cargo.toml").exists() {
                found.push(guest);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn cargo(workspace: &Path, arguments: &[&str]) -> Result<()> {
    run(&mut cargo_command(workspace, arguments))
}

/// Started in the workspace, whose own `.cargo/config.toml` then holds.
fn cargo_command(workspace: &Path, arguments: &[&str]) -> Command {
    let mut cargo = command("cargo", arguments);
    cargo.current_dir(workspace);
    cargo
}

/// The steps so far, with their times.
struct Steps {
    done: Vec<(&'static str, Duration)>,
    root: PathBuf,
}

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        eprintln!("\n── {name}");
        let start = Instant::now();
        let outcome = work(&self.root);
        self.done.push((name, start.elapsed()));
        outcome
    }

    fn print_times(&self) {
        eprintln!();
        for (name, time) in &self.done {
            eprintln!("{:8.1} s  {name}", time.as_secs_f32());
        }
    }
}
