//! The program `docker-credential-crhost`: this program, by a name that clients look for on the `PATH`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ClientError;
use super::search_path::{called, is_on, leads_to, whole};
use crate::docker::protocol::OWN_PROGRAM;
use crate::environment::Environment;
use crate::store::{ClientEdit, EditPlace, Store};

/// The helper's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// Its path.
    pub(crate) path: PathBuf,
    /// Whether clients with the same `PATH` find it.
    pub(crate) is_on_path: bool,
    /// Whether it has to be made.
    is_new: bool,
    /// The program that it links to.
    original: PathBuf,
}

/// The member, not of any file, under which the link that was made is recorded.
const MEMBER: &str = "link";

impl Program {
    /// Whether it has to be made.
    #[must_use]
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }
}

/// This program's own file.
fn this_program() -> Result<PathBuf, ClientError> {
    let this = std::env::current_exe().and_then(fs::canonicalize);
    this.map_err(|reason| ClientError::NoProgram(reason.into()))
}

/// Finds the helper's program, or the places that it can be made in: `directory`, or beside the name by which this
/// program is called, beside the file that the name leads to, and in `~/.local/bin`; of these first where the `PATH`
/// leads.
///
/// # Errors
/// When another program has its name.
pub(crate) fn find(environment: &Environment, directory: Option<&Path>) -> Result<Vec<Program>, ClientError> {
    let (this, search_path, file) = (this_program()?, environment.search_path(), file_name());
    let is_this = |path: &Path| leads_to(path, &this);
    let found = search_path.iter().map(|directory| directory.join(&file)).find(|path| path.is_file());
    match found {
        Some(path) if is_this(&path) => {
            return Ok(vec![Program { path, is_on_path: true, is_new: false, original: this }]);
        }
        Some(path) if directory.is_none() => return Err(ClientError::OtherProgram(path.into())),
        _ => {}
    }
    let typed = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let called = called(&this, &file, &search_path, &typed);
    let original = called.first().unwrap_or(&this).clone();
    let directories = match directory {
        Some(directory) => vec![whole(directory)],
        None => {
            let beside = called.iter().chain([&this]).filter_map(|path| path.parent().map(Path::to_owned));
            let mut all: Vec<PathBuf> = Vec::new();
            for directory in beside.chain(environment.home().map(|home| home.join(".local/bin"))) {
                if !all.contains(&directory) {
                    all.push(directory);
                }
            }
            all.sort_by_key(|directory| !is_on(&search_path, directory));
            all
        }
    };
    let program = |directory: PathBuf| {
        let (is_on_path, path) = (is_on(&search_path, &directory), directory.join(&file));
        Program { is_new: !is_this(&path), is_on_path, path, original: original.clone() }
    };
    Ok(directories.into_iter().map(program).collect())
}

/// Whether clients with the same `PATH` find a program of the helper's name.
#[must_use]
pub(super) fn is_found(environment: &Environment) -> bool {
    let file = file_name();
    environment.search_path().iter().any(|directory| directory.join(&file).is_file())
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
    let mut paths = environment.search_path().into_iter().map(|directory| directory.join(&file));
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

/// The name of the helper's file.
fn file_name() -> String {
    format!("{OWN_PROGRAM}{}", std::env::consts::EXE_SUFFIX)
}

/// Makes the first of these programs that can be made, and records that.
///
/// # Errors
/// When another program has its name, no directory takes it, or the store can't be written.
pub(crate) fn place(store: &Store, programs: Vec<Program>) -> Result<Program, ClientError> {
    if let Some(there) = programs.first().filter(|program| !program.is_new) {
        return Ok(there.clone());
    }
    store.edit_clients(|edits| {
        let mut first = None;
        for program in programs {
            let (path, original) = (program.path.display().to_string(), program.original.display().to_string());
            // Recorded first: what can't be recorded is not made.
            edits.put(place_of(&path), &ClientEdit { before: None, after: original.into(), made_member: false })?;
            match link(&program.original, &program.path) {
                Ok(()) => return Ok(program),
                Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(ClientError::OtherProgram(program.path.into()));
                }
                Err(reason) => _ = first.get_or_insert((program.path, reason)),
            }
            edits.remove(place_of(&path))?;
        }
        let (path, reason) = first.unwrap_or_else(|| (PathBuf::new(), io::ErrorKind::NotFound.into()));
        let directory = path.parent().unwrap_or(&path);
        Err(ClientError::NoDirectory { directory: directory.into(), reason: reason.into() })
    })
}

/// Removes the links to this program that crhost made, if no file names it as a helper any more. Returns their paths.
///
/// # Errors
/// When a link can't be removed, or the store can't be read or written.
pub(crate) fn remove(store: &Store, is_needed: bool) -> Result<Vec<PathBuf>, ClientError> {
    let this = this_program()?;
    store.edit_clients(|edits| {
        if is_needed || !edits.files(super::install::MEMBER)?.is_empty() {
            return Ok(Vec::new());
        }
        let mut removed = Vec::new();
        for (file, _) in edits.files(MEMBER)? {
            let path = PathBuf::from(&file);
            if path.is_symlink() && fs::canonicalize(&path).is_ok_and(|found| found == this) {
                let failed =
                    |reason: io::Error| ClientError::LinkStays { path: path.clone().into(), reason: reason.into() };
                fs::remove_file(&path).map_err(failed)?;
                removed.push(path);
            }
            edits.remove(place_of(&file))?;
        }
        Ok(removed)
    })
}

/// Where a link is recorded.
fn place_of(path: &str) -> EditPlace<'_> {
    EditPlace { file: path, member: MEMBER, key: OWN_PROGRAM }
}

/// Makes a link. One that leads nowhere, as to an old place of crhost, is replaced.
fn link(original: &Path, path: &Path) -> io::Result<()> {
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
