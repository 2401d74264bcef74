//! The kubelet's credential provider: an image on standard input, credentials on standard output.
//!
//! The protocol is that of `k8s.io/kubelet/pkg/apis/credentialprovider`; the kubelet's side of it is
//! `pkg/credentialprovider/plugin`.

mod request;
mod response;
mod service_account;
#[cfg(test)]
mod tests;
mod wanted;

use crate::access::{self, Access, AccessContext, AccessError, RegistryLogin};
use crate::environment::Environment;
use crate::flavor::Purpose;
use crate::store::{RegistryRecord, Store};
pub(crate) use request::{Request, versions};
pub(crate) use response::answer;
pub(crate) use service_account::{ServiceAccountUse, VariableName};
pub(crate) use wanted::wanted;

/// The name under which the program answers without further arguments.
pub(crate) const PROGRAM: &str = "crhost-credential-provider";

/// The newest version of the protocol, for a configuration.
pub(super) const VERSION: &str = request::VERSIONS[0];

/// Kept credentials of a registry. Nothing is compiled, sent or written.
///
/// # Errors
/// When the store can't be read, or the registry's connector can't be used.
pub(crate) fn find_kept(
    store: &Store,
    environment: &Environment,
    registry: &RegistryRecord,
) -> Result<Option<RegistryLogin>, AccessError> {
    access::kept(store, environment, registry, Purpose::Pull)
}

/// New credentials of a registry, for a pull. Those of one pod are kept for no other.
///
/// # Errors
/// When the flavor can't be loaded, refuses or fails, or the connector can't be used.
pub(crate) async fn ask(
    context: AccessContext<'_>,
    registry: &RegistryRecord,
    is_of_one_pod: bool,
) -> Result<RegistryLogin, AccessError> {
    let access = Access::to(context, registry).await?.with_purpose(Purpose::Pull);
    let access = if is_of_one_pod { access.for_one_caller() } else { access };
    access.registry_login().await
}
