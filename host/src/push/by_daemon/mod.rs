//! Pushes that the Docker daemon makes: crhost has the flavor prepare, gives the daemon the credentials, follows what
//! it tells, and verifies at the registry what arrived.
//!
//! The daemon pushes the first tag. Its manifest is read back, and crhost itself gives it the other tags, so that all
//! of them name the same one.

mod choice;
pub(super) mod error;
mod follow;
mod refusal;
mod temporary_name;
mod verify;

use std::sync::Arc;

use tokio::time::sleep;

pub(super) use choice::{choose, ensure_possible_at_all};
use error::ByDaemonError;
use follow::{Followed, Following};
use refusal::{Cause, Refusal};
pub(super) use temporary_name::TemporaryName;

use super::error::PushError;
use super::progress::{Event, Progress};
use super::report::Report;
use super::request::Request;
use super::tags;
use crate::distribution::{PlainHttp, RepositoryClient};
use crate::docker::{Upload, UploadFailure};
use crate::image::{Platform, Tag};
use crate::registry::{self, Target};
use crate::retrying::waits_for_others;
use crate::source::InDaemon;
use crate::waiting::waiting_for;

/// Everything that a push by the daemon needs.
pub(super) struct ByDaemon<'a> {
    /// The user's request.
    pub(super) request: &'a Request,
    /// The image and its daemon.
    pub(super) image: &'a InDaemon,
    /// The registry, and the image's name there.
    pub(super) target: &'a Target,
    /// The image's repository.
    pub(super) repository: &'a RepositoryClient,
    /// The name that the image is given in the daemon, for the caller to take away in the end.
    pub(super) name: &'a TemporaryName,
    /// Receives the events.
    pub(super) progress: &'a Arc<dyn Progress>,
}

impl ByDaemon<'_> {
    /// Has the daemon send the image, and verifies what the registry has then.
    ///
    /// # Errors
    /// What the daemon or the registry refuses, after retries where they may help.
    pub(super) async fn run(self) -> Result<Report, PushError> {
        let tags = tags::wanted(&self.request.tags, self.target);
        let Some((first, others)) = tags.split_first() else { return Err(ByDaemonError::NoTag.into()) };
        if self.request.if_changed
            && let Some(published) = tags::same_image(self.repository, &tags, &self.image.image.id).await?
        {
            return Ok(tags::unchanged(self.progress, self.target, tags, &published));
        }
        let before = verify::digests(self.repository, &tags).await;
        self.name.give(self.image, &self.target.image.name(), first).await?;
        let followed = self.upload(first).await?;
        let published = verify::published(self.repository, self.target, first, followed.digest.clone()).await?;
        for tag in others {
            tags::publish(self.repository, &self.target.image, tag, &published).await?;
        }
        let digest = published.digest();
        if before.iter().all(|before| before.as_ref() == Some(&digest)) {
            return Ok(tags::unchanged(self.progress, self.target, tags, &published));
        }
        let layers = followed.layers(&published, &self.image.image.diff_ids);
        Ok(Report::pushed(self.target, tags, &published, layers))
    }

    /// Has the daemon push the image under a tag. The daemon makes its own requests again; its push is begun again
    /// where it gave up for a cause that passes, and once with renewed credentials.
    async fn upload(&self, tag: &Tag) -> Result<Followed, ByDaemonError> {
        let (mut waits, mut is_renewed) = (waits_for_others(), false);
        loop {
            let credential = self.repository.credential().await;
            let upload = Upload {
                host: self.target.image.host().credential_key(),
                name: &self.target.image.name(),
                tag,
                platform: self.platform(),
                credential: &credential,
                plain_http: self.may_be_plain(),
            };
            let failure = match self.attempt(&upload).await {
                Ok(followed) => return Ok(followed),
                Err(failure) => Refusal::of(failure),
            };
            let is_denied = failure.cause == Cause::Denied && !credential.is_anonymous();
            if is_denied && !std::mem::replace(&mut is_renewed, true) && self.repository.renew().await {
                // The same ones would be refused again.
                if !self.repository.credential().await.is_same(&credential) {
                    tracing::info!("the daemon tries again with new credentials");
                    continue;
                }
            }
            let wait = if failure.cause == Cause::Temporary { waits.next() } else { None };
            let Some(wait) = wait else { return Err(ByDaemonError::refused(self.image, self.target, failure)) };
            let what = format!("trying again in {:.1} s: {}", wait.as_secs_f32(), failure.words);
            self.progress.event(Event::Again { layer: None, what: what.into(), is_told: false });
            sleep(wait).await;
        }
    }

    /// One push of the daemon.
    async fn attempt(&self, upload: &Upload<'_>) -> Result<Followed, UploadFailure> {
        let _waiting = waiting_for("the Docker daemon");
        let mut messages = self.image.engine.push(upload).await?;
        let mut following = Following::new(Arc::clone(self.progress), self.image.image.diff_ids.len());
        while let Some(message) = messages.next().await? {
            if let Some(words) = message.error() {
                return Err(UploadFailure::told(words));
            }
            following.see(&message);
        }
        Ok(following.end())
    }

    /// Whether the registry may speak plain HTTP, as for crhost's own requests.
    fn may_be_plain(&self) -> bool {
        let permission = registry::plain_http(&self.target.registry, self.request.insecure);
        permission == PlainHttp::Allowed || self.target.image.host().is_loopback()
    }

    /// The platform that the daemon is told, if the user chose one.
    fn platform(&self) -> Option<&Platform> {
        self.request.source.platform.as_ref()
    }
}
