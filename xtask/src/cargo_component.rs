//! cargo-component: the build tool that some flavor authors use, needed to test that it keeps working with our WIT.

use crate::announce::say;
use crate::command::{answer, command, run};
use crate::failure::{Failure, Result};
use crate::paths;

/// The last release, and the one that the documentation names.
const VERSION: &str = "0.21.1";

/// Installs it with cargo, unless this very version is there.
pub(crate) fn provide() -> Result<()> {
    if let Some(found) = answer(&mut command("cargo", ["component", "--version"]))
        && found.split_whitespace().any(|word| word == VERSION)
    {
        say("cargo-component", format_args!("{VERSION}"));
        return Ok(());
    }
    say("cargo-component", format_args!("building {VERSION} (about five minutes of processor time, once)"));
    let target = paths::cache()?.join("cargo-component-target");
    // Unoptimised and without debug information: a third of the time of a release build, and quick enough to use.
    run(command("cargo", ["install", "--quiet", "--locked", "--debug", "--version", VERSION, "cargo-component"])
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_TARGET_DIR", &target))
    .map_err(|failure| failure.hint("`cargo xtask test --quick` does without cargo-component"))?;
    // Over a gigabyte, of use only to an interrupted installation.
    std::fs::remove_dir_all(&target).map_err(Failure::io("remove", &target))?;
    say("cargo-component", format_args!("{VERSION} installed"));
    Ok(())
}
