//! `crhost build`.

mod arguments;
mod base_logins;
mod display;
mod names;
mod recipe;
mod target;

use std::collections::BTreeSet;

use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::result_file::ResultFile;
use super::signals::shutdown_signal;
use super::{output, push, screen};
use crate::build::{self, DockerfilePlace, Request};
use crate::docker::Configuration;
use crate::image::{Host, Reference};
pub(super) use arguments::Arguments;
use display::BuildProgress;

/// An image that was built and not pushed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Built {
    /// The image's first name; absent for one without.
    name: Option<String>,
    /// All of its names.
    names: Vec<String>,
    /// Its id with its builder; absent where that tells none.
    id: Option<String>,
    /// The builder.
    builder: String,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let settings = arguments.settings.recipe(arguments.file.is_some())?;
    let dockerfile = match (settings, &arguments.file) {
        (Some(recipe), _) => DockerfilePlace::Recipe(recipe),
        (None, Some(file)) if file.as_os_str() == "-" => DockerfilePlace::Input,
        (None, Some(file)) => DockerfilePlace::File(file.clone()),
        (None, None) => DockerfilePlace::Default,
    };
    if arguments.print {
        return print(&arguments, &dockerfile);
    }
    let names = names::names(context, &arguments)?;
    let pushes = names::pushes(context, &arguments, &names)?;
    let id_file = arguments.iidfile.as_deref().map(ResultFile::prepare).transpose()?;
    let docker = Configuration::load(&context.environment);
    let request = Request {
        names: names.iter().map(ToString::to_string).collect(),
        is_pushed: arguments.push.is_pushed(),
        target_hosts: match arguments.builder_login {
            true => BTreeSet::new(),
            false => names::target_hosts(context, &arguments, &names)?,
        },
        builder: arguments.builder,
        daemon: arguments.daemon.into(),
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
    let (path, environment) = (arguments.directory, &context.environment);
    let built = async {
        let opened = tokio::task::spawn_blocking(move || build::Context::open(&path, &dockerfile)).await;
        let opened = opened.map_err(|panicked| build::BuildError::Thread(panicked.to_string().into()))??;
        let login =
            async |host: &Host, images: &BTreeSet<Reference>| base_logins::login(context, &docker, host, images).await;
        build::build(&request, &opened, environment, &docker, login, progress.as_ref()).await
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
    let text = build::Context::open(&arguments.directory, dockerfile)?.dockerfile().to_owned();
    text.lines().for_each(output::print);
    Ok(())
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
