//! `crhost flavor register`: a component from a file or a registry.

use std::path::PathBuf;

use clap::Args;

use super::super::components;
use super::super::context::Context;
use super::super::failure::Failure;
use super::super::inspect::{InsecureArgument, Tools};
use super::super::supply_chain::public_key;
use super::admit::{self, Admission, Admitted, Terms};
use super::describe;
use crate::catalog::{Catalog, Component, remote_name};
use crate::components::{Signers, fetch};
use crate::error::Kind;
use crate::image::Digest;

/// The arguments of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The component: a `.wasm` file, or `oci://` and its name in a registry, such as
    /// `oci://ghcr.io/acme/myreg:1.2.0`, with its digest or without; without a tag, the newest release
    file: PathBuf,
    #[command(flatten)]
    terms: Terms,
    /// Take it from a registry only if this public key has signed it: a file, or `env://VARIABLE`
    #[arg(long, value_name = "KEY")]
    require_signature: Option<String>,
    #[command(flatten)]
    insecure: InsecureArgument,
}

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { file, terms, require_signature, insecure } = arguments;
    let key = require_signature.map(|key| public_key(context, &key)).transpose()?;
    if let Some(name) = file.to_str().and_then(remote_name) {
        let name = components::artifact(name)?;
        let tools = Tools::open(context, insecure)?;
        let services = tools.services(context);
        let signers = Signers::of(services.store, key)?;
        let fetched = fetch(&tools.inspector(&services), &name, &signers).await?;
        return admit(context, &services.catalog, fetched.component, terms, fetched.signed_by.as_ref()).await;
    }
    if key.is_some() {
        let message = format!("`{}` is a file, which has no signature beside it", file.display());
        let hint = "signatures are in registries: give the name there, such as `oci://ghcr.io/acme/myreg`";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let (store, runtime) = (context.store()?, context.runtime()?);
    admit(context, &Catalog::new(&runtime, &store), Component::read(&file)?, terms, None).await
}

async fn admit(
    context: &Context,
    catalog: &Catalog<'_>,
    component: Component,
    terms: Terms,
    signed_by: Option<&Digest>,
) -> Result<(), Failure> {
    let admission = Admission::begin(catalog, component, terms).await?;
    admission.plan().await?;
    admit::tell_signer(signed_by);
    let Admitted { record, added, .. } = admission.finish().await?;
    match context.is_json() {
        true => describe::print_json(catalog, &record.name).await,
        false => {
            admit::tell(&record, added);
            Ok(())
        }
    }
}
