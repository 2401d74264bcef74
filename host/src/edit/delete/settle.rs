//! Settles what several names of one command delete together: which manifests go, and which lose tags alone.

use super::deleted::{Deleted, Deletion};
use super::planned::Planned;
use crate::edit::error::EditError;
use crate::image::Tag;
use crate::text::quoted;

impl Planned<'_> {
    /// The tags that would go with the manifest, though no name of the command named them.
    #[must_use]
    pub(crate) fn unnamed(&self) -> Vec<&Tag> {
        match self.deleted.deletion {
            Deletion::Manifest => self.deleted.tags.iter().filter(|tag| !self.named.contains(tag)).collect(),
            Deletion::Tag => Vec::new(),
        }
    }
}

/// Makes one deletion of all names of one manifest. A manifest that was named by tags keeps, with them gone, its other
/// tags, since these were not meant; one that was named by its digest goes with all.
pub(crate) fn settle(planned: Vec<Planned<'_>>) -> Vec<Planned<'_>> {
    let mut settled: Vec<Planned<'_>> = Vec::with_capacity(planned.len());
    for mut one in planned {
        let is_same = |known: &&mut Planned<'_>| {
            (&known.deleted.name, &known.deleted.digest) == (&one.deleted.name, &one.deleted.digest)
        };
        match settled.iter_mut().find(is_same) {
            Some(known) => {
                known.by_digest |= one.by_digest;
                let new = one.named.drain(..).filter(|tag| !known.named.contains(tag)).collect::<Vec<_>>();
                known.named.extend(new);
            }
            None => settled.push(one),
        }
    }
    for Planned { named, by_digest, deleted, .. } in &mut settled {
        let others: Vec<Tag> = deleted.tags.iter().filter(|tag| !named.contains(tag)).cloned().collect();
        let is_shared = !others.is_empty() || !deleted.all_tags_known;
        if deleted.deletion == Deletion::Tag || (is_shared && !*by_digest) {
            deleted.deletion = Deletion::Tag;
            deleted.tags.clone_from(named);
            deleted.shared_with = others;
            // It stays.
            deleted.part_of.clear();
            deleted.referrers.clear();
        }
    }
    settled
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
