//! Python packages in virtual environments of the tests.

use std::fs;
use std::path::Path;

use crate::announce::say;
use crate::command::{answer, command, run_quietly};
use crate::failure::{Failure, Result};
use crate::packages;

/// Makes an environment with the packages of a list, unless that was done for this very list.
pub(crate) fn provide(what: &str, home: &Path, requirements: &str) -> Result<()> {
    let (python, stamp) = (home.join("bin/python"), home.join("requirements.txt"));
    let done = fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements);
    if done && answer(&mut command(&python, ["--version"])).is_some() {
        say(what, format_args!("{}", home.display()));
        return Ok(());
    }
    // Debian's Python comes without the module that makes environments.
    if answer(&mut command("python3", ["-c", "import venv, ensurepip"])).is_none() {
        packages::install(&["python3", "python3-venv"])?;
    }
    say(what, format_args!("installing (about a minute, once)"));
    run_quietly(command("python3", ["-m", "venv", "--clear"]).arg(home))?;
    let list = home.join("wanted.txt");
    fs::write(&list, requirements).map_err(Failure::io("write", &list))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run_quietly(command(&python, pip).arg(&list))?;
    // Written last: an interrupted installation is made anew.
    fs::rename(&list, &stamp).map_err(Failure::io("write", &stamp))
}
