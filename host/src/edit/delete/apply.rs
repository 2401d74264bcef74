//! Deletes what was planned.

use super::deleted::{Deleted, Deletion};
use super::planned::Planned;
use crate::cleanup::{self, CleanupError};
use crate::edit::error::EditError;
use crate::image::{Digest, Tag};
use crate::inspect::digest_of;
use crate::retrying::retry;
use crate::text::Escaped;

impl Planned<'_> {
    /// Deletes it, if the tags that were named still name the same manifest.
    ///
    /// # Errors
    /// If a tag has moved, or neither the registry nor its flavor deletes it.
    pub(crate) async fn apply(mut self) -> Result<Deleted, EditError> {
        let digest = self.deleted.digest.clone();
        let repository = self.session.repository.clone();
        for tag in &self.named {
            let found = self.session.renewing(digest_of(&repository, tag)).await;
            let found = found.map_err(|error| self.session.explain(error))?;
            if found.as_ref() != Some(&digest) {
                let image = format!("{}:{tag}", self.deleted.name).into();
                let found = found.map_or_else(|| "nothing".into(), Escaped::of);
                return Err(EditError::TagMoved { image, expected: Box::new(digest), found });
            }
        }
        let (cleanup, deleted) = (&self.cleanup, &self.deleted);
        let work = async {
            match deleted.deletion {
                Deletion::Manifest => {
                    let tags: Vec<&Tag> = deleted.tags.iter().collect();
                    cleanup.delete_with_tags(&digest, &tags).await
                }
                Deletion::Tag => {
                    let mut ended = cleanup::Deleted::Gone;
                    for tag in &deleted.tags {
                        ended = cleanup.delete_tag(tag).await?;
                    }
                    Ok(ended)
                }
            }
        };
        let ended: Result<cleanup::Deleted, CleanupError> = self.session.renewing(work).await;
        match ended {
            Ok(cleanup::Deleted::Now) => {}
            // Someone else was faster, or the answer to the first try was lost.
            Ok(cleanup::Deleted::Gone) => tracing::info!("it is gone already"),
            Err(error) => return Err(self.refused(error).await),
        }
        self.leave_subject(&digest).await;
        self.tell_if_gone(&digest).await;
        Ok(Deleted { dry_run: false, ..self.deleted })
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
