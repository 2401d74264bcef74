//! Finds out what a deletion would delete, before anything is deleted.

use super::deleted::{Deleted, Deletion};
use super::uses::{add_uses, referrers_of};
use crate::cleanup::Cleanup;
use crate::edit::error::EditError;
use crate::image::{Digest, Manifest, Reference, Tag};
use crate::inspect::{Inspector, Kind};
use crate::registry::RemoteName;
use crate::session::{Intent, Session};
use crate::store::RegistryRecord;

/// A deletion that is known and not done.
pub(crate) struct Planned<'a> {
    pub(super) session: Session<'a>,
    /// Deletes.
    pub(super) cleanup: Cleanup<'a>,
    /// The tags that were named, which have to name the same manifest still.
    pub(super) named: Vec<Tag>,
    /// Whether the manifest was named by its digest.
    pub(super) by_digest: bool,
    /// The manifest that the manifest belongs to, if it does.
    pub(super) subject: Option<Digest>,
    /// What goes.
    pub(crate) deleted: Deleted,
}

/// Finds out what the deletion of a name can delete: the manifest that it names with all tags of the same digest, or
/// with `untag` its tag alone. `settle` says which.
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
    let (digest, kind) = (remote.root.digest.clone(), Kind::shown(&remote.root.media_type, &remote.root.bytes));
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
        shared_with: Vec::new(),
        all_tags_known: true,
        part_of: Vec::new(),
        referrers: Vec::new(),
        dry_run: true,
    };
    if deletion == Deletion::Manifest {
        add_uses(inspector.services, &mut remote.session, &mut deleted).await;
        deleted.referrers = referrers_of(&mut remote.session, &deleted.digest).await;
    }
    let cleanup = Cleanup::of(inspector.services, &remote.session).await?;
    let (named, by_digest) = (Vec::from_iter(tag), image.digest().is_some());
    Ok(Planned { session: remote.session, cleanup, named, by_digest, subject, deleted })
}

impl Planned<'_> {
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
}
