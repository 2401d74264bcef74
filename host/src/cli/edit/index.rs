//! `crhost index`.

use clap::{Args, Subcommand};

use super::told::tell;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::inspect::{InsecureArgument, Tools};
use crate::cli::output;
use crate::cli::progress::ProgressFormat;
use crate::copy::Copier;
use crate::edit::{self, Annotation, Created, IndexRequest};
use crate::registry::RemoteName;

const CREATE_HELP: &str = "\
An image that is an index itself gives its images and their attestations. Platforms are those of the images' configurations. Images of other repositories are copied into the index's own, by the rules of `crhost copy`: policies are asked before.

Examples:
  Images that two runners have pushed:
    crhost index create prod/train:v3 prod/train:v3-amd64 prod/train:v3-arm64
  What it would be, without sending anything:
    crhost index create prod/train:v3 prod/train:v3-amd64 --dry-run -o json";

/// What is done to an index.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Make an index of images that registries have
    #[command(after_help = CREATE_HELP)]
    Create(Images),
    /// Add images to an index
    Add(Images),
    /// Take images out of an index, with their attestations
    Remove(Remove),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Images {
    /// The name of the index, with its tag
    #[arg(value_name = "REF")]
    name: RemoteName,

    /// Its images, each for another platform
    #[arg(value_name = "REF", required = true)]
    images: Vec<RemoteName>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Remove {
    /// The name of the index, with its tag
    #[arg(value_name = "REF")]
    name: RemoteName,

    /// The images, by their platforms or digests
    #[arg(value_name = "PLATFORM|DIGEST", required = true)]
    images: Vec<String>,

    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// An annotation of the index; `KEY-` removes one. May be given several times
    #[arg(long = "annotation", value_name = "KEY=VALUE")]
    annotations: Vec<Annotation>,

    /// Send nothing, and show the index that would be made
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, command: Command) -> Result<(), Failure> {
    let insecure = match &command {
        Command::Create(Images { common, .. }) | Command::Add(Images { common, .. }) => common.insecure,
        Command::Remove(remove) => remove.common.insecure,
    };
    let tools = Tools::open(context, insecure)?;
    let services = tools.services(context);
    let inspector = tools.inspector(&services);
    let copier = Copier::new(&services, ProgressFormat::None.start(&context.environment), None);
    let created = match &command {
        Command::Create(images) => edit::create(&inspector, &copier, images.request()).await?,
        Command::Add(images) => edit::add(&inspector, &copier, images.request()).await?,
        Command::Remove(Remove { name, images, common: Common { annotations, dry_run, .. } }) => {
            let request = IndexRequest { name, images: &[], annotations, dry_run: *dry_run };
            edit::remove(&inspector, &copier, request, images).await?
        }
    };
    show(context, &created);
    Ok(())
}

impl Images {
    fn request(&self) -> IndexRequest<'_> {
        let Self { name, images, common: Common { annotations, dry_run, .. } } = self;
        IndexRequest { name, images, annotations, dry_run: *dry_run }
    }
}

fn show(context: &Context, created: &Created) {
    if context.is_json() {
        return output::print_json(created);
    }
    for member in &created.manifests {
        let platform = member.platform.as_ref().map(|platform| platform.short().to_string()).unwrap_or_default();
        output::say_line(format!("{} {platform}", member.digest).trim_end());
    }
    tell(&created.name, &created.tags);
    if created.dry_run {
        output::say_line("dry run: nothing was sent");
    }
    output::print(&format!("{}@{}", created.name, created.digest));
}
