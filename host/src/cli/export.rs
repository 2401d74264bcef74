//! `crhost export`: what is registered, as a file for `crhost apply`.

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::configuration::{Records, export};

const HELP: &str = "\
No secret is written: fields whose values are stored are `@stored`, which stands for the value that the store has. \
Write where they are in its place, such as `@env:NAME`, for the file to work elsewhere.

Example:
  crhost export > crhost.toml";

/// The arguments of the command.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Arguments {}

/// Runs the command.
pub(super) fn run(context: &Context, _arguments: &Arguments) -> Result<(), Failure> {
    let file = export(&Records::of(&context.store()?)?);
    output::print_text(&file.text());
    Ok(())
}
