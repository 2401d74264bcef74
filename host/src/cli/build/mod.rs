//! `crhost build`.

mod display;
mod recipe;
mod target;

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::result_file::ResultFile;
use super::signals::shutdown_signal;
use super::{assignment, output, push, screen};
use crate::build::{self, BuilderChoice, DockerfilePlace, Request, Secret};
use crate::docker::Configuration;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::flavor::options::DEFAULT_REPOSITORY;
use crate::image::{Host, Platform, Reference};
use crate::registry::Destination;
use crate::registry::naming::{Facts, TagTemplate, TypedName};
use display::BuildProgress;
use recipe::Settings;
use target::Target;

const EXAMPLES: &str = "\
Examples:
  Build, and push below the URI of registry `prod`:
    crhost build . -t train:v3 --to prod
  For the Docker daemon alone:
    crhost build . -t train:v3
  Without a Dockerfile:
    crhost build . -t train:v3 --to prod --parent-image python:3.12-slim \\
      --apt git --requirement requirements.txt --copy .
  By a BuildKit elsewhere, for two platforms:
    crhost build . -t train:v3 --to prod --builder tcp://buildkitd:1234 \\
      --platform linux/amd64,linux/arm64";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The directory with what the image is made of, or `-` for a tar archive or a Dockerfile on standard input
    #[arg(default_value = ".")]
    context: PathBuf,

    /// The image's name: below the registry's URI, or whole; a tag is made to fit. The builder keeps the image under it.
    /// May be given several times
    #[arg(short, long = "tag", value_name = "NAME[:TAG]")]
    tags: Vec<String>,

    /// A tag made of the time and the commit, such as `{date}-{git_sha}`: fields are `{date}`, `{time}`, `{timestamp}`,
    /// `{git_sha}` and `{git_branch}`
    #[arg(long, value_name = "TEMPLATE")]
    tag_template: Option<TagTemplate>,

    /// The builder: `auto`, `docker` (the daemon), `buildx`, `buildctl`, `buildah`, `podman`, or the address of a BuildKit
    /// such as `tcp://HOST:PORT`
    #[arg(long, value_name = "BUILDER", default_value = "auto", env = EnvVars::CRHOST_BUILDER, hide_env_values = true)]
    builder: BuilderChoice,

    /// The Dockerfile, or `-` for standard input; without it, `Dockerfile` or `Containerfile` in the context
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// A build argument; without a value, that of the environment's variable
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", value_parser = argument)]
    arguments: Vec<(String, Option<String>)>,

    /// The stage to build
    #[arg(long, value_name = "STAGE")]
    target: Option<String>,

    /// A label
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    labels: Vec<(String, String)>,

    /// What it is built for, e.g. linux/arm64; several where the builder can
    #[arg(long = "platform", value_delimiter = ',')]
    platforms: Vec<Platform>,

    /// A cache to read: an image, or `type=…` as for `docker buildx`
    #[arg(long, value_name = "CACHE")]
    cache_from: Vec<String>,

    /// A cache to write, `type=…` as for `docker buildx`
    #[arg(long, value_name = "CACHE")]
    cache_to: Vec<String>,

    /// A secret for `RUN --mount=type=secret`: `id=ID,src=FILE` or `id=ID,env=VARIABLE`
    #[arg(long = "secret", value_name = "SECRET")]
    secrets: Vec<Secret>,

    /// Fetch base images again
    #[arg(long)]
    pull: bool,

    /// Build every step again
    #[arg(long)]
    no_cache: bool,

    /// The network of `RUN`, e.g. `none` or `host`
    #[arg(long, value_name = "MODE")]
    network: Option<String>,

    /// Give the builder Docker's login for the registry that is pushed to as well, for a private base image there
    #[arg(long)]
    builder_login: bool,

    /// Write the image's id in the Docker daemon to a file
    #[arg(long, value_name = "FILE")]
    iidfile: Option<PathBuf>,

    /// Show the Dockerfile, and build nothing
    #[arg(long)]
    print: bool,

    /// How the build is shown while it works, on standard error
    #[arg(long, value_enum, default_value_t)]
    progress: BuildProgress,

    /// Show nothing but the result
    #[arg(short, long)]
    quiet: bool,

    #[command(flatten)]
    settings: Settings,

    #[command(flatten)]
    push: Target,
}

/// An image that was built and not pushed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Built {
    /// The image's first name; absent for one without.
    name: Option<String>,
    /// All of its names.
    names: Vec<String>,
    /// Its id in the Docker daemon; absent for other builders.
    id: Option<String>,
    /// The builder.
    builder: String,
}

fn argument(text: &str) -> Result<(String, Option<String>), String> {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value.to_owned())));
    if name.is_empty() { Err("expected NAME or NAME=VALUE".to_owned()) } else { Ok((name.to_owned(), value)) }
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let settings = arguments.settings.recipe(arguments.file.is_some())?;
    let dockerfile = match (settings, &arguments.file) {
        (Some(recipe), _) => DockerfilePlace::Text(recipe.dockerfile(&arguments.context)?),
        (None, Some(file)) if file.as_os_str() == "-" => DockerfilePlace::Input,
        (None, Some(file)) => DockerfilePlace::File(file.clone()),
        (None, None) => DockerfilePlace::Default,
    };
    if arguments.print {
        return print(&arguments, &dockerfile);
    }
    let names = names(context, &arguments)?;
    let pushes = pushes(&arguments, &names)?;
    let id_file = arguments.iidfile.as_deref().map(ResultFile::prepare).transpose()?;
    let docker = Configuration::load(&context.environment);
    let request = Request {
        names: names.iter().map(ToString::to_string).collect(),
        is_pushed: arguments.push.is_pushed(),
        target_host: if arguments.builder_login { None } else { target_host(context, &arguments, &names)? },
        arguments: arguments.arguments,
        stage: arguments.target,
        labels: arguments.labels,
        platforms: arguments.platforms,
        cache_from: arguments.cache_from,
        cache_to: arguments.cache_to,
        secrets: arguments.secrets,
        pull: arguments.pull,
        no_cache: arguments.no_cache,
        network: arguments.network,
    };
    let form = if arguments.quiet { BuildProgress::None } else { arguments.progress };
    let progress = form.start(&context.environment);
    screen::open();
    let (path, environment) = (arguments.context, &context.environment);
    let built = async {
        let opened = tokio::task::spawn_blocking(move || build::Context::open(&path, &dockerfile)).await;
        let opened = opened.map_err(|panicked| build::BuildError::Thread(panicked.to_string().into()))??;
        build::build(&arguments.builder, &request, &opened, environment, &docker, progress.as_ref()).await
    };
    let built = tokio::select! {
        built = built => built,
        signal = shutdown_signal() => return Err(Failure::interrupted(signal)),
    };
    screen::close();
    let built = built?;
    if let (Some(file), Some(id)) = (id_file, &built.id) {
        file.write(id.as_str())?;
    }
    let (Some(location), true) = (built.location, request.is_pushed) else {
        let (names, id) = (request.names, built.id.map(|id| id.to_string()));
        show(context, &Built { name: names.first().cloned(), names, id, builder: built.builder.to_string() });
        return Ok(());
    };
    for push in pushes {
        push::run(context, push.with_source(location.clone())).await?;
    }
    Ok(())
}

/// Shows the Dockerfile.
fn print(arguments: &Arguments, dockerfile: &DockerfilePlace) -> Result<(), Failure> {
    let text = build::Context::open(&arguments.context, dockerfile)?.dockerfile().to_owned();
    text.lines().for_each(output::print);
    Ok(())
}

/// The image's names, with tags that fit.
fn names(context: &Context, arguments: &Arguments) -> Result<Vec<TypedName>, Failure> {
    let mut names = Vec::new();
    for text in &arguments.tags {
        let name = TypedName::parse(text)?;
        if let (Some(typed), Some(tag)) = (&name.changed_from, &name.tag) {
            output::say("warning", &format!("`{typed}` is no tag; the image's tag is `{tag}`"));
        }
        names.push(name);
    }
    if names.is_empty() && arguments.push.is_pushed() {
        names.push(TypedName { name: String::new(), tag: None, changed_from: None });
    }
    for name in names.iter_mut().filter(|name| name.name.is_empty()) {
        name.name = default_repository(context, arguments)?;
    }
    if let Some(template) = &arguments.tag_template {
        let fixed = context.environment.text(EnvVars::SOURCE_DATE_EPOCH).and_then(|text| text.parse().ok());
        let now = fixed.map_or_else(SystemTime::now, |seconds| UNIX_EPOCH + Duration::from_secs(seconds));
        let tag = template.fill(&Facts { now, directory: &arguments.context })?;
        match names.as_mut_slice() {
            [] => return Err(no_name()),
            // A name without a tag gets this one, and one with a tag both.
            [first, ..] if first.tag.is_none() => *first = first.clone().with_tag(tag),
            [first, ..] => {
                let more = first.clone().with_tag(tag);
                names.insert(1, more);
            }
        }
    }
    Ok(names)
}

fn no_name() -> Failure {
    let hint = "name it with `-t`, such as `-t train:v3`; for a registry it may be the option `default-repository`";
    Failure::new(Kind::Usage, "the image has no name", hint)
}

/// The repository of an image that has a tag alone: that of the registry which it is pushed to.
fn default_repository(context: &Context, arguments: &Arguments) -> Result<String, Failure> {
    let store = context.store()?;
    let name = match arguments.push.to.as_deref().map(str::parse::<Destination>).transpose()? {
        Some(Destination::Name(name)) => Some(name),
        Some(Destination::Uri(_)) => None,
        None => store.current_registry()?,
    };
    let registry = name.map(|name| store.registry(&name)).transpose()?;
    let repository = registry.and_then(|registry| registry.options.get(DEFAULT_REPOSITORY).cloned());
    repository.ok_or_else(no_name)
}

/// The pushes of all names: one for each repository.
fn pushes(arguments: &Arguments, names: &[TypedName]) -> Result<Vec<push::Arguments>, Failure> {
    if !arguments.push.is_pushed() {
        return Ok(Vec::new());
    }
    let mut repositories: Vec<&str> = Vec::new();
    for name in names {
        if !repositories.contains(&name.name.as_str()) {
            repositories.push(&name.name);
        }
    }
    let mut pushes = Vec::new();
    for repository in repositories {
        let same: Vec<&TypedName> = names.iter().filter(|name| name.name == repository).collect();
        if let [first, rest @ ..] = same.as_slice() {
            let is_first = pushes.is_empty();
            pushes.push(arguments.push.push(first, rest, arguments.progress, arguments.quiet, is_first)?);
        }
    }
    if pushes.is_empty() { Err(no_name()) } else { Ok(pushes) }
}

/// The host that is pushed to, as far as it is known before the push.
fn target_host(context: &Context, arguments: &Arguments, names: &[TypedName]) -> Result<Option<Host>, Failure> {
    if !arguments.push.is_pushed() {
        return Ok(None);
    }
    if let Some(to) = &arguments.push.to {
        return Ok(match to.parse::<Destination>()? {
            Destination::Name(name) => Some(context.store()?.registry(&name)?.uri.host().clone()),
            Destination::Uri(uri) => uri.host().cloned(),
        });
    }
    let whole = names.iter().map(ToString::to_string).find(|name| Reference::names_host(name));
    if let Some(image) = whole.and_then(|name| name.parse::<Reference>().ok()) {
        return Ok(Some(image.host().clone()));
    }
    let store = context.store()?;
    let current = store.current_registry()?.map(|name| store.registry(&name)).transpose()?;
    Ok(current.map(|registry| registry.uri.host().clone()))
}

fn show(context: &Context, built: &Built) {
    if context.is_json() {
        return output::print_json(built);
    }
    match (&built.name, &built.id) {
        (Some(name), _) => output::print(name),
        (None, Some(id)) => output::print(id),
        (None, None) => output::say_line("the image has no name; give it one with `-t`, or push it with `--to`"),
    }
}
