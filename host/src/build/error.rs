//! Reasons why a build fails.

use std::io;
use std::path::Path;

use super::progress::without_escapes;
use crate::docker::{EngineError, LocateError};
use crate::error::Explain;
use crate::image::Platform;
use crate::source::SourceError;
use crate::text::{Escaped, Foreign, quoted};

/// A build that failed.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = General)]
pub(crate) enum BuildError {
    /// The Docker daemon's address is not known.
    #[error(transparent)]
    #[explain(transparent)]
    Locate(#[from] LocateError),
    /// The Docker daemon failed.
    #[error(transparent)]
    #[explain(transparent)]
    Docker(#[from] EngineError),
    /// What was built can't be read.
    #[error(transparent)]
    #[explain(transparent)]
    Source(#[from] SourceError),
    /// The context does not exist.
    #[error("the build context `{path}` can't be read: {reason}")]
    #[explain(kind = NotFound, hint = "give the directory with what the image is made of, or `-` for a tar archive on \
                                       standard input")]
    NoContext {
        /// The directory.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// The context is a file.
    #[error("the build context `{0}` is no directory")]
    #[explain(kind = Usage, hint = "give the directory; a Dockerfile is named by `--file`, and a tar archive is read from \
                                    standard input: `crhost build - < FILE`")]
    NotDirectory(Escaped),
    /// The context is a URL.
    #[error("the build context `{0}` is a URL, and crhost builds from a directory or from standard input")]
    #[explain(kind = Usage, hint = "clone it: `git clone --depth=1 URL DIRECTORY`, then `crhost build DIRECTORY`")]
    RemoteContext(Escaped),
    /// The context on standard input is empty, or no archive.
    #[error("standard input has no build context: {0}")]
    #[explain(kind = Usage, hint = "write a tar archive, plain or compressed, or a Dockerfile")]
    Input(Escaped),
    /// There is no Dockerfile.
    #[error("there is no Dockerfile `{0}`")]
    #[explain(kind = NotFound, hint = "name it with `--file`, or have one written: `--parent-image IMAGE`, with \
                                       `--requirement FILE`, `--apt PACKAGE` and `--copy .`")]
    NoDockerfile(Escaped),
    /// A file of the context can't be read.
    #[error("`{path}` in the build context can't be read: {reason}")]
    #[explain(hint = "make it readable, or leave it out with a line in `.dockerignore`")]
    Unreadable {
        /// The file.
        path: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// A line of an ignore file is no pattern.
    #[error("`{file}` has a line that is no pattern: `{line}`")]
    #[explain(kind = Usage, hint = "a pattern has pairs of brackets, and something behind a `!` or a `\\`")]
    Pattern {
        /// The file.
        file: Escaped,
        /// The line.
        line: Escaped,
    },
    /// The context can't be sent.
    #[error("the build context can't be sent: {0}")]
    Send(Foreign<io::Error>),
    /// A setting of the image that crhost writes a Dockerfile for can't be one.
    #[error("`{value}` is no {what}: expected {expected}")]
    #[explain(kind = Usage)]
    Setting {
        /// The kind of setting.
        what: &'static str,
        /// The value.
        value: Escaped,
        /// What it should be.
        expected: &'static str,
    },
    /// A file that a setting names is not in the context.
    #[error("`{path}`, which `{option}` names, is not in the build context `{context}`")]
    #[explain(kind = NotFound, hint = "give its path below the context")]
    NotInContext {
        /// The option.
        option: &'static str,
        /// The path.
        path: Escaped,
        /// The context.
        context: Escaped,
    },
    /// A secret can't be read.
    #[error("the secret `{id}` can't be read: {reason}")]
    #[explain(kind = NotFound, hint = "give `--secret id=ID,src=FILE` or `--secret id=ID,env=VARIABLE`")]
    Secret {
        /// Its id.
        id: Escaped,
        /// Why.
        reason: Escaped,
    },
    /// There is no builder.
    #[error("no builder was found: {}", listed(.looked_for))]
    #[explain(kind = NotFound, hint = "start Docker, install `buildah` or `podman`, or name a BuildKit with \
                                       `--builder tcp://HOST:PORT`")]
    NoBuilder {
        /// What was looked for, and why it is no builder.
        looked_for: Vec<Escaped>,
    },
    /// The builder that was asked for is missing.
    #[error("the builder `{program}` is not there: {reason}")]
    #[explain(kind = NotFound, hint = "install it, or leave `--builder` out to have one found")]
    Missing {
        /// The program.
        program: Escaped,
        /// Why.
        reason: Escaped,
    },
    /// The builder can't do what is asked for.
    #[error("{builder} can't do what `{option}` asks for: {reason}")]
    #[explain(kind = Usage, hint = (*hint).to_owned())]
    Unable {
        /// The builder.
        builder: Escaped,
        /// The option.
        option: &'static str,
        /// Why.
        reason: &'static str,
        /// The next step.
        hint: &'static str,
    },
    /// The build failed.
    #[error("the build failed{}: {reason}{}", at(.step), last(.lines))]
    #[explain(hint = hint.as_ref().map(ToString::to_string))]
    Failed {
        /// The step that failed, as its builder names it.
        step: Option<Escaped>,
        /// The builder's reason.
        reason: Escaped,
        /// The last lines of what the step wrote.
        lines: Vec<Escaped>,
        /// The next step, where there is one.
        hint: Option<Escaped>,
    },
    /// The builder ended without an image.
    #[error("{builder} ended without naming an image")]
    #[explain(kind = Verification, hint = "build again; with `--progress plain` its output is shown")]
    NoImage {
        /// The builder.
        builder: Escaped,
    },
    /// The builder ended well, and what it wrote is no archive.
    #[error("{builder} wrote no archive of an image: {reason}")]
    #[explain(kind = Verification, hint = "build again; with `--progress plain` its output is shown")]
    NoArchive {
        /// The builder.
        builder: Escaped,
        /// The missing or wrong part.
        reason: Escaped,
    },
    /// A program can't be run.
    #[error("`{program}` can't be run: {reason}")]
    Run {
        /// The program.
        program: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// A file that the build needs can't be kept.
    #[error("nothing can be kept in `{directory}`: {reason}")]
    #[explain(hint = "name a directory with room in `TMPDIR`")]
    Keep {
        /// The directory of temporary files.
        directory: Escaped,
        /// The operating system's reason.
        reason: Foreign<io::Error>,
    },
    /// The image is for another platform than asked for.
    #[error("the image was built for {found}, and `--platform` asks for {wanted}")]
    #[explain(kind = Verification, hint = "name it in the Dockerfile, `FROM --platform=…`, or take a base image that is \
                                           for it; nothing was pushed")]
    Platform {
        /// The requested platform.
        wanted: Box<Platform>,
        /// The image's.
        found: Box<Platform>,
    },
    /// A thread panicked.
    #[error("the build stopped: {0}")]
    Thread(Escaped),
}

/// Longest reason of a builder that is shown, in characters.
const MAX_REASON: usize = 1_000;
/// Words of registries that refuse a base image, in lower case.
const REFUSALS: [&str; 6] = [
    "unauthorized",
    "access denied",
    "authorization failed",
    "failed to authorize",
    "authentication required",
    "no basic auth",
];
/// Words of a daemon that runs without its network (`dockerd --bridge=none`), in lower case.
const NO_BRIDGE: &str = "network bridge not found";

impl BuildError {
    /// The error for a file of the context.
    pub(super) fn unreadable(path: &Path, reason: io::Error) -> Self {
        Self::Unreadable { path: path.into(), reason: reason.into() }
    }

    /// The error for a build that failed at a step.
    pub(super) fn failed(step: Option<Escaped>, reason: &str, lines: Vec<Escaped>) -> Self {
        let reason = without_escapes(reason);
        let words = reason.to_ascii_lowercase();
        let hint = if REFUSALS.iter().any(|refusal| words.contains(refusal)) {
            let log_in = "register the registry of the base image with a connector, or `docker login HOST`; the builder \
                          gets no login for the one that is pushed to, unless `--builder-login` allows it";
            Some(log_in.into())
        } else if words.contains(NO_BRIDGE) {
            let network = "this daemon has no network of its own for steps: give `--network none`, or `--network host` \
                           if they need one";
            Some(network.into())
        } else {
            None
        };
        Self::Failed { step, reason: Escaped::new(&reason, MAX_REASON), lines, hint }
    }

    /// The error for a temporary file.
    pub(super) fn keep(reason: io::Error) -> Self {
        Self::Keep { directory: std::env::temp_dir().into(), reason: reason.into() }
    }
}

/// Reasons in one line.
pub(super) fn listed(all: &[Escaped]) -> String {
    all.iter().map(Escaped::as_str).collect::<Vec<_>>().join("; ")
}

fn at(step: &Option<Escaped>) -> String {
    step.as_ref().map_or_else(String::new, |step| format!(" at `{step}`"))
}

fn last(lines: &[Escaped]) -> String {
    match lines.is_empty() {
        true => String::new(),
        false => format!("; the last of its output: {}", quoted(lines)),
    }
}
