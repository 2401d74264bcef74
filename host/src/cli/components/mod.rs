//! What flavors and policies in registries have in common: how they are named and published.

mod publish;

use super::failure::Failure;
use crate::error::{Explain as _, Kind};
use crate::registry::RemoteName;

pub(super) use publish::{Arguments as PublishArguments, send};

/// The artifact of the text behind `oci://`.
///
/// # Errors
/// When it names none.
pub(super) fn artifact(text: &str) -> Result<RemoteName, Failure> {
    let hint = "write `oci://` with host, repository and version, such as `oci://ghcr.io/acme/myreg:1.2.0`";
    match text {
        "" => Err(Failure::new(Kind::Usage, "`oci://` names no artifact", hint)),
        text => text.parse::<RemoteName>().map_err(|error| Failure::new(error.kind(), error.to_string(), hint)),
    }
}
