//! `crhost flavor register`: a component from a file or a registry.

use std::path::PathBuf;

use clap::Args;

use super::super::components;
use super::super::context::Context;
use super::super::failure::Failure;
use super::super::inspect::{InsecureArgument, Tools};
use super::super::supply_chain::public_key;
use super::admit::{self, Admission, Admitted, Terms};
use super::origin::warn_of_move;
use super::{describe, source};
use crate::catalog::{self, BUILT_IN, Catalog, Component, remote_name};
use crate::components::{Fetched, Signers, Versions, fetch};
use crate::error::Kind;
use crate::image::Digest;
use crate::store::FlavorRecord;

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
        let inspector = tools.inspector(&services);
        let Fetched { component, signed_by } = fetch(&inspector, &name, &signers).await?;
        admit(context, &services.catalog, component, terms, signed_by.as_ref()).await?;
        // As an index lists it: the digest counts, and its tag may name something else by now.
        if let (Some(tag), Some(pinned), Ok(origin)) = (name.tag(), name.digest(), name.as_str().parse())
            && let Ok(mut versions) = Versions::open(&inspector, &name).await
            && let Ok(now) = versions.digest(tag).await
        {
            warn_of_move(&origin, pinned, now.as_ref());
        }
        return Ok(());
    }
    if key.is_some() {
        let message = format!("`{}` is a file, which has no signature beside it", file.display());
        let hint = "signatures are in registries: give the name there, such as `oci://ghcr.io/acme/myreg`";
        return Err(Failure::new(Kind::Usage, message, hint));
    }
    let (store, runtime) = (context.store()?, context.runtime()?);
    let component = match Component::read(&file) {
        Err(_) if source::is_name(&file) && !file.exists() => {
            match catalog::recorded(&store, &file.display().to_string())? {
                Some(known) => return Err(known_already(&known.record)),
                None => Component::read(&file)?,
            }
        }
        read => read?,
    };
    admit(context, &Catalog::new(&runtime, &store), component, terms, None).await
}

/// The failure for the name of a flavor in the place of its file.
fn known_already(record: &FlavorRecord) -> Failure {
    let FlavorRecord { name, origin, .. } = record;
    let message = format!("`{name}` is no file, and a flavor that there is already, from `{origin}`");
    let hint = match (origin.as_str(), remote_name(origin)) {
        (BUILT_IN, _) => format!("a {BUILT_IN} flavor needs no registration: `crhost flavor describe {name}` shows it"),
        (_, Some(_)) => format!("`crhost flavor update {name}` takes its newest release"),
        (_, None) => format!("give the file of a new build, such as `crhost flavor register {origin}`"),
    };
    Failure::new(Kind::Usage, message, hint)
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
