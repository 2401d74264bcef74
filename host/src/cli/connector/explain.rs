//! `crhost connector explain`: what lets a service trust the id tokens of a connector.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::arguments::ProveArgs;
use crate::catalog::Catalog;
use crate::connector::{self, Explained, Identity};
use crate::flavor::Instruction;
use crate::store::Name;
use crate::text::printable;

#[derive(Args)]
pub(in crate::cli) struct Arguments {
    /// The connector's name
    name: Name,
    /// Who issues the tokens, where this is no job that has any
    #[arg(long, value_name = "URL", requires = "subject")]
    issuer: Option<String>,
    /// Whom they are about, e.g. `repo:acme/train:ref:refs/heads/main`
    #[arg(long, value_name = "SUBJECT", requires = "issuer")]
    subject: Option<String>,
    #[command(flatten)]
    prove: ProveArgs,
}

/// What to set up.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Trust {
    /// The connector's name.
    name: String,
    /// The flavor that says it.
    flavor: String,
    /// Who issues the tokens.
    issuer: String,
    /// Whom they are about.
    subject: String,
    /// Whom they are for.
    audience: String,
    /// What to do, in this order.
    instructions: Vec<ShownInstruction>,
}

/// A text to use elsewhere.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ShownInstruction {
    /// What it is and where it belongs.
    summary: String,
    /// The text.
    text: String,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, issuer, subject, prove } = arguments;
    let (store, runtime) = (context.store()?, context.runtime()?);
    let stored = store.connector(&name)?;
    let catalog = Catalog::new(&runtime, &store);
    let identity = issuer.zip(subject).map(|(issuer, subject)| Identity { issuer, subject });
    let explained =
        connector::explain(&catalog, &context.environment, &stored, identity, &prove.into_options()).await?;
    let Explained { flavor, claims, instructions } = explained;
    if context.is_json() {
        let shown = |Instruction { summary, lines }: Instruction| ShownInstruction {
            summary: summary.to_string(),
            text: lines.join("\n"),
        };
        output::print_json(&Trust {
            name: name.to_string(),
            flavor: flavor.to_string(),
            issuer: claims.issuer,
            subject: claims.subject,
            audience: claims.audience,
            instructions: instructions.into_iter().map(shown).collect(),
        });
        return Ok(());
    }
    output::print_facts(&[
        ("Issuer", printable(&claims.issuer, 300)),
        ("Subject", printable(&claims.subject, 300)),
        ("Audience", printable(&claims.audience, 300)),
    ]);
    for Instruction { summary, lines } in instructions {
        output::print("");
        output::print(&format!("# {summary}"));
        lines.iter().for_each(|line| output::print(line));
    }
    Ok(())
}
