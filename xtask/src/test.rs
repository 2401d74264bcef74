//! `cargo xtask test` and its parts: every check that CI runs, in order, up to the first that fails.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::command::{answer, run};
use crate::failure::{Failure, Result};
use crate::skips::Skips;
use crate::workspaces::{cargo, cargo_command};
use crate::{conformance, graph, paths, postgres, setup, workspaces};

/// Sets up and runs all of it; `arguments` go to the test programs of the root workspace.
pub(crate) fn run_all(quick: bool, arguments: &[String]) -> Result<()> {
    in_steps(|steps| {
        steps.step("setup", |_| setup::run(setup::For::Tests { full: !quick }))?;
        check_sources(steps)?;
        steps.step("flavors: tests", |root| cargo(&root.join("flavors"), &["test", "--workspace", "--locked"]))?;
        // With the tests, so that both are built with the same features of what they share.
        steps.step("build", build)?;
        let skips = Skips::new()?;
        let tested = steps.step("tests", |root| {
            let mut test = cargo_command(root, &["test", "--workspace", "--locked", "--", "--include-ignored"]);
            skips.collect_from(&mut test);
            let database = postgres::Cluster::start(postgres::Durability::None)?;
            test.env(postgres::VARIABLE, database.url());
            run(test.args(arguments).env("CRHOST_BIN", paths::crhost()?))
        });
        skips.print()?;
        tested?;
        steps.step("conformance", conformance::run_sample)?;
        steps.step("documentation", |root| {
            let mut doc = cargo_command(root, &["doc", "--no-deps", "--locked", "--package", "crhost"]);
            run(doc.env("RUSTDOCFLAGS", "-D warnings"))
        })?;
        steps.step("dependencies", check_dependencies)
    })
}

/// What needs no daemon, no registry and no other program; `arguments` go to the test programs of the host.
pub(crate) fn unit(arguments: &[String]) -> Result<()> {
    in_steps(|steps| {
        steps.step("graph", |root| graph::run(root, false))?;
        steps.step("flavors: tests", |root| {
            cargo(&root.join("flavors"), &["test", "--quiet", "--workspace", "--locked"])
        })?;
        steps.step("host: tests", |root| {
            // Of the whole workspace, as everywhere: other packages would mean other features of what they share, and a
            // second build of it.
            let mut test = cargo_command(root, &["test", "--quiet", "--workspace", "--locked", "--lib", "--bins"]);
            run(test.arg("--").args(arguments))
        })
    })
}

/// Clients against the fake registry of `tests/conformance`; `arguments` go to its program.
pub(crate) fn conformance(arguments: &[String]) -> Result<()> {
    // As everything is built, so that nothing is built a second time with other features.
    in_steps(|steps| {
        steps.step("build", build)?;
        steps.step("conformance", |_| conformance::run_with(arguments))
    })
}

/// One built-in flavor: its own tests, and its end-to-end tests.
pub(crate) fn flavor(name: &str) -> Result<()> {
    in_steps(|steps| {
        let directory = steps.root.join("flavors").join(name);
        if !directory.join("Cargo.toml").is_file() || name == "sdk" {
            return Err(Failure::new(format!("there is no built-in flavor `{name}`"))
                .hint("each has a directory in `flavors/`"));
        }
        steps.step("flavor: tests", |_| cargo(&directory, &["test", "--locked"]))?;
        steps.step("build", build)?;
        steps.step("tests", |root| {
            let test = ["test", "--workspace", "--locked", "--test", "e2e", "--", &format!("flavors::{name}::")];
            run(cargo_command(root, &test).env("CRHOST_BIN", paths::crhost()?))
        })
    })
}

/// What can be said of the sources without running them.
pub(crate) fn lint() -> Result<()> {
    in_steps(check_sources)
}

fn check_sources(steps: &mut Steps) -> Result<()> {
    steps.step("formatting", |root| {
        workspaces::all(root)?.iter().try_for_each(|workspace| cargo(workspace, &["fmt", "--all", "--check"]))
    })?;
    steps.step("graph", |root| graph::run(root, false))?;
    steps.step("clippy", clippy)?;
    steps.step("flavors: clippy", |root| clippy(&root.join("flavors")))
}

fn clippy(workspace: &Path) -> Result<()> {
    cargo(workspace, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

fn build(root: &Path) -> Result<()> {
    cargo(root, &["build", "--workspace", "--all-targets", "--locked"])
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

/// Runs steps and prints how long each took, also when one fails.
fn in_steps(check: impl FnOnce(&mut Steps) -> Result<()>) -> Result<()> {
    let mut steps = Steps { done: Vec::new(), root: paths::repository()? };
    let outcome = check(&mut steps);
    steps.print_times();
    outcome
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
