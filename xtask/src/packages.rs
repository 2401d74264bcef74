//! Debian packages: installed as root where they are missing, named where we may not.

use crate::announce::say;
use crate::command::{answer, command, find, run_quietly};
use crate::failure::{Failure, Result};

/// Takes nothing away: what conflicts with the developer's own packages is for the developer to decide.
const INSTALL: [&str; 4] = ["install", "--yes", "--no-install-recommends", "--no-remove"];

/// Sees to it that a program is there; where it is not, `package` is the Debian package that has it.
pub(crate) fn provide(program: &str, package: &str) -> Result<()> {
    if find(program).is_none() {
        install(&[package])?;
    }
    match find(program) {
        Some(path) => {
            say(program, format_args!("{}", path.display()));
            Ok(())
        }
        None => Err(Failure::new(format!("the package `{package}` is installed, but there is no `{program}` on PATH"))),
    }
}

/// Installs Debian packages, or says who has to.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if find("apt-get").is_none() {
        return Err(Failure::new(format!("not installed: {names}"))
            .hint("these are Debian's names; install their like with this system's package manager"));
    }
    if !we_are_root() {
        return Err(Failure::new(format!("not installed: {names}"))
            .hint(format!("as root: apt-get install --no-install-recommends {names}")));
    }
    say("apt-get", format_args!("installing {names}"));
    // The lists may be old or absent, but fetching them takes longer than most installations.
    if answer(apt_get(&INSTALL).args(packages)).is_none() {
        say("apt-get", format_args!("trying again with new package lists"));
        run_quietly(&mut apt_get(&["update"]))?;
        run_quietly(apt_get(&INSTALL).args(packages))?;
    }
    Ok(())
}

/// Whether we may install packages and start system services.
pub(crate) fn we_are_root() -> bool {
    answer(&mut command("id", ["-u"])).as_deref() == Some("0")
}

fn apt_get(arguments: &[&str]) -> std::process::Command {
    // Another apt may be at work (a machine that just booted often updates itself), and mirrors hiccup.
    let mut apt_get = command("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]);
    apt_get.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}
