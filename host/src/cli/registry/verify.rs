//! `crhost registry verify`.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::proof::Way;
use crate::catalog::Catalog;
use crate::registry::{self, Check, Outcome, Question, Step, Verification};
use crate::store::{Name, Store};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Its name
    name: Name,
    /// An image, by its name below the registry or its whole name
    image: Option<String>,
    /// Prove that the image may be pushed: its flavor prepares the push, and an upload is opened and given up at once
    #[arg(long, requires = "image")]
    push: bool,
    #[command(flatten)]
    way: Way,
}

#[derive(Serialize)]
struct Report {
    registry: String,
    uri: String,
    verified: bool,
    steps: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    step: &'static str,
    outcome: &'static str,
    message: String,
}

impl Line {
    fn new(step: Step) -> Self {
        let Step { check, outcome, words } = step;
        let step = match check {
            Check::Uri => "uri",
            Check::Options => "options",
            Check::Connector => "connector",
            Check::Credentials => "credentials",
            Check::Registry => "registry",
            Check::Push => "push",
        };
        let outcome = match outcome {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
        };
        Self { step, outcome, message: words }
    }
}

/// Shows every step; the first that failed is the command's failure.
pub(super) async fn run(context: &Context, store: &Store, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, image, push, way } = arguments;
    let (runtime, tools) = (Context::runtime()?, way.tools()?);
    let catalog = Catalog::new(&runtime, store);
    let question = Question { registry: &name, image: image.as_deref(), push };
    let Verification { registry, steps, failure } =
        registry::verify(store, &catalog, &tools.opener(), question).await?;
    let steps: Vec<Line> = steps.into_iter().map(Line::new).collect();
    if context.is_json() {
        let (registry, uri) = (registry.name.to_string(), registry.uri.to_string());
        output::print_json(&Report { registry, uri, verified: failure.is_none(), steps });
    } else {
        let rows = steps.into_iter().map(|line| vec![line.step.to_owned(), line.outcome.to_owned(), line.message]);
        output::print_table(&["STEP", "OUTCOME", ""], rows);
    }
    match failure {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}
