//! Deletes a manifest with all of its tags, or a tag alone: first it is found out what goes, then it goes.

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;

use super::error::EditError;
use crate::distribution::{Error, ManifestName};
use crate::image::{Digest, Index, Manifest, Reference, Tag, media_type};
use crate::inspect::{Filter, Inspector, Kind, Order, digest_of, heads_of, tags};
use crate::registry::RemoteName;
use crate::retrying::{CONCURRENT_REQUESTS, retry};
use crate::session::{Intent, Session};
use crate::store::RegistryRecord;
use crate::supply_chain;
use crate::text::{Escaped, quoted};

/// What is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Deletion {
    /// A manifest or an index, with all of its tags.
    Manifest,
    /// A tag alone.
    Tag,
}

/// What was deleted, or would be.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deleted {
    /// The repository, with its host.
    pub(crate) name: String,
    /// The digest of the manifest or index.
    pub(crate) digest: Digest,
    /// What that is.
    pub(crate) kind: Kind,
    /// Whether it goes, or a tag alone.
    pub(crate) deletion: Deletion,
    /// The tags that go.
    pub(crate) tags: Vec<Tag>,
    /// Whether these are all; not every registry lists its tags to every user.
    pub(crate) all_tags_known: bool,
    /// Tags of indexes that name the manifest, and would name nothing there: it is not deleted then.
    pub(crate) part_of: Vec<Tag>,
    /// Signatures and other things that belong to the manifest; they stay, and belong to nothing then.
    pub(crate) referrers: Vec<Digest>,
    /// Whether nothing was deleted, as it was only asked what would be.
    pub(crate) dry_run: bool,
}

/// A deletion that is known and not done.
pub(crate) struct Planned<'a> {
    session: Session<'a>,
    /// The tag that was named, which has to name the same manifest still.
    tag: Option<Tag>,
    /// The manifest that the manifest belongs to, if it does.
    subject: Option<Digest>,
    /// What goes.
    pub(crate) deleted: Deleted,
}

/// Finds out what the deletion of a name deletes: the manifest that it names with all tags of the same digest, or with
/// `untag` its tag alone.
///
/// # Errors
/// If there is no such image, or the registry refuses.
pub(crate) async fn plan<'a>(
    inspector: &Inspector<'a>,
    name: &RemoteName,
    untag: bool,
) -> Result<Planned<'a>, EditError> {
    if untag && (name.digest().is_some() || name.tag().is_none()) {
        return Err(EditError::NothingToUntag(name.as_str().into()));
    }
    let mut remote = inspector.remote(name, Intent::Delete).await?;
    let (digest, kind) = (remote.root.digest.clone(), Kind::of(&remote.root.media_type, &remote.root.bytes));
    let subject = Manifest::parse(&remote.root.bytes).ok().and_then(|manifest| manifest.subject);
    let subject = subject.map(|subject| subject.digest);
    let image = remote.session.target.image.clone();
    let tag = image.tag().filter(|_| image.digest().is_none()).cloned();
    let deletion = if untag { Deletion::Tag } else { Deletion::Manifest };
    let mut deleted = Deleted {
        name: image.name(),
        digest,
        kind,
        deletion,
        tags: tag.iter().cloned().collect(),
        all_tags_known: true,
        part_of: Vec::new(),
        referrers: Vec::new(),
        dry_run: true,
    };
    if deletion == Deletion::Manifest {
        add_uses(&mut remote.session, &mut deleted).await;
        deleted.referrers = referrers_of(&mut remote.session, &deleted.digest).await;
    }
    Ok(Planned { session: remote.session, tag, subject, deleted })
}

/// Adds the tags of a manifest, and those of indexes that name it.
async fn add_uses(session: &mut Session<'_>, deleted: &mut Deleted) {
    let found = match tags(session, &Filter::default(), Order::Registry).await {
        Ok(found) => heads_of(session, &found).await.map(|heads| found.into_iter().zip(heads).collect::<Vec<_>>()),
        Err(error) => Err(error),
    };
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!("which other tags have the same digest is not known: {error}");
            deleted.all_tags_known = false;
            return;
        }
    };
    let mut indexes: Vec<(Tag, Digest)> = Vec::new();
    for (tag, head) in found {
        let Some(head) = head else { continue };
        let is_index = matches!(head.media_type.as_deref(), Some(media_type::OCI_INDEX | media_type::DOCKER_LIST));
        if head.digest == deleted.digest {
            if !deleted.tags.contains(&tag) {
                deleted.tags.push(tag);
            }
        } else if is_index && indexes.iter().all(|(_, known)| *known != head.digest) {
            indexes.push((tag, head.digest));
        }
    }
    deleted.tags.sort();
    deleted.part_of = naming(session, &deleted.digest, indexes).await;
}

/// The tags of those indexes that name a manifest.
async fn naming(session: &mut Session<'_>, digest: &Digest, indexes: Vec<(Tag, Digest)>) -> Vec<Tag> {
    let repository = session.repository.clone();
    let read = |(tag, index): (Tag, Digest)| {
        let repository = repository.clone();
        async move { (tag, retry(|| repository.manifest(&index)).await) }
    };
    let read = stream::iter(indexes.into_iter().map(read)).buffered(CONCURRENT_REQUESTS).collect::<Vec<_>>();
    let mut found = Vec::new();
    for (tag, index) in session.renewing(read).await {
        match index {
            Ok(Some(index)) => {
                let names = |index: Index| index.manifests.iter().any(|entry| entry.digest == *digest);
                if Index::parse(&index.bytes).is_ok_and(names) {
                    found.push(tag);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!("whether the index `{tag}` names it is not known: {error}"),
        }
    }
    found
}

/// Refuses to delete what indexes name that are not deleted with it: they would be broken.
///
/// # Errors
/// [`EditError::InUse`] for the first such manifest.
pub(crate) fn ensure_unused(planned: &[Planned<'_>]) -> Result<(), EditError> {
    for Planned { deleted, .. } in planned {
        let goes = |tag: &&Tag| {
            let is_it = |other: &Deleted| {
                other.name == deleted.name && other.deletion == Deletion::Manifest && other.tags.contains(*tag)
            };
            planned.iter().any(|other| is_it(&other.deleted))
        };
        let left: Vec<&Tag> = deleted.part_of.iter().filter(|tag| !goes(tag)).collect();
        if !left.is_empty() {
            let image = format!("{}@{}", deleted.name, deleted.digest).into();
            return Err(EditError::InUse { image, indexes: quoted(left).into() });
        }
    }
    Ok(())
}

/// The manifests that name a manifest as theirs, as far as the registry tells.
async fn referrers_of(session: &mut Session<'_>, digest: &Digest) -> Vec<Digest> {
    let repository = session.repository.clone();
    match session.renewing(supply_chain::referrers(&repository, digest)).await {
        Ok(found) => found.all.into_iter().map(|referrer| referrer.digest).collect(),
        Err(error) => {
            tracing::debug!("what belongs to `{digest}` is not known: {error}");
            Vec::new()
        }
    }
}

impl Planned<'_> {
    /// Deletes it, if the tag that was named still names the same manifest.
    ///
    /// # Errors
    /// If the tag has moved, or the registry refuses or has no such deletions.
    pub(crate) async fn apply(mut self) -> Result<Deleted, EditError> {
        let digest = self.deleted.digest.clone();
        let repository = self.session.repository.clone();
        if let Some(tag) = &self.tag {
            let found = self.session.renewing(digest_of(&repository, tag)).await;
            let found = found.map_err(|error| self.session.explain(error))?;
            if found.as_ref() != Some(&digest) {
                let image = format!("{}:{tag}", self.deleted.name).into();
                let found = found.map_or_else(|| "nothing".into(), Escaped::of);
                return Err(EditError::TagMoved { image, expected: Box::new(digest), found });
            }
        }
        let what = match (self.deleted.deletion, &self.tag) {
            (Deletion::Tag, Some(tag)) => ManifestName::Tag(tag),
            _ => ManifestName::Digest(&digest),
        };
        let done = self.session.renewing(retry(|| repository.delete_manifest(what))).await;
        match done {
            Ok(()) => {}
            // Someone else was faster, or the answer to the first try was lost.
            Err(error) if error.is_not_found() => tracing::info!("it is gone already: {error}"),
            Err(error) => return Err(self.refused(error)),
        }
        self.leave_subject(&digest).await;
        self.tell_if_gone(&digest).await;
        Ok(Deleted { dry_run: false, ..self.deleted })
    }

    fn refused(&self, error: Error) -> EditError {
        let is_unsupported = match self.deleted.deletion {
            Deletion::Tag => error.deletes_no_tags(),
            Deletion::Manifest => error.is_unsupported(),
        };
        let reason = self.session.explain(error);
        if !is_unsupported {
            return reason.into();
        }
        let (what, hint) = match self.deleted.deletion {
            Deletion::Tag => (
                "a tag alone",
                format!(
                    "without `--untag`, the manifest goes with all of its tags: `crhost delete --dry-run {}@{}`",
                    self.deleted.name, self.deleted.digest
                ),
            ),
            Deletion::Manifest => (
                "manifests",
                "delete it on the registry's own pages, or have whoever runs the registry allow deletions".to_owned(),
            ),
        };
        let host = Escaped::of(self.session.target.image.host());
        EditError::Unsupported { host, what, reason: Box::new(reason), hint: hint.into() }
    }

    /// What goes, by its digest.
    pub(crate) fn image(&self) -> Reference {
        let image = &self.session.target.image;
        let digest = Some(self.deleted.digest.clone());
        Reference::new(image.host().clone(), image.repository().clone(), None, digest)
    }

    /// The registry of what goes.
    pub(crate) fn registry(&self) -> &RegistryRecord {
        &self.session.target.registry
    }

    /// Takes the manifest out of the list of what belongs to its subject, where clients keep that list.
    async fn leave_subject(&mut self, digest: &Digest) {
        let Some(subject) = self.subject.clone().filter(|_| self.deleted.deletion == Deletion::Manifest) else {
            return;
        };
        let repository = self.session.repository.clone();
        if let Err(error) = self.session.renewing(repository.remove_referrer(&subject, digest)).await {
            tracing::warn!("the list of what belongs to `{subject}` still names it: {error}");
        }
    }

    /// Warns if the manifest went with its tag, by a registry that has no deletion of tags alone, or that keeps no
    /// manifest without one.
    async fn tell_if_gone(&mut self, digest: &Digest) {
        if self.deleted.deletion == Deletion::Manifest {
            return;
        }
        let repository = self.session.repository.clone();
        match self.session.renewing(retry(|| repository.head_manifest(digest))).await {
            Ok(Some(_)) => {}
            Ok(None) => tracing::warn!("the registry deleted the manifest `{digest}` with its tag"),
            Err(error) => tracing::warn!("whether the manifest is still there is not known: {error}"),
        }
    }
}
