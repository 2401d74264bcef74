//! The context of a build: a directory, less what its ignore file leaves out, and a Dockerfile.

mod ignore;
mod input;
mod pack;
mod pattern;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::Stream;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::BuildError;
use super::request::DockerfilePlace;
use super::temporary;
use crate::bounded;
use crate::image::Digest;
use crate::text::Foreign;
use ignore::Ignore;
use input::MAX_FILE;
use pack::Pack;

/// Bytes of a context that are packed ahead of the daemon: blocks of 64 KiB.
const BLOCK: usize = 64 << 10;
/// Blocks between the thread that packs and the connection.
const BLOCKS: usize = 8;
/// Names of a Dockerfile that is not named: Docker's, and Podman's.
const NAMES: [&str; 2] = [DOCKERFILE, "Containerfile"];
/// The name of a Dockerfile that was written for a build.
const DOCKERFILE: &str = "Dockerfile";
/// The directory of a context in an archive that has the Dockerfile beside it.
const BELOW: &str = "context/";
/// The context that is read from standard input.
const INPUT: &str = "-";

/// A context that can be built.
pub(crate) struct Context {
    /// The directory.
    pub(super) directory: PathBuf,
    /// The Dockerfile's text.
    dockerfile: String,
    /// Where the Dockerfile lies.
    place: Place,
    /// The same Dockerfile for a context that lies beside it, if crhost wrote it.
    beside: Option<String>,
    ignore: Option<OwnIgnore>,
    /// What was unpacked or written for this build; it goes away with the context.
    _kept: TempDir,
}

enum Place {
    /// Below the directory.
    Inside(String),
    /// A file elsewhere, for builders that read one.
    Outside(PathBuf),
}

impl Place {
    /// The Dockerfile of a context in this directory.
    fn file(&self, directory: &Path) -> PathBuf {
        match self {
            Self::Inside(path) => directory.join(path),
            Self::Outside(path) => path.clone(),
        }
    }
}

/// The ignore file of a context.
struct OwnIgnore {
    path: PathBuf,
    text: String,
    /// Whether it is that of this one Dockerfile (`Dockerfile.dockerignore`), which goes before the context's.
    is_of_dockerfile: bool,
}

impl Context {
    /// Opens a context; `-` is a tar archive or a Dockerfile on standard input.
    ///
    /// # Errors
    /// When there is no such directory or Dockerfile, or one of the files can't be read.
    pub(crate) fn open(path: &Path, dockerfile: &DockerfilePlace) -> Result<Self, BuildError> {
        if is_remote(path) {
            return Err(BuildError::RemoteContext(path.into()));
        }
        let (directory, kept, on_input) = match path == Path::new(INPUT) {
            true => input::unpack(io::stdin().lock())?,
            false => (directory(path)?, temporary::directory()?, None),
        };
        let written = |text: &str| {
            let file = kept.path().join(DOCKERFILE);
            fs::write(&file, text).map_err(BuildError::keep).map(|()| file)
        };
        let mut beside = None;
        let (place, text) = match (dockerfile, on_input) {
            (DockerfilePlace::Recipe(recipe), _) => {
                beside = Some(recipe.dockerfile(&directory, BELOW)?);
                let text = recipe.dockerfile(&directory, "")?;
                (Place::Outside(written(&text)?), text)
            }
            (DockerfilePlace::Default, Some(text)) => (Place::Outside(written(&text)?), text),
            (DockerfilePlace::Input, _) => {
                let text = bounded::read(io::stdin().lock(), MAX_FILE);
                let text = text.map_err(|reason| BuildError::Input(reason.to_string().into()))?;
                let text = String::from_utf8_lossy(&text).into_owned();
                (Place::Outside(written(&text)?), text)
            }
            (DockerfilePlace::File(file), _) => {
                // Of a context on standard input it is a file in there.
                let file = if path == Path::new(INPUT) { directory.join(file) } else { file.clone() };
                named(&directory, &file)?
            }
            (DockerfilePlace::Default, None) => default(&directory)?,
        };
        let ignore = own_ignore(&directory, &place)?;
        Ok(Self { directory, dockerfile: text, place, beside, ignore, _kept: kept })
    }

    /// The Dockerfile's text.
    #[must_use]
    pub(crate) fn dockerfile(&self) -> &str {
        &self.dockerfile
    }

    /// The Dockerfile as a file, for builders that read one.
    pub(super) fn dockerfile_path(&self) -> PathBuf {
        self.place.file(&self.directory)
    }

    /// The name of the Dockerfile in the stream of [`Context::stream`].
    pub(super) fn dockerfile_name(&self) -> String {
        match &self.place {
            _ if self.beside.is_some() => DOCKERFILE.to_owned(),
            Place::Inside(path) => path.clone(),
            // The same for the same content, so that nothing is built again because of a name.
            Place::Outside(_) => {
                let digest = Digest::of(self.dockerfile.as_bytes());
                format!(".dockerfile.{}", digest.hex().get(..20).unwrap_or_default())
            }
        }
    }

    /// The context as a tar stream, and the end of the thread that packs it. The thread's error says more than the
    /// stream's. With `keeps_ignore_file` the stream has an ignore file by which the receiver leaves out of the image
    /// what it was sent only for the build: the classic builder reads it.
    ///
    /// # Errors
    /// When a line of the ignore file is no pattern.
    pub(super) fn stream(
        &self,
        keeps_ignore_file: bool,
    ) -> Result<(impl Stream<Item = io::Result<Bytes>> + Send + use<>, Packing), BuildError> {
        let pack = self.pack(keeps_ignore_file)?;
        let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(BLOCKS);
        let thread = tokio::task::spawn_blocking(move || {
            let writer = io::BufWriter::with_capacity(BLOCK, Blocks(sender.clone()));
            let packed = pack.write(writer);
            if packed.is_err() {
                // The body of the request breaks off, so that the daemon does not take a part for the whole.
                let _ = sender.blocking_send(Err(io::ErrorKind::BrokenPipe.into()));
            }
            packed
        });
        let blocks = futures_util::stream::unfold(receiver, |mut receiver| async move {
            let block = receiver.recv().await?;
            Some((block, receiver))
        });
        Ok((blocks, thread))
    }

    fn pack(&self, keeps_ignore_file: bool) -> Result<Pack, BuildError> {
        let text = self.ignore.as_ref().map_or("", |own| own.text.as_str());
        let ignore = Ignore::parse(text).map_err(|line| BuildError::Pattern {
            file: self.ignore.as_ref().map(|own| own.path.as_path().into()).unwrap_or_default(),
            line: line.into(),
        })?;
        let name = self.dockerfile_name();
        if let Some(text) = &self.beside {
            // Nothing but the context is in its directory, so that `COPY .` copies nothing else.
            let files = vec![(name, text.clone().into_bytes())];
            let (always, never, below) = (Vec::new(), Vec::new(), BELOW);
            return Ok(Pack { directory: self.directory.clone(), below, ignore, always, never, files });
        }
        let (mut always, mut never, mut files) = (Vec::new(), Vec::new(), Vec::new());
        match &self.place {
            Place::Inside(path) => always.push(path.clone()),
            Place::Outside(_) => files.push((name.clone(), self.dockerfile.clone().into_bytes())),
        }
        if keeps_ignore_file {
            let is_of_dockerfile = self.ignore.as_ref().is_some_and(|own| own.is_of_dockerfile);
            let hides = matches!(self.place, Place::Outside(_)) || ignore.is_ignored(&name);
            if is_of_dockerfile || matches!(self.place, Place::Outside(_)) {
                // Its own ignore file would take away what this one leaves in.
                never.push(IGNORE_FILE.to_owned());
                let hidden = if hides { format!("{name}\n{IGNORE_FILE}\n") } else { String::new() };
                files.push((IGNORE_FILE.to_owned(), hidden.into_bytes()));
            } else {
                always.push(IGNORE_FILE.to_owned());
            }
        }
        Ok(Pack { directory: self.directory.clone(), below: "", ignore, always, never, files })
    }
}

/// The thread that packs a context.
type Packing = JoinHandle<Result<(), BuildError>>;

/// The ignore file of a context.
const IGNORE_FILE: &str = ".dockerignore";

/// Blocks that go to the connection.
struct Blocks(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let block = Bytes::copy_from_slice(bytes);
        self.0.blocking_send(Ok(block)).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether it is a context that Docker would fetch.
fn is_remote(path: &Path) -> bool {
    let text = path.to_string_lossy();
    let starts = ["http://", "https://", "git://", "git@", "ssh://"];
    starts.iter().any(|start| text.starts_with(start)) || text.starts_with("github.com/") && !path.exists()
}

fn directory(path: &Path) -> Result<PathBuf, BuildError> {
    let no_context = |reason: io::Error| BuildError::NoContext { path: path.into(), reason: reason.into() };
    let found = fs::metadata(path).map_err(no_context)?;
    if !found.is_dir() {
        return Err(BuildError::NotDirectory(path.into()));
    }
    // Links in it are followed to the context, and none in it.
    path.canonicalize().map_err(no_context)
}

/// The Dockerfile that is not named.
fn default(directory: &Path) -> Result<(Place, String), BuildError> {
    for name in NAMES {
        if let Some(text) = read(&directory.join(name))? {
            return Ok((Place::Inside(name.to_owned()), text));
        }
    }
    Err(BuildError::NoDockerfile(directory.join(DOCKERFILE).into()))
}

/// The Dockerfile at a path of the working directory, as Docker has it.
fn named(directory: &Path, file: &Path) -> Result<(Place, String), BuildError> {
    let text = read(file)?.ok_or_else(|| BuildError::NoDockerfile(file.into()))?;
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let whole = parent.canonicalize().ok().zip(file.file_name()).map(|(parent, name)| parent.join(name));
    let whole = whole.unwrap_or_else(|| file.to_owned());
    let inside = whole.strip_prefix(directory).ok().and_then(Path::to_str).map(ToOwned::to_owned);
    Ok((inside.map_or(Place::Outside(whole), Place::Inside), text))
}

/// The text of a file; `None` where there is none.
fn read(file: &Path) -> Result<Option<String>, BuildError> {
    let opened = match fs::File::open(file) {
        Ok(opened) => opened,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(BuildError::unreadable(file, reason)),
    };
    let text = bounded::read(opened, MAX_FILE);
    let text = text.map_err(|reason| BuildError::unreadable(file, io::Error::other(Foreign(reason).to_string())))?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// The ignore file that counts: that of the Dockerfile beside it, else that of the context.
fn own_ignore(directory: &Path, place: &Place) -> Result<Option<OwnIgnore>, BuildError> {
    let mut name = place.file(directory).into_os_string();
    name.push(IGNORE_FILE);
    for (path, is_of_dockerfile) in [(PathBuf::from(name), true), (directory.join(IGNORE_FILE), false)] {
        if let Some(text) = read(&path)? {
            return Ok(Some(OwnIgnore { path, text, is_of_dockerfile }));
        }
    }
    Ok(None)
}
