//! `crhost export`: what is registered, as a file for `crhost apply`.

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::output;
use crate::catalog::Catalog;
use crate::configuration::{Exported, Records, export};

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
pub(super) async fn run(context: &Context, _arguments: &Arguments) -> Result<(), Failure> {
    let (store, runtime) = (context.store()?, context.runtime()?);
    let descriptions = Catalog::new(&runtime, &store).descriptions().await?;
    let Exported { file, described_otherwise } = export(&Records::of(&store)?, &descriptions);
    for name in described_otherwise {
        output::say(
            "warning",
            &format!(
                "connector `{name}` was stored when flavors used its secrets otherwise: an apply of the file permits what \
                 they say now, and shows it as a change"
            ),
        );
    }
    for signer in store.flavor_signers()? {
        output::say(
            "warning",
            &format!(
                "flavors of `{}` have to be signed here, which the file does not say: `crhost flavor trust` demands it \
                 where it is applied",
                signer.place
            ),
        );
    }
    output::print_text(&file.text());
    Ok(())
}
