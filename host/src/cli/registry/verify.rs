//! `crhost registry verify`.

use clap::Args;
use serde::Serialize;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use super::arguments::RegistryAccess;
use super::remarks::show_of_flavor;
use crate::catalog::Catalog;
use crate::registry::{self, Step, Verification, VerifyOptions};
use crate::store::{Name, Store};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Its name
    name: Name,
    /// An image, by its name below the registry or its whole name
    image: Option<String>,
    /// Verify that the image may be pushed: its flavor prepares the push, and an upload is opened and given up at once
    #[arg(long, requires = "image")]
    push: bool,
}

/// The result of a verification.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Report {
    /// The registry's name.
    registry: String,
    /// The registry's canonical URI.
    uri: String,
    /// Whether no check failed.
    verified: bool,
    /// All checks, in the order in which they run.
    steps: Vec<Step>,
}

/// Shows every check; the one that failed is the command's failure.
pub(super) async fn run(context: &Context, store: &Store, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { name, image, push } = arguments;
    let (runtime, access) = (context.runtime()?, RegistryAccess::new(context)?);
    let catalog = Catalog::new(&runtime, store);
    let options = VerifyOptions { registry: &name, image: image.as_deref(), push };
    let Verification { registry, steps, failure } =
        registry::verify(store, &catalog, &access.authenticator(), options).await?;
    if context.is_json() {
        let (registry, uri) = (registry.name.to_string(), registry.uri.to_string());
        output::print_json(&Report { registry, uri, verified: failure.is_none(), steps });
    } else {
        let row = |step: Step| vec![step.check.as_str().to_owned(), step.outcome.as_str().to_owned(), step.message];
        let remarks: Vec<String> = steps.iter().flat_map(|step| step.remarks.clone()).collect();
        output::print_table(&["STEP", "OUTCOME", ""], steps.into_iter().map(row));
        show_of_flavor(&registry.flavor, &remarks);
    }
    match failure {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}
