//! `crhost ls-files`.

use std::ops::ControlFlow;

use clap::Args;

use super::documents::subject_help;
use super::tools::{InsecureArgument, Tools};
use crate::cli::context::Context;
use crate::cli::daemon::DaemonArguments;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::image::Platform;
use crate::inspect::{Entry, Listing, Subject, list};

const EXAMPLES: &str = "\
Examples:
  All files that a container of an image sees:
    crhost ls-files prod/train:v3
  One directory, in the order of names:
    crhost ls-files prod/train:v3 /etc | sort -k 5
  What the second layer adds and removes:
    crhost ls-files prod/train:v3 --layer 2
  Sizes and names, for a program:
    crhost ls-files prod/train:v3 --output json | jq -r '[.size, .name] | @tsv'";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    #[arg(value_name = "REF", help = subject_help!())]
    image: Subject,

    /// This file, or this directory with all that is below it; without it, everything
    path: Option<String>,

    /// One layer alone, with the files that it removes: its number from 1, the lowest, or the beginning of its digest
    #[arg(long, value_name = "LAYER")]
    layer: Option<String>,

    /// Which image of an index; without it, this machine's, or the only one
    #[arg(long)]
    platform: Option<Platform>,

    #[command(flatten)]
    daemon: DaemonArguments,

    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(in crate::cli) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { image: subject, path, layer, platform, daemon, insecure } = arguments;
    let tools = Tools::open(context, insecure)?.with_daemon(daemon);
    let services = tools.services(context);
    let mut opened = tools.inspector(&services).open(&subject, platform.as_ref()).await?;
    let image = opened.one_image(platform.as_ref()).await?;
    let is_json = context.is_json();
    let mut show = |files: Vec<Entry>| {
        match is_json {
            true => output::print_json_rows(&files),
            false => output::print_lines(files.iter().map(Entry::line)),
        }
        // A reader that has gone away wants no more.
        let is_over = output::write_failure().is_some() || output::selection_failure().is_some();
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    Ok(list(&mut opened, &image, &Listing { path, layer }, &mut show).await?)
}
