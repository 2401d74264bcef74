//! Indexes of images that registries have: a new one, and others of those that it has and more or less.

mod member;

use std::collections::BTreeMap;

use serde::Serialize;

use super::annotate::Annotation;
use super::error::EditError;
use super::publish::{MAX_MANIFEST, Moved, manifest, publish};
use crate::copy::{Copier, CopyError, Writing};
use crate::distribution::FoundManifest;
use crate::image::{ATTESTED, Digest, Manifest, Platform, Tag};
use crate::inspect::{Inspector, Kind, Remote, kind_of, tagged};
use crate::registry::RemoteName;
use crate::retrying::retry;
use crate::session::{Intent, Session};
use crate::text::Escaped;
pub(crate) use member::Member;
use member::{Collected, FullPlatform, annotations, bytes, media_type, members};

/// What an index is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexRequest<'a> {
    /// Its name.
    pub(crate) name: &'a RemoteName,
    /// Its images.
    pub(crate) images: &'a [RemoteName],
    /// Changes of its annotations.
    pub(crate) annotations: &'a [Annotation],
    /// Whether nothing is sent.
    pub(crate) dry_run: bool,
}

/// An index that was made or changed.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Created {
    /// The repository, with its host.
    pub(crate) name: String,
    /// The digest of the index.
    pub(crate) digest: Digest,
    /// Its media type.
    pub(crate) media_type: String,
    /// Its tag, and what became of it; none where nothing was sent.
    pub(crate) tags: Vec<Moved>,
    /// Its entries.
    pub(crate) manifests: Vec<Member>,
    /// Whether nothing was sent.
    pub(crate) dry_run: bool,
}

/// Makes an index of images. One that is an index itself gives its entries, attestations with them. Images of other
/// repositories are copied into that of the index.
///
/// # Errors
/// If an image is not there, two are for one platform, a policy does not admit a copy, or a registry refuses. The tag
/// moves last.
pub(crate) async fn create(
    inspector: &Inspector<'_>,
    copier: &Copier<'_>,
    request: IndexRequest<'_>,
) -> Result<Created, EditError> {
    write(inspector, copier, request, Collected::default(), BTreeMap::new()).await
}

/// Adds images to an index.
///
/// # Errors
/// As for [`create`], and if there is no such index.
pub(crate) async fn add(
    inspector: &Inspector<'_>,
    copier: &Copier<'_>,
    request: IndexRequest<'_>,
) -> Result<Created, EditError> {
    let old = existing(inspector, request.name).await?;
    let mut collected = Collected::default();
    let name = request.name.as_str().into();
    for member in parsed(&old.root, &name)? {
        collected.add(member, &name)?;
    }
    write(inspector, copier, request, collected, annotations(&old.root.bytes)).await
}

/// Takes images out of an index, each by its platform or its digest, with their attestations.
///
/// # Errors
/// If there is no such index or no such image in it, nothing is left, or the registry refuses.
pub(crate) async fn remove(
    inspector: &Inspector<'_>,
    copier: &Copier<'_>,
    request: IndexRequest<'_>,
    wanted: &[String],
) -> Result<Created, EditError> {
    let old = existing(inspector, request.name).await?;
    let name: Escaped = request.name.as_str().into();
    let mut left = parsed(&old.root, &name)?;
    for wanted in wanted {
        let gone = left.iter().find(|member| is_meant(member, wanted)).map(|member| member.digest.clone());
        let Some(gone) = gone else {
            return Err(EditError::NoMember { index: name, wanted: wanted.into() });
        };
        left.retain(|member| member.digest != gone && member.annotations.get(ATTESTED) != Some(&gone.to_string()));
    }
    if left.is_empty() {
        return Err(EditError::NothingLeft(name));
    }
    let mut collected = Collected::default();
    for member in left {
        collected.add(member, &name)?;
    }
    write(inspector, copier, request, collected, annotations(&old.root.bytes)).await
}

/// Whether an entry is the one of a platform or a digest.
fn is_meant(member: &Member, wanted: &str) -> bool {
    let platform = wanted.parse::<Platform>().ok();
    let is_of = |platform: &Platform| member.platform.as_ref().is_some_and(|own| own.short().is_same(platform));
    member.digest.as_str() == wanted || platform.is_some_and(|platform| is_of(&platform))
}

async fn existing<'a>(inspector: &Inspector<'a>, name: &RemoteName) -> Result<Remote<'a>, EditError> {
    let remote = inspector.remote(name, Intent::Pull).await?;
    match kind_of(&remote.root, &Escaped::of(&remote.session.target.image)).map_err(Box::new)? {
        Kind::Index => Ok(remote),
        kind => Err(EditError::NoIndex { image: name.as_str().into(), kind }),
    }
}

fn parsed(index: &FoundManifest, image: &Escaped) -> Result<Vec<Member>, EditError> {
    let malformed = |reason| EditError::Malformed { image: image.clone(), reason: Box::new(reason) };
    members(&index.bytes).map_err(malformed)
}

async fn write(
    inspector: &Inspector<'_>,
    copier: &Copier<'_>,
    request: IndexRequest<'_>,
    mut collected: Collected,
    mut annotations: BTreeMap<String, String>,
) -> Result<Created, EditError> {
    let IndexRequest { name, images, annotations: changes, dry_run } = request;
    if name.digest().is_some() {
        return Err(EditError::NoTag(name.as_str().into()));
    }
    let target = tagged(inspector.services.locate(name, inspector.in_use, Intent::Push).await?);
    let index_name = target.image.clone();
    // All images are found before anything is made for the index.
    let mut others = Vec::new();
    for image in images {
        let remote = inspector.remote(image, Intent::Pull).await?;
        let is_here = remote.session.target.image.name() == index_name.name();
        let (session, new) = add_image(remote, &mut collected).await?;
        if !is_here && !new.is_empty() {
            others.push((session, new));
        }
    }
    for Annotation { key, value } in changes {
        match value {
            Some(value) => drop(annotations.insert(key.clone(), value.clone())),
            None => drop(annotations.remove(key)),
        }
    }
    let media_type = media_type(&collected.members, &annotations);
    let index = manifest(media_type, bytes(media_type, &collected.members, &annotations));
    if index.bytes.len() > MAX_MANIFEST {
        let (image, size) = (Escaped::of(&index_name), index.bytes.len());
        return Err(EditError::TooLarge { image, size, limit: MAX_MANIFEST });
    }
    let tag = index_name.tag().cloned().unwrap_or_else(Tag::latest);
    let tags = match dry_run {
        true => Vec::new(),
        false => {
            let mut writing = Writing::new(copier, &target, inspector.insecure);
            for (mut session, new) in others {
                copier.bring(&mut session, &mut writing, new).await?;
            }
            let session = &mut writing.open().await.map_err(CopyError::from)?.open;
            ensure_there(session, &collected.members).await?;
            publish(inspector.services, session, &[tag], &index).await?
        }
    };
    Ok(Created {
        name: index_name.name(),
        digest: index.digest,
        media_type: index.media_type,
        tags,
        manifests: collected.members,
        dry_run,
    })
}

/// Adds an image, or the entries of an index, and gives the digests of those that are new, with the open repository.
async fn add_image<'a>(
    mut remote: Remote<'a>,
    collected: &mut Collected,
) -> Result<(Session<'a>, Vec<Digest>), EditError> {
    let (root, name) = (remote.root.clone(), Escaped::of(&remote.session.target.image));
    let members = match kind_of(&root, &name).map_err(Box::new)? {
        Kind::Index => parsed(&root, &name)?,
        _ => vec![single(&mut remote, &root).await?],
    };
    let mut new = Vec::new();
    for member in members {
        if !collected.members.iter().any(|known| known.digest == member.digest) {
            new.push(member.digest.clone());
        }
        collected.add(member, &name)?;
    }
    Ok((remote.session, new))
}

/// The entry of one image, with the platform of its configuration; of an artifact, with its type.
async fn single(remote: &mut Remote<'_>, root: &FoundManifest) -> Result<Member, EditError> {
    let config =
        Manifest::parse(&root.bytes).ok().map(|manifest| manifest.config).filter(|config| config.is_image_config());
    let platform = match config {
        Some(config) => FullPlatform::of_config(&remote.blob(&config).await?),
        None => None,
    };
    Ok(Member {
        media_type: root.media_type.clone(),
        digest: root.digest.clone(),
        size: root.bytes.len() as u64,
        platform,
        artifact_type: crate::inspect::artifact_type(&root.bytes),
        annotations: BTreeMap::new(),
    })
}

/// Has the registry confirm that the repository has each manifest: few of them look before they take an index.
async fn ensure_there(session: &mut Session<'_>, members: &[Member]) -> Result<(), EditError> {
    let repository = session.repository.clone();
    for member in members {
        let head = session.renewing(retry(|| repository.head_manifest(&member.digest))).await;
        if head.map_err(|error| session.explain(error))?.is_none() {
            let image = Escaped::of(&session.target.image);
            return Err(EditError::Missing { image, digest: Box::new(member.digest.clone()) });
        }
    }
    Ok(())
}
