//! `crhost flavor precompile`: compiled code before it is needed, for machines that are new for each job.

use std::collections::BTreeSet;

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::Catalog;
use crate::error::Kind;
use crate::flavor::builtin;
use crate::image::Digest;
use crate::policy::Policies;
use crate::text::counted;

pub(super) const HELP: &str = "\
The code goes where crhost keeps it, below CRHOST_HOME or `~/.cache/crhost`, and is used only where that directory is \
the user's alone. It is for this version of crhost and processors like this one: others compile again.

Example, for an image of jobs that run as user 65532:
  CRHOST_HOME=/crhost crhost --config crhost.toml flavor precompile
  chown -R 65532:65532 /crhost";

/// The arguments of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The flavors; without any, those that registries use and those that are not built in, with all policies
    names: Vec<String>,
}

/// What was compiled.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Precompiled {
    /// The flavors and policies.
    components: Vec<Compiled>,
}

/// A flavor or policy.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Compiled {
    /// Its name.
    name: String,
    /// The digest of its component.
    digest: Digest,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let directory = context.home()?.compiled();
    let (store, runtime) = (context.store()?, context.runtime()?);
    let catalog = Catalog::new(&runtime, &store);
    let is_all = arguments.names.is_empty();
    let mut names: BTreeSet<String> = arguments.names.into_iter().collect();
    if is_all {
        names.extend(store.registries()?.into_iter().map(|registry| registry.flavor));
        names.extend(store.flavors()?.into_iter().map(|flavor| flavor.name));
    }
    let mut components = Vec::new();
    for name in names {
        let (_, record) = catalog.get(&name).await?;
        components.push(Compiled { name, digest: record.digest });
    }
    let policies = Policies { store: &store, runtime: &runtime };
    for policy in store.policies()?.into_iter().filter(|_| is_all) {
        let (bytes, built_in) = match policy.is_stored {
            true => (store.policy_component(&policy)?, None),
            false => (Vec::new(), builtin::find_policy(&policy.policy)),
        };
        let component = built_in.map_or(bytes.as_slice(), |built_in| built_in.component);
        policies.admit(policy.name.as_str(), component).await?;
        components.push(Compiled { name: policy.name.to_string(), digest: policy.digest });
    }
    if !components.is_empty() && !directory.is_dir() {
        let message = format!("compiled code can't be kept in `{}`", directory.display());
        return Err(Failure::new(Kind::General, message, "set CRHOST_HOME to a directory that is yours alone"));
    }
    if context.is_json() {
        output::print_json(&Precompiled { components });
    } else {
        let count = counted(components.len(), "component", "components");
        output::say_line(&format!("compiled {count} into `{}`", directory.display()));
    }
    Ok(())
}
