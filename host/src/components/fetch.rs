//! A component from a registry: found by its name, held to its signature, read by its digest.

use futures_util::TryStreamExt as _;

use super::artifact::component_layer;
use super::error::ComponentError;
use super::signers::Signers;
use super::versions::Versions;
use crate::catalog::{Component, remote_origin};
use crate::image::{Descriptor, Digest, Reference};
use crate::inspect::{InspectError, Inspector, Remote};
use crate::registry::RemoteName;
use crate::remote::Blobs;
use crate::session::{Intent, Session};
use crate::source::SourceError;
use crate::text::Escaped;

/// A component of a registry.
pub(crate) struct Fetched {
    /// The component, with its whole name and its digest as its origin.
    pub(crate) component: Component,
    /// The digest of the key that signed it, if one had to.
    pub(crate) signed_by: Option<Digest>,
}

/// Fetches a component. Without tag and digest it is the newest release that the repository has a tag of.
///
/// # Errors
/// When there is none, it is not signed as it has to be, or the artifact is no component.
pub(crate) async fn fetch(
    inspector: &Inspector<'_>,
    name: &RemoteName,
    signers: &Signers,
) -> Result<Fetched, ComponentError> {
    let newest = match (name.tag(), name.digest()) {
        (None, None) => Some(newest(inspector, name).await?),
        _ => None,
    };
    let name = newest.as_ref().unwrap_or(name);
    let Remote { mut session, root } = inspector.remote(name, Intent::Pull).await?;
    let image = &session.target.image;
    let (host, repository) = (image.host().clone(), image.repository().clone());
    let artifact = Reference::new(host, repository, name.tag().cloned(), Some(root.digest.clone()));
    let shown = Escaped::of(&artifact);
    // Before the component: what nobody has to have signed costs no more than its manifest.
    let signed_by = signers.verify(&mut session, &root.digest).await?;
    let layer = component_layer(&shown, &root.media_type, &root.bytes)?;
    let bytes = read(&mut session, &layer).await?;
    if Digest::of(&bytes) != layer.digest {
        return Err(ComponentError::OtherContent { artifact: shown, expected: Box::new(layer.digest) });
    }
    let (label, origin) = (remote_origin(&name.as_str()), remote_origin(&artifact));
    Ok(Fetched { component: Component { bytes, label, origin }, signed_by })
}

/// The name with the tag of the newest release.
async fn newest(inspector: &Inspector<'_>, name: &RemoteName) -> Result<RemoteName, ComponentError> {
    let newest = Versions::open(inspector, name).await?.newest().await?;
    Ok(format!("{}:{}", name.as_str(), newest.tag).parse::<RemoteName>().map_err(InspectError::from)?)
}

/// The bytes of a blob whose size was checked.
async fn read(session: &mut Session<'_>, layer: &Descriptor) -> Result<Vec<u8>, SourceError> {
    let stream = Blobs::new(session.repository.clone()).stream(layer, 0);
    let whole = stream.try_fold(Vec::new(), |mut bytes, block| async move {
        bytes.extend_from_slice(&block);
        Ok(bytes)
    });
    session.renewing(whole).await
}
