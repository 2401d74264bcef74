//! The vendors' own clients and moto, as Python packages in a virtual environment of the tests: they judge our fakes,
//! and stand in for the clouds.

use std::fs;

use crate::announce::say;
use crate::command::{answer, command, run_quietly};
use crate::failure::{Failure, Result};
use crate::{packages, paths};

/// What is installed; the versions that the tests were written against.
const REQUIREMENTS: &str = include_str!("../../tests/peers/requirements.txt");

/// Installs what the list names, unless that was done for this very list.
pub(crate) fn provide() -> Result<()> {
    let _lock = paths::lock("peers")?;
    let home = paths::cache()?.join("peers");
    let (python, stamp) = (home.join("bin/python"), home.join("requirements.txt"));
    let done = fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS);
    if done && answer(&mut command(&python, ["--version"])).is_some() {
        say("Python peers", format_args!("{}", home.display()));
        return Ok(());
    }
    // Debian's Python comes without the module that makes environments.
    if answer(&mut command("python3", ["-c", "import venv, ensurepip"])).is_none() {
        packages::install(&["python3", "python3-venv"])?;
    }
    say("Python peers", format_args!("installing (about a minute, once)"));
    run_quietly(command("python3", ["-m", "venv", "--clear"]).arg(&home))?;
    let list = home.join("wanted.txt");
    fs::write(&list, REQUIREMENTS).map_err(Failure::io("write", &list))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run_quietly(command(&python, pip).arg(&list))?;
    // Written last: an interrupted installation is made anew.
    fs::rename(&list, &stamp).map_err(Failure::io("write", &stamp))
}
