//! What the image is called, and where that has it pushed.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::arguments::Arguments;
use super::target::OfBuild;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::{in_use, output, push};
use crate::docker::Chosen;
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::flavor::options::DEFAULT_REPOSITORY;
use crate::image::{Host, Reference};
use crate::registry::naming::{Facts, TypedName};
use crate::registry::{self, Destination, Selector};

/// The image's names, with tags that fit.
pub(super) fn names(context: &Context, arguments: &Arguments) -> Result<Vec<TypedName>, Failure> {
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
        let tag = template.fill(&Facts { now, directory: &arguments.directory })?;
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

/// The registry of names without a host: that of `--to`, or else the one in use, as a push finds it.
fn destination(context: &Context, arguments: &Arguments) -> Result<Option<Destination>, Failure> {
    let named = match &arguments.push.to {
        Some(to) => Some(to.parse::<Destination>()?),
        None => in_use::registry(&context.environment)?,
    };
    match named {
        Some(named) => Ok(Some(named)),
        None => Ok(context.store()?.current_registry()?.map(Destination::Name)),
    }
}

/// The repository of an image that has a tag alone: that of the registry which it is pushed to.
fn default_repository(context: &Context, arguments: &Arguments) -> Result<String, Failure> {
    let registry = match destination(context, arguments)? {
        Some(Destination::Name(name)) => Some(context.store()?.registry(&name)?),
        Some(Destination::Uri(_)) | None => None,
    };
    let repository = registry.and_then(|registry| registry.options.get(DEFAULT_REPOSITORY).cloned());
    repository.ok_or_else(no_name)
}

/// Refuses names that are not of the registry which is pushed to: a build takes longer than to say so.
fn check_names(context: &Context, to: &str, names: &[TypedName]) -> Result<(), Failure> {
    let Destination::Name(to) = to.parse::<Destination>()? else { return Ok(()) };
    let registries = context.store()?.registries()?;
    for name in names {
        let name = name.to_string();
        let selector = Selector { to: Some(&to), named: None, source: Some(&name), unnamed: None, current: None };
        registry::select(&registries, selector)?;
    }
    Ok(())
}

/// The pushes of all names: one for each repository.
pub(super) fn pushes(
    context: &Context,
    arguments: &Arguments,
    names: &[TypedName],
) -> Result<Vec<push::Arguments>, Failure> {
    if !arguments.push.is_pushed() {
        return Ok(Vec::new());
    }
    if let Some(to) = &arguments.push.to {
        check_names(context, to, names)?;
    }
    let mut repositories: Vec<&str> = Vec::new();
    for name in names {
        if !repositories.contains(&name.name.as_str()) {
            repositories.push(&name.name);
        }
    }
    let daemon: Chosen = arguments.daemon.clone().into();
    let build = OfBuild {
        caches: &arguments.cache_from,
        daemon: &daemon,
        progress: arguments.progress,
        is_quiet: arguments.quiet,
    };
    let mut pushes = Vec::new();
    for repository in repositories {
        let same: Vec<&TypedName> = names.iter().filter(|name| name.name == repository).collect();
        if let [first, rest @ ..] = same.as_slice() {
            let is_first = pushes.is_empty();
            pushes.push(arguments.push.push(first, rest, &build, is_first)?);
        }
    }
    if pushes.is_empty() { Err(no_name()) } else { Ok(pushes) }
}

/// The hosts that are pushed to, as far as they are known before the push.
pub(super) fn target_hosts(
    context: &Context,
    arguments: &Arguments,
    names: &[TypedName],
) -> Result<BTreeSet<Host>, Failure> {
    if !arguments.push.is_pushed() {
        return Ok(BTreeSet::new());
    }
    let (whole, below): (Vec<String>, Vec<String>) =
        names.iter().map(ToString::to_string).partition(|name| Reference::names_host(name));
    let images = whole.iter().filter_map(|name| name.parse::<Reference>().ok());
    let mut hosts: BTreeSet<Host> = images.map(|image| image.host().clone()).collect();
    if arguments.push.to.is_some() || !below.is_empty() {
        hosts.extend(match destination(context, arguments)? {
            Some(Destination::Name(name)) => Some(context.store()?.registry(&name)?.uri.host().clone()),
            Some(Destination::Uri(uri)) => uri.host().cloned(),
            None => None,
        });
    }
    Ok(hosts)
}
