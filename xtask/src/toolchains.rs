//! What authors build flavors with in other languages than Rust: the tests build the project of each template with it.

use std::fs;

use crate::announce::say;
use crate::command::{command, run_quietly};
use crate::failure::{Failure, Result};
use crate::{packages, paths, python};

/// For Python (componentize-py), C (Zig) and Go, with wasm-tools for the last two.
const REQUIREMENTS: &str = include_str!("../../tests/toolchains/requirements.txt");

/// For JavaScript: what a new project says that it is built with.
const PACKAGE: &str = include_str!("../../examples/templates/javascript/package.json");

/// Installs those that come as Python packages.
pub(crate) fn provide_python() -> Result<()> {
    let _lock = paths::lock("toolchains")?;
    python::provide("componentize-py, Zig, Go", &paths::cache()?.join("toolchains/python"), REQUIREMENTS)
}

/// Installs jco, unless that was done for this very list of packages.
pub(crate) fn provide_node() -> Result<()> {
    packages::provide("npm", "npm")?;
    let _lock = paths::lock("toolchains")?;
    let home = paths::cache()?.join("toolchains/javascript");
    let (stamp, list) = (home.join("installed.json"), home.join("package.json"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == PACKAGE) {
        say("jco", format_args!("{}", home.display()));
        return Ok(());
    }
    say("jco", format_args!("installing (about half a minute, once)"));
    fs::create_dir_all(&home).map_err(Failure::io("create", &home))?;
    fs::write(&list, PACKAGE).map_err(Failure::io("write", &list))?;
    run_quietly(command("npm", ["install", "--no-audit", "--no-fund", "--silent"]).current_dir(&home))?;
    // Written last: an interrupted installation is made anew.
    fs::write(&stamp, PACKAGE).map_err(Failure::io("write", &stamp))
}
