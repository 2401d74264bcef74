//! `crhost policy`.

mod arguments;
mod check;
mod publish;
mod register;
mod show;

use clap::Subcommand;
use serde::Serialize;

use super::components::PublishArguments;
use super::context::Context;
use super::failure::Failure;
use super::{output, removed};
use crate::policy::{Change, Policies, built_in};
use crate::store::{Name, PolicyRecord};
use crate::text::quoted;
use arguments::{RegisterArgs, UpdateArgs};

#[cfg(test)]
pub(super) use check::Checked;
#[cfg(test)]
pub(super) use show::Described;

/// The commands about policies.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register a policy from its component, in a file or a registry, or one that crhost has built in by its name
    #[command(after_help = REGISTER_HELP)]
    Register(Box<RegisterArgs>),
    /// Publish a policy to a registry, as a WebAssembly artifact
    Publish(Box<PublishArguments>),
    /// List the registered policies, in the order in which they are asked
    #[command(visible_alias = "ls")]
    List,
    /// Show what a policy is, what it is asked about and what its last runs used
    #[command(visible_aliases = ["get", "inspect"])]
    Describe {
        /// The policy's name
        name: Name,
    },
    /// Change a policy's options, what it is asked about, and the hosts that it may reach
    #[command(arg_required_else_help = true)]
    Update(Box<UpdateArgs>),
    /// Ask a policy no more until it is enabled
    Disable {
        /// The policy's name
        name: Name,
    },
    /// Ask a policy again that was disabled
    Enable {
        /// The policy's name
        name: Name,
    },
    /// Forget a registered policy
    #[command(visible_aliases = ["remove", "rm"])]
    Delete {
        /// The policy's name
        name: Name,
    },
    /// Ask the policies about an image, and change nothing
    #[command(after_help = check::HELP)]
    Check(Box<check::Arguments>),
}

const REGISTER_HELP: &str = "\
Policies are asked before an image is pushed or copied and before anything is deleted: before the first byte is sent \
and before a repository is created. One that says no, fails, or takes too long keeps it from happening (exit code 9). \
There is no flag that skips them; `crhost policy disable NAME` does, for all commands.

Built in: `no-latest`, `approved-bases`.";

/// The registered policies.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct List {
    /// In the order in which they are asked.
    policies: Vec<PolicyRecord>,
}

/// Runs a command about policies.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Check(arguments) => check::run(context, *arguments).await,
        Command::Register(arguments) => register::run(context, *arguments).await,
        Command::Publish(arguments) => publish::run(context, *arguments).await,
        command => run_here(context, command),
    }
}

/// Runs a command that needs no registry.
fn run_here(context: &Context, command: Command) -> Result<(), Failure> {
    let (store, runtime) = (context.store()?, context.runtime()?);
    let policies = Policies { store: &store, runtime: &runtime };
    match command {
        Command::Check(_) | Command::Register(_) | Command::Publish(_) => {}
        Command::List => list(context, store.policies()?),
        Command::Describe { name } => show::describe(context, &policies, &store.policy(&name)?)?,
        Command::Update(arguments) => {
            let UpdateArgs { name, change } = *arguments;
            let description = policies.description(&store.policy(&name)?)?;
            let record = policies.change(&name, change.read(&description))?;
            changed(context, &policies, &record, "updated")?;
        }
        Command::Disable { name } => {
            let record = policies.change(&name, Change { enabled: Some(false), ..Change::default() })?;
            changed(context, &policies, &record, "disabled")?;
        }
        Command::Enable { name } => {
            let record = policies.change(&name, Change { enabled: Some(true), ..Change::default() })?;
            changed(context, &policies, &record, "enabled")?;
        }
        Command::Delete { name } => {
            store.remove_policy(&name)?;
            removed::show(context, "policy", &name);
        }
    }
    Ok(())
}

/// Shows a policy that was changed.
fn changed(context: &Context, policies: &Policies<'_>, record: &PolicyRecord, done: &str) -> Result<(), Failure> {
    if context.is_json() {
        return show::describe(context, policies, record);
    }
    output::say_line(&format!("{done} policy `{}`, which {}", record.name, show::asked(record)));
    Ok(())
}

fn list(context: &Context, policies: Vec<PolicyRecord>) {
    if context.is_json() {
        output::print_json(&List { policies });
        return;
    }
    if policies.is_empty() {
        output::say("hint", &format!("`crhost policy register FILE` adds one; built in: {}", quoted(built_in())));
    }
    let rows = policies.iter().map(|policy| {
        vec![
            policy.name.to_string(),
            policy.version.clone(),
            if policy.enabled { policy.actions.join(", ") } else { "disabled".to_owned() },
            show::registries(policy),
            policy.summary.clone(),
        ]
    });
    output::print_table(&["NAME", "VERSION", "ASKED ABOUT", "REGISTRIES", "SUMMARY"], rows);
}
