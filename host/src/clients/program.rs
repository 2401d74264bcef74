//! The program `docker-credential-crhost`: this program, by a name that clients look for on the `PATH`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ClientError;
use crate::docker::protocol::OWN_PROGRAM;
use crate::environment::{EnvVars, Environment};

/// The helper's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// Its path.
    pub(crate) path: PathBuf,
    /// Whether clients with the same `PATH` find it.
    pub(crate) is_on_path: bool,
}

/// Finds the helper's program, or makes it: a link to this program, in `directory`, or beside this program, or in
/// `~/.local/bin`; of these first where the `PATH` leads.
///
/// # Errors
/// When another program has its name, or no directory takes it.
pub(crate) fn place(environment: &Environment, directory: Option<&Path>) -> Result<Program, ClientError> {
    let (this, search_path, file) = (this_program()?, search_path(environment), file_name());
    let is_this = |path: &Path| fs::canonicalize(path).is_ok_and(|found| found == this);
    let found = search_path.iter().map(|directory| directory.join(&file)).find(|path| path.is_file());
    match found {
        Some(path) if is_this(&path) => return Ok(Program { path, is_on_path: true }),
        Some(path) if directory.is_none() => return Err(ClientError::OtherProgram(path.into())),
        _ => {}
    }
    // By the name under which it is called, which may be a link that an update moves.
    let name = this.file_name().unwrap_or_default();
    let called = search_path.iter().map(|directory| directory.join(name)).find(|path| is_this(path));
    let original = called.unwrap_or_else(|| this.clone());
    let directories = match directory {
        Some(directory) => vec![directory.to_owned()],
        None => {
            let beside = original.parent().map(Path::to_owned);
            let own = environment.home().map(|home| home.join(".local/bin"));
            let mut all: Vec<PathBuf> = beside.into_iter().chain(own).collect();
            all.sort_by_key(|directory| !search_path.contains(directory));
            all
        }
    };
    let mut first = None;
    for directory in directories {
        let path = directory.join(&file);
        match link(&original, &path, &is_this) {
            Ok(()) => return Ok(Program { is_on_path: search_path.contains(&directory), path }),
            Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
                return Err(ClientError::OtherProgram(path.into()));
            }
            Err(reason) => _ = first.get_or_insert((directory, reason)),
        }
    }
    let (directory, reason) = first.unwrap_or_else(|| (PathBuf::new(), io::ErrorKind::NotFound.into()));
    Err(ClientError::NoDirectory { directory: directory.into(), reason: reason.into() })
}

/// What clients find under the helper's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FoundProgram {
    /// Nothing.
    Nothing,
    /// This program.
    This(PathBuf),
    /// Another program, or a link that leads nowhere.
    Other {
        /// Its path.
        path: PathBuf,
        /// Where it leads.
        leads_to: PathBuf,
        /// This program.
        this: PathBuf,
    },
}

/// Looks for the helper's program as clients do. Nothing is made.
///
/// # Errors
/// When this program's own file is not known.
pub(crate) fn look(environment: &Environment) -> Result<FoundProgram, ClientError> {
    let (this, file) = (this_program()?, file_name());
    let mut paths = search_path(environment).into_iter().map(|directory| directory.join(&file));
    // A link that leads nowhere is passed over by clients, and is told.
    let Some(path) = paths.find(|path| path.is_file() || path.is_symlink()) else { return Ok(FoundProgram::Nothing) };
    match fs::canonicalize(&path) {
        Ok(found) if found == this => Ok(FoundProgram::This(path)),
        Ok(leads_to) => Ok(FoundProgram::Other { path, leads_to, this }),
        Err(_) => {
            let leads_to = fs::read_link(&path).unwrap_or_default();
            Ok(FoundProgram::Other { path, leads_to, this })
        }
    }
}

/// This program's own file.
fn this_program() -> Result<PathBuf, ClientError> {
    let this = std::env::current_exe().and_then(fs::canonicalize);
    this.map_err(|reason| ClientError::NoProgram(reason.into()))
}

/// The directories in which clients look for programs.
fn search_path(environment: &Environment) -> Vec<PathBuf> {
    let directories = std::env::split_paths(environment.get(EnvVars::PATH).unwrap_or_default());
    directories.filter(|directory| directory.is_absolute()).collect()
}

/// The name of the helper's file.
fn file_name() -> String {
    format!("{OWN_PROGRAM}{}", std::env::consts::EXE_SUFFIX)
}

/// Makes a link, unless it is there. One that leads nowhere, as to an old place of crhost, is replaced.
fn link(original: &Path, path: &Path, is_this: &dyn Fn(&Path) -> bool) -> io::Result<()> {
    if is_this(path) {
        return Ok(());
    }
    if path.is_symlink() && !path.exists() {
        fs::remove_file(path)?;
    }
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    new_link(original, path)
}

#[cfg(unix)]
fn new_link(original: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(original, path)
}

/// Symbolic links need a privilege on other systems.
#[cfg(not(unix))]
fn new_link(original: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(original, path).or_else(|_| fs::copy(original, path).map(drop))
}
