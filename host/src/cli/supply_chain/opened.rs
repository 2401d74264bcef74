//! An image in a registry, open for a command.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::in_use;
use crate::cli::services::Parts;
use crate::registry::RemoteName;
use crate::session::{Intent, Services, Session};
use crate::supply_chain::{Subject, SupplyChainError, resolve};

/// The image, and how its registry is reached.
#[derive(Debug, Args)]
pub(super) struct ImageArguments {
    /// The image: `prod/train:v3` below the registry that is registered as `prod`, `ghcr.io/acme/train@sha256:…`, or
    /// `train:v3` below the registry in use; without tag and digest, the tag `latest`
    #[arg(value_name = "REF")]
    image: RemoteName,

    /// Allow plain HTTP to the registry if it does not speak https
    #[arg(long)]
    insecure: bool,
}

impl ImageArguments {
    /// Opens the image's repository.
    pub(super) async fn open<'a>(
        &self,
        context: &Context,
        services: &'a Services<'a>,
        intent: Intent,
    ) -> Result<Session<'a>, Failure> {
        let in_use = in_use::registry(&context.environment)?;
        let target = services.locate(&self.image, in_use.as_ref(), intent).await?;
        Ok(services.open(target, intent, self.insecure).await?)
    }
}

/// The parts that live as long as the command.
pub(super) fn parts(context: &Context) -> Result<Parts, Failure> {
    Parts::open(context, None)
}

/// Works with the image of a session, and explains the registry's errors.
pub(super) async fn with_image<T>(
    session: &mut Session<'_>,
    work: impl AsyncFnOnce(&Subject) -> Result<T, SupplyChainError>,
) -> Result<(Subject, T), Failure> {
    let (repository, image) = (session.repository.clone(), session.target.image.clone());
    let worked = session
        .renewing(async {
            let subject = resolve(&repository, &image).await?;
            let done = work(&subject).await?;
            Ok((subject, done))
        })
        .await;
    worked.map_err(|error| explained(session, error))
}

/// The failure, with what is known of the credentials that the registry refused.
fn explained(session: &Session<'_>, error: SupplyChainError) -> Failure {
    match error {
        SupplyChainError::Distribution(error) => session.explain(error).into(),
        error => error.into(),
    }
}
