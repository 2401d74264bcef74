//! `crhost connector`.

mod arguments;
mod error;
mod explain;
mod field_flags;
pub(super) mod field_value;
mod login;
mod prompt;
mod register;
mod resources;
mod show;
mod types;
mod update;
mod verify;

use clap::Subcommand;

use super::context::Context;
use super::failure::Failure;
use super::if_taken::IfTakenArgs;
use super::removed;
use crate::store::Name;
use arguments::{AnyResource, Filter, ProveArgs, StoreArgs};
use field_flags::FieldFlags;
use prompt::PartialRegistration;
use update::ChangeArgs;

#[cfg(test)]
pub(super) use explain::Trust;
#[cfg(test)]
pub(super) use resources::Resources;
#[cfg(test)]
pub(super) use show::{Changed, List, Shown};
#[cfg(test)]
pub(super) use types::{List as TypeList, ShownType};
#[cfg(test)]
pub(super) use verify::Verified;

const USAGE: &str = "crhost connector register [OPTIONS] --type <TYPE> <NAME> [--<FIELD>=<VALUE>]...
       crhost connector register --interactive [NAME]";

const UPDATE_USAGE: &str = "crhost connector update [OPTIONS] <NAME> [--<FIELD>=<VALUE>]...";

const FIELDS: &str = "\
Fields:
  Each field of the auth method is a flag, after NAME: `--access-key-id=…`
  --FIELD=@FILE      a file's content, without the line break at its end
  --FIELD=@env:NAME  the value of an environment variable
  --FIELD=-          standard input
  --FIELD=@oidc      an id token of the CI system, issued for each use
  --FIELD=@oidc:AUD  the same for another audience than the method's
  --FIELD=@command:'PROGRAM ARGUMENTS'
                     what it prints, run at each use without a shell
  --FIELD=@read:PATH
                     a file's content, read at each use, as others write it
  --FIELD=VALUE      the value itself; no way for a secret, as others can see it
  --FIELD=@@VALUE    a value that begins with `@`
  A field that is called like an option of crhost goes behind `--`";

/// The commands about connectors. Without `Debug`: field flags may hold secrets.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Store credentials for flavors to use; they are verified first
    #[command(override_usage = USAGE, after_help = FIELDS)]
    Register {
        /// Your name for them
        #[arg(required_unless_present = "interactive")]
        name: Option<Name>,
        /// What they are for, as flavors call it; `crhost connector list-types` shows them all
        #[arg(short = 't', long = "type", value_name = "TYPE", required_unless_present = "interactive")]
        connector_type: Option<String>,
        /// How they authenticate; may be left out where the type knows only one way
        #[arg(short, long, value_name = "METHOD")]
        auth_method: Option<String>,
        /// Ask for all that is not given, secrets unseen
        #[arg(short, long)]
        interactive: bool,
        #[command(flatten)]
        if_taken: IfTakenArgs,
        #[command(flatten)]
        store_args: StoreArgs,
        #[command(flatten)]
        fields: FieldFlags,
    },
    /// List all connectors
    #[command(visible_alias = "ls")]
    List(Filter),
    /// Show a connector; of its secrets only that they are there
    #[command(visible_aliases = ["get", "inspect"])]
    Describe {
        /// Its name
        name: Name,
        #[command(flatten)]
        any: AnyResource,
    },
    /// Verify that the credentials of a connector are accepted, and show whom they are for
    Verify {
        /// Its name
        name: Name,
        /// As ZenML has it; nothing else is done in any case
        #[arg(long, hide = true)]
        verify_only: bool,
        #[command(flatten)]
        prove: ProveArgs,
    },
    /// Say what to set up so that the service trusts the id tokens of a connector
    Explain(explain::Arguments),
    /// List the registries that connectors can reach
    ListResources(resources::Arguments),
    /// Change a connector, all at once or not at all
    #[command(override_usage = UPDATE_USAGE, after_help = FIELDS)]
    Update {
        /// Its name
        name: Name,
        /// Its new name; the registries that use it follow
        #[arg(long = "name", value_name = "NEW")]
        rename: Option<Name>,
        /// Forget a field; one of an implicit method is read on this machine then
        #[arg(long = "remove-field", visible_alias = "remove-attr", value_name = "FIELD")]
        removed: Vec<String>,
        /// Let its secrets be used for all that its auth method declares now, as `crhost connector describe-type` shows
        #[arg(long)]
        renew: bool,
        #[command(flatten)]
        store_args: StoreArgs,
        #[command(flatten)]
        fields: FieldFlags,
    },
    /// Write a login that ends for clients without credential helpers, as `crhost login` does
    Login(login::Arguments),
    /// Forget a connector; its secrets are gone then
    #[command(visible_aliases = ["delete", "rm"])]
    Remove {
        /// Its name
        name: Name,
    },
    /// List the types of connectors, how each can authenticate, and the flavors that use it
    ListTypes {
        #[command(flatten)]
        filter: Filter,
        /// As ZenML has it; `describe-type` shows all of a type
        #[arg(short, long, hide = true)]
        detailed: bool,
    },
    /// Show the auth methods of a type: their fields, and where secrets may go
    DescribeType {
        /// The type
        #[arg(value_name = "TYPE")]
        connector_type: String,
        /// Only this auth method
        #[arg(short, long, value_name = "METHOD")]
        auth_method: Option<String>,
        #[command(flatten)]
        any: AnyResource,
    },
}

/// Runs a command about connectors.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    match command {
        Command::Register { name, connector_type, auth_method, interactive, if_taken, store_args, fields } => {
            let (allow_implicit, allow_commands) = (store_args.allow_implicit, store_args.allow_command.clone());
            let partial = PartialRegistration {
                allow_commands,
                ..PartialRegistration::new(name, connector_type, auth_method, allow_implicit)
            };
            register::run(context, partial, interactive, if_taken.if_taken(), store_args, fields).await
        }
        Command::List(filter) => show::list(context, &filter),
        Command::Describe { name, .. } => show::describe(context, context.store()?.connector(&name)?),
        Command::Verify { name, prove, .. } => verify::run(context, &name, &prove.into_options()).await,
        Command::Explain(arguments) => explain::run(context, arguments).await,
        Command::ListResources(arguments) => resources::run(context, arguments).await,
        Command::Update { name, rename, removed, renew, store_args, fields } => {
            update::run(context, ChangeArgs { name, rename, removed, renew }, store_args, fields).await
        }
        Command::Remove { name } => {
            context.store()?.remove_connector(&name)?;
            removed::show(context, "connector", &name);
            Ok(())
        }
        Command::Login(arguments) => login::run(context, arguments).await,
        Command::ListTypes { filter, .. } => types::list(context, &filter).await,
        Command::DescribeType { connector_type, auth_method, .. } => {
            types::describe(context, &connector_type, auth_method.as_deref()).await
        }
    }
}
