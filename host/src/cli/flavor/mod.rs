//! `crhost flavor`.

mod admit;
mod call;
mod consent;
mod describe;
mod granted;
mod inspect;
mod new;
mod operations;
mod origin;
mod plan;
mod precompile;
mod publish;
mod register;
mod rollback;
mod search;
mod source;
mod test;
mod trust;
mod update;
mod wit;

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::components::PublishArguments;
use super::context::Context;
use super::failure::Failure;
use super::grant::GrantArgs;
use super::{output, removed};
use crate::catalog::{BUILT_IN, Catalog, Entry};
use crate::grant::HostPattern;
use crate::store::{FlavorRecord, Name};
use crate::text::quoted;

#[cfg(test)]
pub(super) use call::Called;
#[cfg(test)]
pub(super) use describe::Described;
pub(super) use granted::show_granted;
#[cfg(test)]
pub(super) use inspect::Inspected;
#[cfg(test)]
pub(super) use new::Project;
#[cfg(test)]
pub(super) use precompile::Precompiled;
#[cfg(test)]
pub(super) use search::Found;
#[cfg(test)]
pub(super) use test::Report;
#[cfg(test)]
pub(super) use trust::Demands;
#[cfg(test)]
pub(super) use update::Updates;
#[cfg(test)]
pub(super) use wit::Contract;

/// The commands about flavors. Without `Debug`: a field of a call may be a secret.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Write the project of a new flavor, in the language of your choice
    #[command(after_help = new::NEW_HELP)]
    New(new::NewArgs),
    /// Register a flavor from its component, in a file or a registry
    #[command(after_help = REGISTER_HELP)]
    Register(Box<register::Arguments>),
    /// Publish a flavor to a registry, as a WebAssembly artifact
    #[command(after_help = PUBLISH_HELP)]
    Publish(Box<PublishArguments>),
    /// Update flavors that came from a registry to their newest release
    Update(Box<update::Arguments>),
    /// Bring back the flavor that was registered before, with what it was granted
    Rollback(rollback::Arguments),
    /// Search indexes of flavors
    Search(search::Arguments),
    /// Demand signatures of flavors and policies from registries
    #[command(subcommand)]
    Trust(trust::Command),
    /// List all flavors
    #[command(visible_alias = "ls")]
    List,
    /// Show what a flavor is, what it is granted and what its last runs used
    #[command(visible_alias = "get")]
    Describe {
        /// The flavor's name
        name: String,
    },
    /// Grant hosts to a flavor, or take them away
    #[command(arg_required_else_help = true)]
    Grant {
        /// The flavor's name
        name: String,
        /// For this registry alone
        #[arg(long)]
        registry: Option<Name>,
        #[command(flatten)]
        grants: GrantArgs,
        /// Take a host away, as `crhost flavor describe` shows it
        #[arg(long, value_name = "PATTERN")]
        revoke: Vec<HostPattern>,
    },
    /// Print the contract as WIT, for the tools of any language
    #[command(after_help = wit::HELP)]
    Wit(wit::Arguments),
    /// Show what a file is and would ask for, without registering it
    Inspect {
        /// The component, a `.wasm` file, or the name of a flavor, as for `crhost flavor describe`
        file: PathBuf,
    },
    /// Call one export of a component, and store nothing
    #[command(after_help = call::HELP, override_usage = call::USAGE)]
    Call(Box<call::Arguments>),
    /// Compile flavors before they are needed, for images of machines that are new for each job
    #[command(after_help = precompile::HELP)]
    Precompile(precompile::Arguments),
    /// Test a component against the rules for flavors, without network
    #[command(after_help = test::HELP)]
    Test(test::Arguments),
    /// Forget a registered flavor
    #[command(visible_aliases = ["delete", "rm"])]
    Remove {
        /// The flavor's name
        name: String,
    },
}

const REGISTER_HELP: &str = "\
A flavor sends nothing but the operations that it declares, at hosts that it is granted. With --allow-host it is \
granted exactly the hosts that are named, without it all that it asks for, after a question or with --yes. A secret at \
a place that no standard defines for it is sent only if --allow-operation or your answer accepts that operation.

A later version takes the place of the registered one, and is asked for again; the same bytes keep what they have. \
`crhost flavor rollback` takes it back.

Examples:
  A build:
    crhost flavor register target/wasm32-wasip2/release/myreg.wasm
  From a registry, by its version or by its digest:
    crhost flavor register oci://ghcr.io/acme/myreg:1.2.0
    crhost flavor register oci://ghcr.io/acme/myreg@sha256:DIGEST";

const PUBLISH_HELP: &str = "\
The artifact is that of the CNCF for WebAssembly, which wkg and oras read. Its tag is the version that the flavor \
describes, and does not move to other bytes.

Examples:
  Under its version, and signed:
    crhost flavor publish myreg.wasm ghcr.io/acme/myreg --sign --key cosign.key
  Listed where others search, too:
    crhost flavor publish myreg.wasm ghcr.io/acme/myreg --index ghcr.io/acme/all";

/// All flavors.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct List {
    /// In the order of their names.
    flavors: Vec<FlavorRecord>,
}

/// Runs a command about flavors.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Register(arguments) => register::run(context, *arguments).await,
        Command::Publish(arguments) => publish::run(context, *arguments).await,
        Command::Update(arguments) => update::run(context, *arguments).await,
        Command::Search(arguments) => search::run(context, arguments).await,
        Command::Precompile(arguments) => precompile::run(context, arguments).await,
        Command::Trust(command) => trust::run(context, &context.store()?, command),
        // What is about a file opens no store.
        Command::Call(arguments) => call::run(context, *arguments).await,
        Command::Test(arguments) => test::run(context, arguments).await,
        Command::Wit(arguments) => wit::run(context, arguments),
        Command::Inspect { file } if !source::is_name(&file) => inspect::run(context, &file).await,
        Command::Inspect { file } => run_here(context, Command::Describe { name: file.display().to_string() }).await,
        command => run_here(context, command).await,
    }
}

/// Runs a command that needs no registry.
async fn run_here(context: &Context, command: Command) -> Result<(), Failure> {
    let (store, runtime) = (context.store()?, context.runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    match command {
        // These are run above.
        Command::Register(_) | Command::Publish(_) | Command::Update(_) | Command::Search(_) | Command::Trust(_) => {}
        Command::Precompile(_) => {}
        Command::New(arguments) => new::run(context, &catalog, arguments).await?,
        Command::Rollback(arguments) => rollback::run(context, &catalog, arguments).await?,
        Command::List => {
            let flavors = catalog.list().await?;
            if context.is_json() {
                output::print_json(&List { flavors });
            } else {
                let rows = flavors.into_iter().map(|flavor| {
                    let origin = origin::short(&flavor.origin);
                    vec![flavor.name, flavor.version, origin, flavor.summary]
                });
                output::print_table(&["NAME", "VERSION", "ORIGIN", "SUMMARY"], rows);
            }
        }
        Command::Describe { name } => describe::run(context, &catalog, &name).await?,
        Command::Grant { name, registry, grants, revoke } => {
            let Entry { record, description, .. } = catalog.entry(&name).await?;
            let grants = grants.grants(&description)?;
            let hosts = quoted(catalog.grant(&record, registry.as_ref(), &grants, &revoke)?);
            if context.is_json() {
                return describe::print_json(&catalog, &name).await;
            }
            // Those that a built-in flavor asks for are part of crhost.
            let none = if record.origin == BUILT_IN { "no host but those that it asks for" } else { "no host" };
            let hosts = if hosts.is_empty() { none } else { &hosts };
            let place = registry.map(|registry| format!(" for registry `{registry}`")).unwrap_or_default();
            output::say_line(&format!("flavor `{name}` is granted {hosts}{place}"));
        }
        // These are done.
        Command::Call(_) | Command::Test(_) | Command::Wit(_) | Command::Inspect { .. } => {}
        Command::Remove { name } => {
            catalog.remove(&name)?;
            removed::show(context, "flavor", &name);
        }
    }
    Ok(())
}
