//! `crhost policy publish`.

use std::path::Path;

use super::super::components::{PublishArguments, send};
use super::super::context::Context;
use super::super::failure::Failure;
use crate::catalog::Component;
use crate::components::Publication;
use crate::policy::Policies;
use crate::session::Services;

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: PublishArguments) -> Result<(), Failure> {
    let examine = async |services: &Services<'_>, file: &Path| {
        let component = Component::read(file)?;
        let policies = Policies { store: services.store, runtime: services.catalog.runtime() };
        let policy = policies.admit(&component.label, &component.bytes).await?;
        Ok(Publication::of_policy(&policy, component.bytes)?)
    };
    send(context, arguments, examine).await
}
