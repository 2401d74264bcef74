//! A registry that does not delete: what it is told of, and the next step.

use super::deleted::Deletion;
use super::planned::Planned;
use crate::cleanup::CleanupError;
use crate::edit::error::EditError;
use crate::flavor;
use crate::text::{Escaped, quoted};

impl Planned<'_> {
    /// The error for what neither the registry nor its flavor deletes, with a hint by what the flavor knows of the
    /// registry.
    pub(super) async fn refused(&self, error: CleanupError) -> EditError {
        let CleanupError::NoDelete { reason, .. } = error else { return error.into() };
        let known = self.session.profile().await.map_or(flavor::Deletion::Unknown, |profile| profile.deletion);
        let (what, hint) = match self.deleted.deletion {
            Deletion::Tag => ("a tag alone", self.instead_of_tag()),
            Deletion::Manifest => ("manifests", self.instead_of_manifest(known)),
        };
        let host = Escaped::of(self.session.target.image.host());
        EditError::Unsupported { host, what, reason, hint: hint.into() }
    }

    fn instead_of_tag(&self) -> String {
        let image = format!("{}@{}", self.deleted.name, self.deleted.digest);
        let others = match self.deleted.shared_with.as_slice() {
            [] => "all of its tags".to_owned(),
            others => format!("all of its tags, {} included", quoted(others)),
        };
        format!("by its digest, without `--untag`, the manifest goes with {others}: `crhost delete --dry-run {image}`")
    }

    fn instead_of_manifest(&self, known: flavor::Deletion) -> String {
        let flavor = &self.session.target.registry.flavor;
        match known {
            flavor::Deletion::Unsupported => format!(
                "this registry deletes by its provider's API alone: register it with a connector that opens that; \
                 `crhost flavor describe {flavor}` shows them"
            ),
            flavor::Deletion::ByTag => "`--untag` deletes its tags, and the registry the rest".to_owned(),
            flavor::Deletion::ByDigest => {
                "this registry can delete by digest: have whoever runs it allow deletions to this account".to_owned()
            }
            flavor::Deletion::Unknown => {
                "delete it on the registry's own pages, or have whoever runs the registry allow deletions".to_owned()
            }
        }
    }
}
