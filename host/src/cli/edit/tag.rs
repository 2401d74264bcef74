//! `crhost tag`.

use clap::Args;

use super::told::tell;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::inspect::{InsecureArgument, Tools};
use crate::cli::output;
use crate::edit::{self, NewTag};
use crate::registry::RemoteName;

const EXAMPLES: &str = "\
Examples:
  A release becomes `latest` and `v3`:
    crhost tag prod/train:v3.1.4 v3 latest
  An image that is named by its digest:
    crhost tag prod/train@sha256:DIGEST stable";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The image: `NAME/train:v3` with the name of a registered registry, a whole name with its host, or a name below
    /// the registry in use
    #[arg(value_name = "REF")]
    image: RemoteName,

    /// The new tags, alone or with the name of the same repository; a tag that is there already moves
    #[arg(value_name = "TAG", required = true)]
    tags: Vec<NewTag>,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { image, tags, insecure } = arguments;
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let tagged = edit::tag(&tools.inspector(&services), &image, &tags).await?;
    if context.is_json() {
        output::print_json(&tagged);
    } else {
        tell(&tagged.name, &tagged.tags);
        output::print(&format!("{}@{}", tagged.name, tagged.digest));
    }
    Ok(())
}
