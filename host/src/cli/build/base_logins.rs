//! The logins for base images: those of registered registries, for a pull, and otherwise Docker's.

use std::collections::BTreeSet;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::access::{Access, AccessContext};
use crate::catalog::Catalog;
use crate::clients::{self, ServerUrl};
use crate::credential::Credential;
use crate::docker::Configuration;
use crate::flavor::Purpose;
use crate::image::{Host, Reference};

/// The login for a host that a build takes these images from: builders know one for each host, and of several images
/// the first that has a login gives it. Where a registry's flavor gives none, that is told: the image may be public.
pub(super) async fn login(
    context: &Context,
    docker: &Configuration,
    host: &Host,
    images: &BTreeSet<Reference>,
) -> Credential {
    for image in images {
        match of_registered(context, docker, image).await {
            Ok(Credential::Anonymous) => {}
            Ok(given) => return given,
            Err(failure) => {
                let reason = failure.words().0;
                output::say("warning", &format!("there is no login for `{image}` that the builder can have: {reason}"));
            }
        }
    }
    docker.credential(host, None).await.credential
}

/// The login of the registered registry that has the image; none where no registry with a connector has it.
async fn of_registered(context: &Context, docker: &Configuration, image: &Reference) -> Result<Credential, Failure> {
    let store = context.store()?;
    let server = ServerUrl { host: image.host().clone(), path: Some(image.repository().clone()) };
    let Some(registry) = clients::registered(&store, &server)?.filter(|registry| registry.connector.is_some()) else {
        return Ok(Credential::Anonymous);
    };
    let runtime = context.runtime()?;
    let catalog = Catalog::new(&runtime, &store);
    let parts = AccessContext { store: &store, catalog: &catalog, docker, environment: &context.environment };
    let access = Access::to(parts, &registry).await?.with_purpose(Purpose::Pull);
    Ok(access.login(image).await?.credential)
}
