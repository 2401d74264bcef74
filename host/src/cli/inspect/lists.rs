//! `crhost repos` and `crhost tags`.

use clap::{Args, ValueEnum};
use semver::VersionReq;
use serde::Serialize;

use super::tools::{InsecureArgument, Tools};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::error::Kind;
use crate::inspect::{Filter, InspectError, Listed, Order, Subject, tags_of_layout};
use crate::registry::Destination;
use crate::source::Location;
use crate::store::Store;

const REPOS_EXAMPLES: &str = "\
Examples:
  Of the registry that is registered as `prod`, below its URI:
    crhost repos prod
  Of a host, registered or not:
    crhost repos localhost:5000
  Those of one team, for a script:
    crhost repos prod --include 'acme/*' --output name";

const TAGS_EXAMPLES: &str = "\
Examples:
  All tags, in the registry's order:
    crhost tags prod/train
  Releases of version 1, the newest last:
    crhost tags ghcr.io/acme/train --semver '>=1, <2' --sort semver
  With their digests, without those of signatures:
    crhost tags prod/train --digests --exclude 'sha256-*'
  What an OCI layout on this machine has:
    crhost tags oci:layout";

/// Which names are listed.
#[derive(Debug, Args)]
struct Patterns {
    /// Only those that a pattern matches, such as `v1.*` or `{latest,main}`; may be given several times
    #[arg(long, value_name = "PATTERN")]
    include: Vec<String>,

    /// Not those that a pattern matches, whatever `--include` says
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// By name, with numbers as numbers: `v9` before `v10`
    Natural,
    /// Versions by their precedence, behind all that is none
    Semver,
}

#[derive(Debug, Args)]
#[command(after_help = REPOS_EXAMPLES)]
pub(in crate::cli) struct ReposArguments {
    /// The registry, by the name that it was registered under, or by its URI `host[:port][/path]`; without it, the
    /// registry in use
    registry: Option<String>,

    #[command(flatten)]
    patterns: Patterns,

    /// By name, with numbers as numbers; without it, in the registry's order
    #[arg(long)]
    sort: bool,

    #[command(flatten)]
    insecure: InsecureArgument,
}

#[derive(Debug, Args)]
#[command(after_help = TAGS_EXAMPLES)]
pub(in crate::cli) struct TagsArguments {
    /// The repository: `NAME/train` with the name of a registered registry, a whole name with its host, or a name below
    /// the registry in use; or an OCI layout on this machine, `oci:DIRECTORY`
    #[arg(value_name = "REPO")]
    repository: Subject,

    #[command(flatten)]
    patterns: Patterns,

    /// Only versions within a range, such as `^1.2` or `>=1.2, <2`; `v1.2` is a version, too
    #[arg(long, value_name = "RANGE", value_parser = range)]
    semver: Option<VersionReq>,

    /// The order; without it, the registry's own
    #[arg(long, value_name = "ORDER", value_enum)]
    sort: Option<Sort>,

    /// Show the digest of each tag as well, which takes a request for each
    #[arg(long)]
    digests: bool,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// The repositories of a registry.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Repositories {
    /// Each with its host.
    repositories: Vec<Repository>,
}

/// One of them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Repository {
    /// Its name with the registry's host.
    name: String,
}

/// The tags of a repository.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Tags {
    /// Each with the name of its repository.
    tags: Vec<Listed>,
}

/// Runs `crhost repos`.
pub(in crate::cli) async fn repos(context: &Context, arguments: ReposArguments) -> Result<(), Failure> {
    let ReposArguments { registry, patterns, sort, insecure } = arguments;
    let filter = patterns.filter(None)?;
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let registry = registry_of(registry, &tools, services.store)?;
    let order = if sort { Order::Natural } else { Order::Registry };
    let names = tools.inspector(&services).repositories(&registry, &filter, order).await?;
    if context.is_json() {
        let repositories = names.into_iter().map(|name| Repository { name }).collect();
        output::print_json(&Repositories { repositories });
    } else if names.is_empty() {
        let is_filtered = !(patterns.include.is_empty() && patterns.exclude.is_empty());
        let which = if is_filtered { "such repository" } else { "repositories" };
        output::say_line(&format!("the registry shows no {which}"));
    } else {
        output::print_lines(names);
    }
    Ok(())
}

/// The registry that was named, or the one in use. A host alone is one, though a text without `/` and `:` is otherwise
/// the name of a registered registry: there is nothing else that it could mean here.
fn registry_of(given: Option<String>, tools: &Tools, store: &Store) -> Result<Destination, Failure> {
    let Some(text) = given else {
        let stored = store.current_registry()?.map(Destination::Name);
        return tools.in_use().cloned().or(stored).ok_or_else(|| {
            let hint = "name one, or choose it with `crhost registry use NAME`; `crhost registry list` shows all";
            Failure::new(Kind::Usage, "no registry is in use", hint)
        });
    };
    // Below the URI of a registered one, as an image's name is.
    if let Some((name, path)) = text.split_once('/')
        && let Some(registry) = store.registries()?.into_iter().find(|registry| registry.name.as_str() == name)
    {
        return Ok(format!("{}/{path}", registry.uri).parse()?);
    }
    match text.parse::<Destination>()? {
        Destination::Name(name) if name.as_str().contains('.') || name.as_str() == "localhost" => {
            let is_registered = store.registries()?.iter().any(|registry| registry.name == name);
            Ok(if is_registered { Destination::Name(name) } else { format!("{name}/").parse()? })
        }
        destination => Ok(destination),
    }
}

/// Runs `crhost tags`.
pub(in crate::cli) async fn tags(context: &Context, arguments: TagsArguments) -> Result<(), Failure> {
    let TagsArguments { repository, patterns, semver, sort, digests, insecure } = arguments;
    let is_filtered = !patterns.include.is_empty() || !patterns.exclude.is_empty() || semver.is_some();
    let filter = patterns.filter(semver)?;
    let order = match sort {
        None => Order::Registry,
        Some(Sort::Natural) => Order::Natural,
        Some(Sort::Semver) => Order::Semver,
    };
    let listed = match repository {
        Subject::Remote(name) => {
            if name.tag().is_some() || name.digest().is_some() {
                return Err(one_image(name.as_str()));
            }
            let tools = Tools::open(context, insecure)?;
            let services = tools.services(context);
            tools.inspector(&services).tags(&name, &filter, order, digests).await?
        }
        Subject::Local(Location::Layout { path, reference: None }) => {
            tags_of_layout(&path, &filter, order, digests).await?
        }
        local @ Subject::Local(_) => return Err(one_image(&local.to_string())),
    };
    if context.is_json() {
        output::print_json(&Tags { tags: listed });
    } else if listed.is_empty() {
        output::say_line(if is_filtered { "the repository has no such tag" } else { "the repository has no tags" });
    } else if digests {
        let digest = |listed: &Listed| listed.digest.as_ref().map_or_else(|| "deleted".to_owned(), ToString::to_string);
        let width = listed.iter().map(|listed| listed.tag.as_str().len()).max().unwrap_or(0);
        output::print_lines(listed.iter().map(|listed| format!("{:width$}  {}", listed.tag.as_str(), digest(listed))));
    } else {
        output::print_lines(listed.iter().map(|listed| listed.tag.as_str()));
    }
    Ok(())
}

/// The failure of a name that is no list of tags.
fn one_image(name: &str) -> Failure {
    let message = format!("`{name}` names an image, expected a repository or `oci:DIRECTORY`");
    Failure::new(Kind::Usage, message, "leave the tag or the digest out, or use `crhost inspect`")
}

/// A range of versions, in words that need no library.
fn range(text: &str) -> Result<VersionReq, String> {
    text.parse().map_err(|_| format!("`{text}` is no range of versions: expected one such as `^1.2` or `>=1.2, <2`"))
}

impl Patterns {
    fn filter(&self, range: Option<VersionReq>) -> Result<Filter, InspectError> {
        Ok(Filter::new(&self.include, &self.exclude, range)?)
    }
}
