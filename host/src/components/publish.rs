//! Publishes a component: its blobs, its manifest, its signature, and last its tags.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;

use super::artifact::{self, component_layer};
use super::error::ComponentError;
use super::publication::Publication;
use super::versions::version_of;
use crate::distribution::FoundManifest;
use crate::edit::{Moved, move_tags, new_manifest};
use crate::image::{Descriptor, Digest, Reference, Tag, media_type};
use crate::inspect::Inspector;
use crate::registry::RemoteName;
use crate::retrying::retry;
use crate::session::{Intent, Opening, Session};
use crate::signature::{Annotations, PrivateKey};
use crate::supply_chain::{sign, upload_bytes, upload_content};
use crate::text::Escaped;

/// Bytes of a block that is sent.
const BLOCK: usize = 1 << 20;

/// What is published where.
pub(crate) struct Request<'a> {
    /// The repository, without a digest; a tag in it is one of the tags.
    pub(crate) to: &'a RemoteName,
    /// Tags in the place of the version's.
    pub(crate) tags: Vec<Tag>,
    /// Whether `latest` becomes a tag of it, too.
    pub(crate) latest: bool,
    /// Whether a version's tag may move to other bytes.
    pub(crate) force: bool,
    /// The key that signs it.
    pub(crate) key: Option<&'a PrivateKey>,
    /// Annotations, which go before those of the description.
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A component that was published.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Published {
    /// The repository, with its host.
    pub(crate) name: String,
    /// The digest of the artifact's manifest.
    pub(crate) digest: Digest,
    /// The tags, and what became of each.
    pub(crate) tags: Vec<Moved>,
    /// The digest of the component itself, by which crhost knows it when it is registered.
    pub(crate) component: Digest,
    /// Its version.
    pub(crate) version: String,
    /// The digest of the public key that it was signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signed_by: Option<Digest>,
}

/// Publishes a component. Nothing is sent where a version's tag would move; the tags move last, so that they never name
/// what is not whole, or not signed.
///
/// # Errors
/// When a version is there with other bytes, or the registry refuses.
pub(crate) async fn publish(
    inspector: &Inspector<'_>,
    publication: &Publication,
    request: Request<'_>,
    told: impl Fn(&str, &str),
) -> Result<Published, ComponentError> {
    let tags = tags(publication, &request)?;
    let mut session = open_for_push(inspector, request.to, tags.first(), told).await?;
    let layer = artifact::layer(publication);
    if !request.force {
        ensure_free(&mut session, &tags, &layer).await?;
    }
    let config = Bytes::from(artifact::config(publication, &layer));
    let config_blob = Descriptor::new(artifact::CONFIG, Digest::of(&config), config.len() as u64);
    let bytes = artifact::manifest(publication, &config_blob, &layer, &request.annotations);
    let manifest = new_manifest(media_type::OCI_MANIFEST, bytes);
    let repository = session.repository.clone();
    let sent = session.renewing(async {
        upload_content(&repository, &layer, || Ok(blocks(&publication.bytes))).await?;
        upload_bytes(&repository, config.clone()).await?;
        retry(|| repository.put_manifest(&manifest.digest, &manifest.media_type, manifest.bytes.clone())).await
    });
    if let Err(error) = sent.await {
        return Err(session.explain(error).into());
    }
    if let Some(key) = request.key {
        session.renewing(sign(&repository, &manifest.digest, key, &Annotations::default())).await?;
    }
    let moved = move_tags(inspector.services, &mut session, &tags, &manifest).await?;
    Ok(Published {
        name: session.target.image.name(),
        digest: manifest.digest,
        tags: moved,
        component: layer.digest,
        version: publication.version.to_string(),
        signed_by: request.key.map(|key| key.public().id()),
    })
}

/// The tags: those that the user named, or that of the version, and `latest` where it is asked for.
fn tags(publication: &Publication, request: &Request<'_>) -> Result<Vec<Tag>, ComponentError> {
    if request.to.digest().is_some() {
        return Err(ComponentError::Digest(request.to.as_str().into()));
    }
    let mut tags: Vec<Tag> = request.to.tag().cloned().into_iter().chain(request.tags.iter().cloned()).collect();
    if tags.is_empty() {
        let version = publication.version_tag();
        tags.push(version.parse().map_err(|_| ComponentError::NoTag(publication.version.to_string().into()))?);
    }
    tags.extend(request.latest.then(Tag::latest));
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    Ok(tags)
}

/// Opens a repository to be written to, as a push does: its flavor prepares it, and logs in. Notes of the flavor are
/// told.
pub(super) async fn open_for_push<'a>(
    inspector: &Inspector<'a>,
    to: &RemoteName,
    tag: Option<&Tag>,
    told: impl Fn(&str, &str),
) -> Result<Session<'a>, ComponentError> {
    let services = inspector.services;
    let mut target = services.locate(to, inspector.in_use, Intent::Push).await?;
    let image = &target.image;
    target.image = Reference::new(image.host().clone(), image.repository().clone(), tag.cloned(), None);
    let flavor = target.registry.flavor.clone();
    let access = services.access();
    let opening = Opening::new(access, &services.client, target, Intent::Push, inspector.insecure).await?;
    for note in opening.prepare().await?.notes {
        told(&flavor, &note);
    }
    let mut session = opening.login().await?;
    session.authenticate().await?;
    Ok(session)
}

/// Refuses to move the tag of a version that names other bytes: users pin versions. Other tags are there to be moved.
async fn ensure_free(session: &mut Session<'_>, tags: &[Tag], layer: &Descriptor) -> Result<(), ComponentError> {
    let (repository, name) = (session.repository.clone(), session.target.image.name());
    for tag in tags.iter().filter(|tag| version_of(tag.as_str()).is_some()) {
        let shown = || Escaped::from(format!("{name}:{tag}"));
        let found = session.renewing(retry(|| repository.manifest(tag))).await;
        let Some(FoundManifest { media_type, bytes, .. }) = found.map_err(|error| session.explain(error))? else {
            continue;
        };
        match component_layer(&shown(), &media_type, &bytes) {
            Ok(there) if there.digest == layer.digest => {}
            Ok(there) => return Err(ComponentError::Published { tag: shown(), found: Box::new(there.digest) }),
            Err(_) => return Err(ComponentError::Occupied { tag: shown() }),
        }
    }
    Ok(())
}

/// Bytes in blocks, which share their memory.
fn blocks(bytes: &Bytes) -> impl stream::Stream<Item = io::Result<Bytes>> + Send + 'static {
    let rest = bytes.clone();
    stream::unfold(rest, |mut rest| async move {
        let length = rest.len().min(BLOCK);
        (length > 0).then(|| (Ok(rest.split_to(length)), rest))
    })
}
