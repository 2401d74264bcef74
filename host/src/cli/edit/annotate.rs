//! `crhost annotate`.

use clap::Args;

use super::told::tell;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::inspect::{InsecureArgument, Tools};
use crate::cli::output;
use crate::edit::{self, Annotation};
use crate::image::Tag;
use crate::registry::RemoteName;

const HELP: &str = "\
What is annotated is what the name names: an index itself, not the images in it; those are named by their digests. The new manifest has another digest, so that signatures and attestations of the old one are not its own.

Examples:
  Set one annotation, and remove another one:
    crhost annotate prod/train:v3 org.opencontainers.image.version=3.1 draft-
  Leave the tag as it is, and give the new manifest another one:
    crhost annotate prod/train:v3 stage=tested --new-tag v3-tested";

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// The image or index: `NAME/train:v3` with the name of a registered registry, a whole name with its host, or a
    /// name below the registry in use
    #[arg(value_name = "REF")]
    image: RemoteName,

    /// Annotations to set; `KEY-` removes one
    #[arg(value_name = "KEY=VALUE", required = true)]
    annotations: Vec<Annotation>,

    /// The tag for the new manifest; without it, the image's own tag moves to it
    #[arg(long, value_name = "TAG")]
    new_tag: Option<Tag>,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { image, annotations, new_tag, insecure } = arguments;
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let inspector = tools.inspector(&services);
    let annotated = edit::annotate(&inspector, &image, &annotations, new_tag.as_ref()).await?;
    if context.is_json() {
        output::print_json(&annotated);
    } else {
        tell(&annotated.name, &annotated.tags);
        output::print(&format!("{}@{}", annotated.name, annotated.digest));
    }
    Ok(())
}
