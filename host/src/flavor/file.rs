//! Reads the file of a component, and says what to give where something else was given.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::admission::check_kind;
use super::error::AdmissionError;
use super::raised;
use crate::error::Explain as _;
use crate::image::Reference;
use crate::text::{Escaped, Foreign, Printable, quoted};

/// Directories that builds write components to, below that of a project.
const BUILT: [&str; 5] = ["", "target/wasm32-wasip2/release", "target/wasm32-wasip1/release", "build", "dist"];

/// Components of a directory that are named: a project has one.
const NAMED: usize = 3;

/// Why a component's file can't be read.
#[derive(Debug, thiserror::Error, Printable)]
pub(crate) enum ReadError {
    /// The operating system's reason.
    #[error(transparent)]
    Io(Foreign<io::Error>),
    /// A directory.
    #[error("it is a directory")]
    Directory {
        /// Components in it.
        built: Vec<Escaped>,
    },
    /// A pipe or a device.
    #[error("it is no regular file")]
    NotAFile,
    /// Too large for a component.
    #[error(transparent)]
    Admission(#[from] AdmissionError),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.into())
    }
}

impl ReadError {
    /// The next step for whoever gave this path.
    #[must_use]
    pub(crate) fn hint(&self, path: &Escaped) -> Escaped {
        self.advice(path).unwrap_or_else(|| "give the path of a WebAssembly component, a `.wasm` file".into())
    }

    /// The same where more can be said than what is expected.
    #[must_use]
    pub(crate) fn advice(&self, path: &Escaped) -> Option<Escaped> {
        let path = path.as_str();
        let is_missing = matches!(self, Self::Io(reason) if reason.0.kind() == io::ErrorKind::NotFound);
        let is_artifact =
            || !path.ends_with(".wasm") && Reference::names_host(path) && path.parse::<Reference>().is_ok();
        match self {
            Self::Admission(reason) => reason.hint(),
            Self::Directory { built } if built.is_empty() => Some(
                "give the component that its build writes, a `.wasm` file; the `README.md` of a project of `crhost flavor \
                 new` has the command that builds it"
                    .into(),
            ),
            Self::Directory { built } => Some(format!("give the component in it: {}", quoted(built)).into()),
            _ if path.starts_with("oci://") => Some(
                "`crhost flavor register` and `crhost policy register` take a component from a registry; after that its \
                 name stands for it"
                    .into(),
            ),
            _ if is_missing && is_artifact() => {
                Some(format!("what is in a registry is registered as `oci://{path}`, a file by its path").into())
            }
            _ => None,
        }
    }
}

/// Reads a component's file, at most [`raised::component_bytes`] and one byte more.
///
/// # Errors
/// When it cannot be read, is no regular file, or is too large.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ReadError> {
    // Before it is opened: opening a pipe would wait for a writer.
    let facts = fs::metadata(path)?;
    if facts.is_dir() {
        return Err(ReadError::Directory { built: built(path) });
    }
    if !facts.is_file() {
        return Err(ReadError::NotAFile);
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > raised::component_bytes() {
        return Err(AdmissionError::TooLarge(size).into());
    }
    let mut bytes = Vec::new();
    file.take(raised::component_bytes() + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The components of a project, where builds of most languages put them.
fn built(directory: &Path) -> Vec<Escaped> {
    let files = BUILT.iter().filter_map(|below| fs::read_dir(directory.join(below)).ok()).flatten().flatten();
    let mut found: Vec<PathBuf> = files.map(|entry| entry.path()).filter(|path| is_component(path)).collect();
    found.sort();
    found.iter().take(NAMED).map(|path| Escaped::from(path.as_path())).collect()
}

/// Whether a file begins as a component: what a build leaves beside it, such as a core module, does not.
fn is_component(path: &Path) -> bool {
    let mut preamble = [0; 8];
    let is_file = path.extension().is_some_and(|extension| extension == "wasm") && path.is_file();
    is_file
        && File::open(path).is_ok_and(|mut file| file.read_exact(&mut preamble).is_ok())
        && check_kind(&preamble).is_ok()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn hint(path: &str) -> String {
        read(Path::new(path)).unwrap_err().hint(&path.into()).to_string()
    }

    #[test]
    fn a_directory_names_the_components_that_were_built_in_it() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().display().to_string();
        assert!(hint(&path).contains("`crhost flavor new`"), "{}", hint(&path));
        let release = directory.path().join("target/wasm32-wasip2/release");
        fs::create_dir_all(&release).unwrap();
        fs::write(release.join("acme.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
        fs::write(release.join("core.wasm"), b"\0asm\x01\0\0\0").unwrap();
        fs::write(release.join("acme.d"), "").unwrap();
        assert_eq!(hint(&path), format!("give the component in it: `{path}/target/wasm32-wasip2/release/acme.wasm`"));
    }

    #[test]
    fn a_name_in_a_registry_without_its_scheme_is_told_from_a_missing_file() {
        for artifact in ["localhost:5000/acme/myreg:1", "ghcr.io/acme/myreg", "ghcr.io/acme/myreg:1.2.0"] {
            assert!(hint(artifact).contains(&format!("`oci://{artifact}`")), "{}", hint(artifact));
        }
        for file in ["myreg.wasm", "target/nowhere/myreg.wasm", "nowhere/at/all", "out.d/myreg.wasm", "myreg"] {
            assert!(hint(file).starts_with("give the path"), "{}", hint(file));
        }
        assert!(hint("oci://ghcr.io/acme/myreg").contains("`crhost flavor register`"));
    }
}
