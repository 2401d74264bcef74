//! `cargo xtask package`: the program with its manual pages and completions, laid out as distributions install them.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};

use crate::announce::say;
use crate::command::{answer, capture, command, run_quietly};
use crate::failure::{Failure, Result};
use crate::{paths, release};

/// The completions of each shell, where it looks for those of packages.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "share/bash-completion/completions/crhost"),
    ("zsh", "share/zsh/site-functions/_crhost"),
    ("fish", "share/fish/vendor_completions.d/crhost.fish"),
];

/// Lays out a package below a directory, such as `/usr/local` or the root of an archive. Without a program, a release
/// build is made, which is told its commit.
pub(crate) fn lay_out(directory: &Path, program: Option<PathBuf>) -> Result<()> {
    let program = program.map_or_else(build, Ok)?;
    let crhost = directory.join("bin/crhost");
    make_parent(&crhost)?;
    fs::copy(&program, &crhost).map_err(Failure::io("copy", &program))?;
    let helper = directory.join("bin/docker-credential-crhost");
    // A package that is laid out again has it already.
    let _ = fs::remove_file(&helper);
    std::os::unix::fs::symlink("crhost", &helper).map_err(Failure::io("link", &helper))?;
    run_quietly(command(&crhost, ["man", "--directory"]).arg(directory.join("share/man/man1")))?;
    for (shell, file) in COMPLETIONS {
        // By its name alone: the script then starts the crhost of the user's PATH.
        let script = capture(command(&crhost, ["completions", shell]).arg0("crhost"))?;
        let file = directory.join(file);
        make_parent(&file)?;
        fs::write(&file, script + "\n").map_err(Failure::io("write", &file))?;
    }
    let licence = directory.join("share/doc/crhost/LICENSE");
    make_parent(&licence)?;
    fs::copy(paths::repository()?.join("LICENSE"), &licence).map_err(Failure::io("copy", &licence))?;
    say("package", format_args!("{}", directory.display()));
    Ok(())
}

fn build() -> Result<PathBuf> {
    let commit = answer(command("git", ["rev-parse", "HEAD"]).current_dir(paths::repository()?));
    release::build(commit)
}

fn make_parent(file: &Path) -> Result<()> {
    let parent = file.parent().unwrap_or(file);
    fs::create_dir_all(parent).map_err(Failure::io("create", parent))
}
