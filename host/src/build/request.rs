//! The user's request to build.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

use super::asked_for::BuilderChoice;
use super::recipe::Recipe;
use crate::docker::Chosen;
use crate::image::{Host, Platform};
use crate::text::{Escaped, Printable};

/// The image to build, and the manner of the build.
pub(crate) struct Request {
    /// The builder.
    pub(crate) builder: BuilderChoice,
    /// The Docker daemon, where that builds.
    pub(crate) daemon: Chosen,
    /// Names that the image gets in the builder's own store.
    pub(crate) names: Vec<String>,
    /// Build arguments; without a value it is that of the environment's variable of this name.
    pub(crate) arguments: Vec<(String, Option<String>)>,
    /// The stage to build (`--target`).
    pub(crate) stage: Option<String>,
    /// Labels.
    pub(crate) labels: Vec<(String, String)>,
    /// The requested platforms; by default, the builder's own.
    pub(crate) platforms: Vec<Platform>,
    /// Caches to read: an image's name, or `type=…`.
    pub(crate) cache_from: Vec<String>,
    /// Caches to write.
    pub(crate) cache_to: Vec<String>,
    /// Secrets for `RUN --mount=type=secret`.
    pub(crate) secrets: Vec<Secret>,
    /// Whether base images are fetched again.
    pub(crate) pull: bool,
    /// Whether no step is taken from the cache.
    pub(crate) no_cache: bool,
    /// The network of `RUN`.
    pub(crate) network: Option<String>,
    /// Whether the image is to be pushed, so that it has to be where a push finds it.
    pub(crate) is_pushed: bool,
    /// The registries that it is pushed to: the builder gets no login for them.
    pub(crate) target_hosts: BTreeSet<Host>,
}

/// Where the Dockerfile is.
pub(crate) enum DockerfilePlace {
    /// In the context, under its usual name.
    Default,
    /// This file.
    File(PathBuf),
    /// Standard input.
    Input,
    /// One that crhost writes.
    Recipe(Recipe),
}

/// A secret of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// Its id in the Dockerfile.
    pub(crate) id: String,
    /// Where its value is.
    pub(crate) source: SecretSource,
}

/// Where a secret's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// A file.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
}

/// A text that describes no secret. It is not shown: a user may have put the secret itself there.
#[derive(Debug, thiserror::Error, Printable)]
#[error("expected `id=ID,src=FILE` or `id=ID,env=VARIABLE`{0}")]
pub(crate) struct SecretError(Escaped);

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        let wrong = |reason: &str| SecretError(reason.into());
        let (mut id, mut file, mut variable, mut kind) = (None, None, None, None);
        for part in text.split(',') {
            let (key, value) = part.split_once('=').ok_or_else(|| wrong(""))?;
            match key.trim().to_ascii_lowercase().as_str() {
                "id" => id = Some(value.to_owned()),
                "src" | "source" => file = Some(value.to_owned()),
                "env" => variable = Some(value.to_owned()),
                "type" if matches!(value, "file" | "env") => kind = Some(value.to_owned()),
                _ => return Err(wrong("")),
            }
        }
        let id = id.filter(|id| !id.is_empty() && !id.contains(char::is_control)).ok_or_else(|| wrong(""))?;
        // As BuildKit has it: `type=env,src=NAME` is a variable, and an id alone is a variable of this name.
        let source = match (file, variable, kind.as_deref()) {
            (None, Some(variable), _) | (Some(variable), None, Some("env")) => SecretSource::Variable(variable),
            (Some(file), None, _) => SecretSource::File(file.into()),
            (None, None, _) => SecretSource::Variable(id.clone()),
            (Some(_), Some(_), _) => return Err(wrong(", and not both")),
        };
        Ok(Self { id, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_file_or_a_variable() {
        let file = |id: &str, file: &str| Secret { id: id.to_owned(), source: SecretSource::File(file.into()) };
        let variable =
            |id: &str, name: &str| Secret { id: id.to_owned(), source: SecretSource::Variable(name.to_owned()) };
        for (text, secret) in [
            ("id=a,src=/x", file("a", "/x")),
            ("type=file,id=a,source=x", file("a", "x")),
            ("id=a,env=TOKEN", variable("a", "TOKEN")),
            ("id=a,type=env,src=TOKEN", variable("a", "TOKEN")),
            ("id=TOKEN", variable("TOKEN", "TOKEN")),
        ] {
            assert_eq!(text.parse::<Secret>().unwrap(), secret, "{text}");
        }
        for bad in ["", "a", "id=", "src=x", "id=a,src=x,env=y", "id=a,type=ssh", "hunter2"] {
            let error = bad.parse::<Secret>().unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{bad}");
        }
    }
}
