//! Gives a manifest tags, as far as policies let it, and reads them back.

use bytes::Bytes;
use serde::Serialize;
use tokio::time::sleep;

use super::error::EditError;
use crate::distribution::FoundManifest;
use crate::image::{Digest, Reference, Tag};
use crate::inspect::{digest_of, kind_of};
use crate::policy::{Action, Gate, Subject, evidence_of};
use crate::retrying::{retry, unseen_waits};
use crate::session::{Services, Session};
use crate::text::Escaped;

/// Most bytes of a manifest that registries have to take (distribution specification, "Pushing Manifests").
pub(super) const MAX_MANIFEST: usize = 4 << 20;

/// What became of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TagOutcome {
    /// It is new.
    Created,
    /// It named another manifest before.
    Moved,
    /// It named this manifest already.
    Unchanged,
}

/// A tag, and what became of it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Moved {
    /// The tag.
    pub(crate) tag: Tag,
    /// What became of it.
    pub(crate) outcome: TagOutcome,
    /// The digest that it named before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Digest>,
}

/// Has tags name a manifest whose children and blobs the repository has, once the user's policies let it. A tag that
/// names it already is left alone.
///
/// # Errors
/// If a policy or the registry refuses, or the registry answers another manifest afterwards. Tags before the one that
/// failed have moved, and none where a policy is against it.
pub(crate) async fn publish(
    services: &Services<'_>,
    session: &mut Session<'_>,
    tags: &[Tag],
    manifest: &FoundManifest,
) -> Result<Vec<Moved>, EditError> {
    // Policies would be asked about another image than clients take it for.
    kind_of(manifest, &Escaped::of(&session.target.image)).map_err(Box::new)?;
    admit(services, session, tags, manifest).await?;
    let mut moved = Vec::new();
    for tag in tags {
        moved.push(publish_one(session, tag, manifest).await?);
    }
    Ok(moved)
}

/// Asks the policies: an image that gets a tag is pushed under it, wherever its bytes were before.
async fn admit(
    services: &Services<'_>,
    session: &mut Session<'_>,
    tags: &[Tag],
    manifest: &FoundManifest,
) -> Result<(), EditError> {
    let Services { catalog, environment, .. } = services;
    let (registry, image) = (&session.target.registry, &session.target.image);
    let name = Reference::new(image.host().clone(), image.repository().clone(), tags.first().cloned(), None);
    let gate = Gate::open(catalog, environment, Action::Push, registry, &name)?;
    if !gate.is_guarded() {
        return Ok(());
    }
    let repository = session.repository.clone();
    let evidence = session.renewing(retry(|| evidence_of(&repository, manifest))).await;
    let evidence = evidence.map_err(|error| session.explain(error))?;
    let subject = Subject::new(Action::Push, &name).digest(&manifest.digest).media_type(&manifest.media_type);
    gate.admit(subject.tags(tags), evidence).await?;
    Ok(())
}

async fn publish_one(session: &mut Session<'_>, tag: &Tag, manifest: &FoundManifest) -> Result<Moved, EditError> {
    let repository = session.repository.clone();
    let FoundManifest { media_type, bytes, digest } = manifest;
    let work = async {
        let before = digest_of(&repository, tag).await?;
        if before.as_ref() == Some(digest) {
            return Ok((before, TagOutcome::Unchanged, None));
        }
        retry(|| repository.put_manifest(tag, media_type, bytes.clone())).await?;
        let outcome = if before.is_some() { TagOutcome::Moved } else { TagOutcome::Created };
        let mut waits = unseen_waits();
        loop {
            // Registries with several copies may answer with the old one for some seconds.
            let found = digest_of(&repository, tag).await?;
            match (found, waits.next()) {
                (Some(found), _) if found == *digest => return Ok((before, outcome, None)),
                (_, Some(wait)) => sleep(wait).await,
                (found, None) => return Ok((before, outcome, Some(found))),
            }
        }
    };
    let done = session.renewing(work).await;
    let (before, outcome, other) = done.map_err(|error: crate::distribution::Error| session.explain(error))?;
    let image = || format!("{}:{tag}", session.target.image.name());
    match other {
        Some(Some(found)) => Err(EditError::OtherDigest {
            image: image().into(),
            expected: Box::new(digest.clone()),
            found: Box::new(found),
        }),
        Some(None) => {
            tracing::warn!("`{}` is there, but the registry does not show it yet: it may take a while", image());
            Ok(Moved { tag: tag.clone(), outcome, before })
        }
        None => Ok(Moved { tag: tag.clone(), outcome, before }),
    }
}

/// A manifest of these bytes.
pub(crate) fn manifest(media_type: &str, bytes: Vec<u8>) -> FoundManifest {
    let digest = Digest::of(&bytes);
    FoundManifest { media_type: media_type.to_owned(), bytes: Bytes::from(bytes), digest }
}
