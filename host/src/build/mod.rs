//! Builds of images: by the Docker daemon, or by a program that builds.
//!
//! Whoever builds holds no credentials for the registry that the image goes to: a build runs commands of others, and
//! what it can't hold it can't lose. It leaves the image where a push finds it, and the push logs in.

mod asked_for;
mod builder;
mod context;
mod daemon;
mod dockerfile;
mod error;
mod find;
mod logins;
mod program;
mod progress;
mod recipe;
mod request;
mod secrets;
mod tail;
mod temporary;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use asked_for::BuilderChoice;
pub(crate) use context::Context;
pub(crate) use error::BuildError;
pub(crate) use progress::{Event, Progress};
pub(crate) use recipe::Recipe;
pub(crate) use request::{DockerfilePlace, Request, Secret};

use crate::credential::Credential;
use crate::docker::Configuration;
use crate::environment::Environment;
use crate::image::{Config, Digest, Host, Platform, Reference};
use crate::source::{Image, Location, NamesError, Options, Source, SourceError};
use crate::text::Escaped;
use builder::Builder;
use logins::Logins;
use program::Outcome;

/// An image that was built.
pub(crate) struct Built {
    /// Where a push finds it; absent if none was asked for and the builder keeps it to itself.
    pub(crate) location: Option<Location>,
    /// Its id: for Docker the daemon's, else the digest of its configuration; absent where the builder tells none.
    pub(crate) id: Option<Digest>,
    /// The builder's name for users.
    pub(crate) builder: Escaped,
}

/// Builds an image. Dropping the future ends the build. `login` gives the login for a host from which the build takes
/// these images.
///
/// # Errors
/// When there is no builder, it can't do what is asked for, or the build fails.
pub(crate) async fn build(
    request: &Request,
    context: &Context,
    environment: &Environment,
    docker: &Configuration,
    login: impl AsyncFn(&Host, &BTreeSet<Reference>) -> Credential,
    progress: &dyn Progress,
) -> Result<Built, BuildError> {
    let builder = builder::choose(request, environment, docker).await?;
    let arguments: BTreeMap<String, String> = request
        .arguments
        .iter()
        .filter_map(|(name, value)| {
            let value = value.clone().or_else(|| environment.text(name).map(Into::into));
            Some((name.clone(), value?))
        })
        .collect();
    let images = dockerfile::images(context.dockerfile(), &arguments);
    // Docker's helpers may take a minute each: none is asked before the builder that gets the logins awaits them.
    let logins = Logins::find(login, images, &request.target_hosts);
    match builder {
        Builder::Docker(engine) => {
            if let [_, _, ..] = request.platforms.as_slice() {
                return Err(BuildError::Unable {
                    builder: "the Docker daemon".into(),
                    option: "--platform",
                    reason: "it builds for one platform at once",
                    hint: "name one, or take `--builder buildx`",
                });
            }
            let built = daemon::build(&engine, environment, request, context, &logins.await, progress).await?;
            if !request.platforms.is_empty() {
                ensure_platforms(&request.platforms, [engine.inspect(built.id.as_str()).await?.platform])?;
            }
            let location = Some(Location::Daemon(built.id.to_string()));
            Ok(Built { location, id: Some(built.id), builder: built.builder })
        }
        Builder::Program { program, path, address } => {
            let logins = if request.is_pushed { Some(logins.await) } else { None };
            let build = program::Build { program, path, address, request, context, logins: logins.as_ref() };
            let Outcome { archive, mut id } = build.run(environment, docker, progress).await?;
            let builder: Escaped = format!("`{program}`").into();
            let location = archive.map(|file| Location::written(file, program.to_string().into()));
            if let Some(location) = &location {
                let of_archive = check_archive(location, &builder, &request.platforms, environment).await?;
                id = id.or(of_archive);
            }
            Ok(Built { location, id, builder })
        }
    }
}

/// Reads what a program wrote, so that half an archive or another platform is found out before the push. Gives the
/// image's id, the digest of its configuration; for several platforms that of the index.
///
/// # Errors
/// When there is no whole image in it, or a requested platform is missing.
async fn check_archive(
    location: &Location,
    builder: &Escaped,
    platforms: &[Platform],
    environment: &Environment,
) -> Result<Option<Digest>, BuildError> {
    let options = Options { all_platforms: true, ..Options::default() };
    let no_daemon = async || Err(SourceError::Names(NamesError::One(location.to_string().into())));
    let opened = Source::open(location, &options, environment, no_daemon).await;
    let source = opened.map_err(|error| match error {
        // Not the user's file, of which a push would say how to make one.
        SourceError::NoArchive { reason, .. } => BuildError::NoArchive { builder: builder.clone(), reason },
        error => error.into(),
    })?;
    let (id, configs): (Digest, Vec<&[u8]>) = match source.image() {
        Image::Stored { config, .. } => (Digest::of(config), vec![&**config]),
        Image::Index(index) => {
            let configs = index.children.iter().filter_map(|child| child.config.as_ref());
            (Digest::of(&index.bytes), configs.map(|(_, config)| &**config).collect())
        }
        Image::Layers { .. } => return Ok(None),
    };
    ensure_platforms(platforms, configs.into_iter().filter_map(|config| Config::parse(config).ok()?.platform()))?;
    Ok(Some(id))
}

/// Refuses an image that is missing a requested platform. One that names no platform at all is accepted.
///
/// # Errors
/// When it is for other platforms.
fn ensure_platforms(wanted: &[Platform], found: impl IntoIterator<Item = Platform>) -> Result<(), BuildError> {
    let found: Vec<Platform> = found.into_iter().filter(Platform::is_known).collect();
    let missing = wanted.iter().find(|wanted| !found.iter().any(|found| wanted.is_met_by(found)));
    match (missing, found.first()) {
        (Some(wanted), Some(first)) => {
            Err(BuildError::Platform { wanted: Box::new(wanted.clone()), found: Box::new(first.clone()) })
        }
        _ => Ok(()),
    }
}
