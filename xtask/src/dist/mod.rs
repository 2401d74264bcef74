//! `cargo xtask dist`: what a release consists of: an archive of the program with all that belongs to it, its bill of
//! materials, a minimal image as an OCI layout, and checksums of all of them.
//!
//! The same program gives the same bytes, whoever makes them, wherever and when: entries are sorted, times and owners
//! are fixed, and paths of this machine are in none of them.

mod cyclonedx;
mod dependencies;
mod image;
mod known;
mod layout;
mod libraries;
mod licences;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::announce::say;
use crate::command::{answer, capture, command};
use crate::failure::{Failure, Result};
use crate::{package, paths, release};
use dependencies::Dependencies;
use known::Release;
use tree::Tree;

/// What is made, and of what.
pub(crate) struct Settings {
    /// Where it goes.
    pub(crate) directory: PathBuf,
    /// The program; without one, a release build is made.
    pub(crate) binary: Option<PathBuf>,
    /// Where the sources are, for the image's annotations.
    pub(crate) source: Option<String>,
}

/// Makes a release.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    let root = paths::repository()?;
    let git = |arguments: &[&str]| answer(command("git", arguments).current_dir(&root));
    let revision = git(&["rev-parse", "HEAD"]);
    let release = Release {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: target()?,
        revision: revision.clone(),
        source: settings.source.clone(),
        time: time(git(&["log", "-1", "--format=%ct"]))?,
    };
    let program = match &settings.binary {
        Some(binary) => binary.clone(),
        None => release::build_for_others(revision)?,
    };
    let name = format!("crhost-{}-{}", release.version, release.target);
    let directory = &settings.directory;
    fs::create_dir_all(directory).map_err(Failure::io("create", directory))?;
    let dependencies = Dependencies::read(&root, &release.target)?;
    let licences = licences::text(&dependencies)?;

    let staged = TempDir::new().map_err(|error| Failure::new(format!("cannot make a directory: {error}")))?;
    let laid_out = staged.path().join("package");
    package::lay_out(&laid_out, Some(program.clone()))?;
    let mut package = Tree::read(&laid_out)?;
    let sbom = cyclonedx::document(&release, &dependencies, &program, &[])?;
    package.add_file("share/doc/crhost/THIRD-PARTY-LICENCES.txt", licences.clone().into_bytes());
    package.add_file("share/doc/crhost/sbom.cdx.json", sbom.clone());
    write(&directory.join(format!("{name}.sbom.cdx.json")), &sbom)?;
    write(&directory.join(format!("{name}.tar.gz")), &package.below(&name).compressed(release.time)?)?;
    image::write(&directory.join("image"), &release, &package, &program, &dependencies)?;
    checksums(directory)?;
    say("dist", format_args!("{}", directory.display()));
    Ok(())
}

/// The target that this machine's compiler builds for.
fn target() -> Result<String> {
    let version = capture(&mut command("rustc", ["-vV"]))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Failure::new("`rustc -vV` names no host"))
}

/// The time that reproducible builds agree on: `SOURCE_DATE_EPOCH`, else that of the commit.
fn time(of_commit: Option<String>) -> Result<u64> {
    const VARIABLE: &str = "SOURCE_DATE_EPOCH";
    let given = std::env::var(VARIABLE).ok();
    let text = given.or(of_commit).ok_or_else(|| {
        Failure::new("the release has no time").hint(format!("set {VARIABLE}, as this is no Git repository"))
    })?;
    text.trim().parse().map_err(|_| Failure::new(format!("{VARIABLE} is `{text}`; expected seconds since 1970")))
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).map_err(Failure::io("write", file))
}

/// Lists all files with their digests, as `sha256sum --check` reads them.
fn checksums(directory: &Path) -> Result<()> {
    const NAME: &str = "SHA256SUMS";
    let mut lines = String::new();
    for (path, entry) in Tree::read(directory)?.files() {
        if path != NAME {
            lines.push_str(&format!("{}  {path}\n", layout::hex_digest(entry)));
        }
    }
    write(&directory.join(NAME), lines.as_bytes())
}
