//! A build by a program on the `PATH`. What is to be pushed, it writes as an OCI archive to its standard output, which
//! is a file without a name: the push reads that, and crhost keeps no other copy.

mod arguments;
mod child;
mod output;

use std::path::PathBuf;
use std::sync::Arc;

use super::asked_for::{Address, Program};
use super::context::Context;
use super::error::BuildError;
use super::logins::{CONFIG, Logins};
use super::progress::{Event, Progress};
use super::request::{Request, Secret, SecretSource};
use super::secrets;
use super::temporary;
use crate::docker::Configuration;
use crate::environment::{EnvVars, Environment};
use crate::image::Digest;
use arguments::Call;
use child::{Child, Standard};

/// A program that builds, with all that it needs.
pub(super) struct Build<'a> {
    /// The program.
    pub(super) program: Program,
    /// Its file.
    pub(super) path: PathBuf,
    /// The BuildKit that it asks; by default, its own.
    pub(super) address: Option<Address>,
    /// The image.
    pub(super) request: &'a Request,
    /// The context.
    pub(super) context: &'a Context,
    /// What it may log in to; absent without a push, for which it runs with the user's own configuration.
    pub(super) logins: Option<&'a Logins>,
}

/// What a program has built.
pub(super) struct Outcome {
    /// The archive, if the image is to be pushed.
    pub(super) archive: Option<Arc<std::fs::File>>,
    /// The image's id in the program's own store.
    pub(super) id: Option<Digest>,
}

impl Build<'_> {
    /// Builds, and gives the archive if the image is to be pushed, and the image's id where the program has a store.
    ///
    /// # Errors
    /// When the program can't do what is asked for, or fails.
    pub(super) async fn run(
        &self,
        environment: &Environment,
        docker: &Configuration,
        progress: &dyn Progress,
    ) -> Result<Outcome, BuildError> {
        self.check()?;
        progress.event(Event::Builder(format!("`{}`", self.program).into()));
        let kept = temporary::directory()?;
        // Buildah and Podman read secrets from files alone.
        let mut readable = Vec::new();
        for (number, secret) in self.request.secrets.iter().enumerate() {
            // A missing one is an error of crhost's, with its words.
            let value = secrets::read(secret, environment)?;
            let source = match (&secret.source, self.program) {
                (SecretSource::Variable(_), Program::Buildah | Program::Podman) => {
                    let file = kept.path().join(format!("secret-{number}"));
                    temporary::write(&file, &value)?;
                    SecretSource::File(file)
                }
                (source, _) => source.clone(),
            };
            readable.push(Secret { id: secret.id.clone(), source });
        }
        let id_file = kept.path().join("id");
        let call = Call {
            program: self.program,
            address: self.address.as_ref(),
            request: self.request,
            context: self.context,
            secrets: &readable,
            id_file: &id_file,
        };
        let login = self.logins.map(|logins| logins.directory(docker.directory())).transpose()?;
        let mut variables = Vec::new();
        if let Some(directory) = &login {
            variables.push((EnvVars::DOCKER_CONFIG, Some(directory.path().to_owned())));
            variables.push((EnvVars::REGISTRY_AUTH_FILE, Some(directory.path().join(CONFIG))));
            variables.push((EnvVars::DOCKER_AUTH_CONFIG, None));
        }
        let child = |arguments| Child { program: self.program, path: &self.path, arguments, variables: &variables };
        let writes_archive = self.request.is_pushed && self.program.has_platforms();
        let mut archive = None;
        let standard = match writes_archive {
            true => Standard::File(archive.insert(Arc::new(tempfile::tempfile().map_err(BuildError::keep)?))),
            false => Standard::Lines,
        };
        child(call.build()).run(standard, progress).await?;
        // Absent for programs without a store of their own.
        let id = std::fs::read_to_string(&id_file).ok().and_then(|id| id.trim().parse::<Digest>().ok());
        if self.request.is_pushed && !writes_archive {
            let builder = || format!("`{}`", self.program).into();
            let id = id.as_ref().ok_or_else(|| BuildError::NoImage { builder: builder() })?;
            let named = kept.path().join("archive");
            let file = archive.insert(Arc::new(tempfile::tempfile().map_err(BuildError::keep)?));
            child(call.export(id.as_str(), &named)).run(Standard::File(file), progress).await?;
            if self.program == Program::Buildah {
                // Its name goes away with the directory.
                *file = Arc::new(std::fs::File::open(&named).map_err(BuildError::keep)?);
            }
        }
        Ok(Outcome { archive, id })
    }

    /// Refuses what the program can't do.
    fn check(&self) -> Result<(), BuildError> {
        let unable = |option, reason, hint| BuildError::Unable {
            builder: format!("`{}`", self.program).into(),
            option,
            reason,
            hint,
        };
        let (program, request) = (self.program, self.request);
        if request.platforms.len() > 1 && !program.has_platforms() {
            let hint = "name one, or take `--builder buildx`";
            return Err(unable("--platform", "it gives one platform at once as an archive", hint));
        }
        if program == Program::Buildctl && request.arguments.iter().any(|(_, value)| value.is_none()) {
            // Its own command line is what every user of this machine can read.
            let hint = "give `--build-arg NAME=VALUE` for what is no secret, and `--secret id=NAME` for what is";
            return Err(unable("--build-arg NAME", "it takes values on its command line alone", hint));
        }
        if program == Program::Buildctl && !request.is_pushed && !request.names.is_empty() {
            let hint = "say with `--to` where the image goes";
            return Err(unable("--tag", "it keeps no images, so that a name means nothing", hint));
        }
        Ok(())
    }
}
