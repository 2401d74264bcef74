//! `crhost flavor search`.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::inspect::{InsecureArgument, Tools};
use super::super::output;
use crate::components::{Listed, Search, search};
use crate::environment::EnvVars;
use crate::error::Kind;
use crate::registry::RemoteName;
use crate::text::{counted, printable};

const EXAMPLES: &str = "\
Examples:
  All that an index lists:
    crhost flavor search --index ghcr.io/acme/index
  The name of what was found, to register it by:
    crhost flavor search harbor --jq '.flavors[0].reference'";

/// The arguments of the command.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// A word of the name, the summary, the repository, or a registry that it is for; without it, all are listed
    word: Option<String>,

    /// The index, an artifact in a registry; may be given several times
    #[arg(long = "index", value_name = "REF", env = EnvVars::CRHOST_FLAVOR_INDEX, value_delimiter = ',', hide_env_values = true)]
    indexes: Vec<RemoteName>,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// The flavors and policies that were found.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Found {
    /// In the order of the indexes.
    flavors: Vec<Listed>,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { word, indexes, insecure } = arguments;
    if indexes.is_empty() {
        let hint = format!(
            "`--index REF` names one, and `{}` those that are always searched; `crhost flavor publish --index` makes one",
            EnvVars::CRHOST_FLAVOR_INDEX
        );
        return Err(Failure::new(Kind::Usage, "there is no index to search", hint));
    }
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let Search { found: flavors, listed, left_out } =
        search(&tools.inspector(&services), &indexes, word.as_deref()).await?;
    if left_out > 0 {
        let message = format!("{left_out} entries of the index were left out: they can't be understood");
        output::say("warning", &message);
    }
    if context.is_json() {
        output::print_json(&Found { flavors });
        return Ok(());
    }
    if flavors.is_empty() {
        output::say_line(&match word {
            Some(word) => {
                format!(
                    "nothing that is listed matches `{}` ({})",
                    printable(&word, 80),
                    counted(listed, "entry", "entries")
                )
            }
            None => "nothing is listed".to_owned(),
        });
        return Ok(());
    }
    let rows = flavors.into_iter().map(|Listed { name, version, summary, reference, .. }| {
        // The digest is for programs.
        let reference = reference.split('@').next().unwrap_or_default().to_owned();
        vec![name.to_string(), version.to_string(), reference, summary.to_string()]
    });
    output::print_table(&["NAME", "VERSION", "REFERENCE", "SUMMARY"], rows);
    Ok(())
}
