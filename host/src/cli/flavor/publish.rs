//! `crhost flavor publish`.

use std::path::Path;

use super::super::components::{PublishArguments, send};
use super::super::context::Context;
use super::super::failure::Failure;
use crate::catalog::Component;
use crate::components::Publication;
use crate::session::Services;

/// Runs the command.
pub(super) async fn run(context: &Context, arguments: PublishArguments) -> Result<(), Failure> {
    let examine = async |services: &Services<'_>, file: &Path| {
        let component = Component::read(file)?;
        let flavor = services.catalog.examine_to_publish(&component).await?;
        Ok(Publication::of_flavor(&flavor, component.bytes)?)
    };
    send(context, arguments, examine).await
}
