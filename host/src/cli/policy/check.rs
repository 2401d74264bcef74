//! `crhost policy check`.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::daemon::DaemonArguments;
use super::super::failure::Failure;
use super::super::services::Parts;
use super::super::{in_use, output, progress};
use crate::docker::Chosen;
use crate::error::Kind;
use crate::image::{Platform, Tag};
use crate::policy::{Action, Outcome, Ruling};
use crate::policy_check::{self, Question};
use crate::push::{CacheFrom, Choice, Compression, EngineChoice, Evidence, Pusher, Request};
use crate::registry::{Destination, GivenName, RemoteName, Unregistered};
use crate::source::{Location, LocationError, Options};

/// The end of the help.
pub(super) const HELP: &str = "\
Examples:
  Would this push be refused?
    crhost policy check train:v3 --to prod
  The same for an OCI layout, with all that the policies say:
    crhost policy check oci:./layout:v3 --to prod --as train:v3 --output json
  Would this copy or this deletion be?
    crhost policy check prod/train:v3 --action copy --as ghcr.io/acme/train:v3
    crhost policy check prod/train:v3 --action delete

Nothing is sent to the registry, and nothing is created there. Exit code 9 means that a policy is against it.";

/// The arguments of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// For a push the image as for `crhost push`; otherwise an image in a registry: `prod/train:v3` below a registered
    /// registry, or `ghcr.io/acme/train:v3`
    image: String,
    /// The registry of a push, by name or URI
    #[arg(long, value_name = "REGISTRY")]
    to: Option<String>,
    /// What the image would be called: for a push below the registry's URI or in whole, for a copy in whole
    #[arg(long = "as", value_name = "NAME")]
    named: Option<String>,
    /// A further tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<Tag>,
    /// What would be done with it: push, copy or delete
    #[arg(long, default_value_t = Action::Push)]
    action: Action,
    /// Which image of several, e.g. linux/arm64
    #[arg(long)]
    platform: Option<Platform>,
    /// The index of an OCI layout with all that it names
    #[arg(long)]
    all_platforms: bool,
    #[command(flatten)]
    daemon: DaemonArguments,
}

/// What the policies say.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Checked {
    /// The image's whole name, as the registry would have it.
    name: String,
    /// What would be done.
    action: Action,
    /// Whether it would happen.
    allowed: bool,
    /// What each policy says, in the order in which they are asked.
    policies: Vec<Ruling>,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let action = arguments.action;
    let (name, policies) = match action {
        Action::Push => of_push(context, arguments).await?,
        Action::Copy | Action::Delete => of_remote(context, arguments).await?,
    };
    let allowed = !policies.iter().any(Ruling::refuses);
    let checked = Checked { name, action, allowed, policies };
    if context.is_json() {
        output::print_json(&checked);
    } else {
        show(&checked);
    }
    match allowed {
        true => Ok(()),
        false => {
            let against = checked.policies.iter().filter(|ruling| ruling.refuses()).count();
            let policies = if against == 1 { "policy is" } else { "policies are" };
            let message = format!("{against} {policies} against {} `{}`", action.doing(), checked.name);
            Err(Failure::new(Kind::Policy, message, "`crhost policy describe NAME` shows what a policy demands"))
        }
    }
}

/// Asks about an image that would be copied or deleted.
async fn of_remote(context: &Context, arguments: Arguments) -> Result<(String, Vec<Ruling>), Failure> {
    let Arguments { image, named, action, .. } = arguments;
    let image: RemoteName = image.parse()?;
    let copy: Option<RemoteName> = named.map(|name| name.parse()).transpose()?;
    if action == Action::Copy && copy.is_none() {
        return Err(Failure::new(Kind::Usage, "it is not said where the copy would be", "add `--as NAME`"));
    }
    let parts = Parts::open(context, None)?;
    let in_use = in_use::registry(&context.environment)?;
    let copy = copy.as_ref().filter(|_| action == Action::Copy);
    let question = Question { image: &image, copy, action, in_use: in_use.as_ref() };
    Ok(policy_check::check(&parts.services(context), question).await?)
}

/// Asks about an image that would be pushed.
async fn of_push(context: &Context, arguments: Arguments) -> Result<(String, Vec<Ruling>), Failure> {
    let Arguments { image, to, named, tags, platform, all_platforms, daemon, .. } = arguments;
    let usage = |error: String| Failure::new(Kind::Usage, error, "see `crhost push --help`");
    let source: Location = image.parse().map_err(|error: LocationError| usage(error.to_string()))?;
    let named = named.map(|name| name.parse::<GivenName>()).transpose().map_err(|error| usage(error.to_string()))?;
    let (to, uri) = match to.map(|to| to.parse::<Destination>()).transpose()? {
        Some(Destination::Name(name)) => (Some(name), None),
        Some(Destination::Uri(uri)) => (None, Some(uri)),
        None => (None, None),
    };
    let parts = Parts::open(context, None)?;
    let progress = progress::ProgressFormat::None.start(&context.environment);
    let pusher = Pusher { services: parts.services(context), daemon: Chosen::from(daemon), progress };
    let request = Request {
        location: source,
        registries: vec![Choice { to, unregistered: Unregistered { uri, ..Unregistered::default() } }],
        left_out: Vec::new(),
        all_or_none: false,
        in_use: in_use::registry(&context.environment)?,
        named,
        source: Options { platform, all_platforms, ..Options::default() },
        tags,
        if_changed: false,
        insecure: false,
        engine: EngineChoice::Native,
        dry_run: true,
        timeout: None,
        jobs: None,
        compression: Compression::default(),
        evidence: Evidence::default(),
        scan: None,
        cache_from: CacheFrom::default(),
    };
    Ok(pusher.ask_policies(&request).await?)
}

/// A line for each message, and for each policy without one.
fn show(checked: &Checked) {
    if checked.policies.is_empty() {
        output::say_line(&format!("no policy is asked about {} `{}`", checked.action.doing(), checked.name));
    }
    let rows = checked.policies.iter().flat_map(|ruling| {
        let (policy, outcome) = (ruling.policy.to_string(), word(ruling.outcome));
        let mut messages: Vec<String> = ruling.messages.iter().map(ToString::to_string).collect();
        if messages.is_empty() {
            messages.push(String::new());
        }
        messages.into_iter().map(move |message| vec![policy.clone(), outcome.to_owned(), message])
    });
    output::print_table(&["POLICY", "DECISION", "MESSAGE"], rows);
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allow => "allow",
        Outcome::Warn => "warn",
        Outcome::Deny => "deny",
        Outcome::Failed => "failed",
    }
}
