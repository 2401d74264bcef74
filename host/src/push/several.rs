//! The transfers of one push, side by side: each has its own session, and all have one reading of the image.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tracing::Instrument as _;

use super::admission::Admitted;
use super::by_daemon::{self, ByDaemon, TemporaryName};
use super::companions::{Companions, Meetings};
use super::ended::Ended;
use super::error::PushError;
use super::finding::Found;
use super::layers::{Encoder, Member, RegistrySlots, SharedFeed};
use super::manner::Manner;
use super::progress::{OfRegistry, Progress};
use super::pusher::Pusher;
use super::report::Report;
use super::request::{EngineChoice, Request};
use super::session::Session;
use super::target_blobs::TargetBlobs;
use super::transfer::Transfer;
use super::{tags, trace};
use crate::image::Tag;
use crate::policy::Warning;
use crate::registry::Target;
use crate::source::Source;
use crate::spans;
use crate::text::seconds;

/// One registry of a push.
pub(super) struct Entry<'a> {
    target: Target,
    /// Receives the events of this registry.
    progress: Arc<dyn Progress>,
    session: Option<Session<'a>>,
    /// The tags that have moved.
    moved: Mutex<Vec<Tag>>,
    ended: Option<Result<Report, PushError>>,
    /// What policies warned of.
    policy_warnings: Vec<Warning>,
}

impl<'a> Pusher<'a> {
    /// Opens all targets at once: each is prepared and logged in by its flavor. One that fails has ended by that; where
    /// all or none are meant, the others have ended as well.
    pub(super) async fn open_all(&'a self, request: &Request, admitted: Vec<Admitted>) -> Vec<Entry<'a>> {
        let is_one = admitted.len() == 1;
        let entries = join_all(admitted.into_iter().map(|admitted| self.open_one(request, admitted, is_one)));
        let mut entries = entries.await;
        if request.all_or_none && entries.iter().any(|entry| entry.ended.is_some()) {
            for entry in &mut entries {
                entry.ended.get_or_insert(Err(PushError::HeldBack));
            }
        }
        entries
    }

    async fn open_one(&'a self, request: &Request, admitted: Admitted, is_one: bool) -> Entry<'a> {
        let Admitted { target, warnings } = admitted;
        let progress: Arc<dyn Progress> = match is_one {
            true => Arc::clone(&self.progress),
            false => Arc::new(OfRegistry { registry: target.label().into(), display: Arc::clone(&self.progress) }),
        };
        let policy_warnings = match warnings {
            Ok(warnings) => warnings,
            Err(error) => {
                let (moved, policy_warnings) = (Mutex::default(), Vec::new());
                return Entry { target, progress, session: None, moved, ended: Some(Err(error)), policy_warnings };
            }
        };
        let (context, client) = (self.services.access(), &self.services.client);
        let (insecure, compression) = (request.insecure, request.compression);
        let opened = Session::open(context, client, target.clone(), insecure, compression, &progress).await;
        let (session, ended) = match opened {
            Ok(session) => (Some(session), None),
            Err(error) => (None, Some(Err(error))),
        };
        Entry { target, progress, session, moved: Mutex::default(), ended, policy_warnings }
    }

    /// Sends the image to all that are open. A failure of one leaves the others alone.
    pub(super) async fn send(
        &self,
        request: &Request,
        source: &Source,
        entries: &mut [Entry<'_>],
        name: &TemporaryName,
        start: Instant,
    ) {
        let is_one = entries.len() == 1;
        let mut open: Vec<_> = entries.iter_mut().filter(|entry| entry.ended.is_none()).collect();
        let sessions = open.iter_mut().filter_map(|entry| entry.session.as_mut()).collect();
        let Found { known, blobs } = self.find_layers(request, source, sessions).await;
        let manner = Manner { known, found: blobs, ..Manner::of(request) };
        let mut feed = SharedFeed::new(source, Encoder::new(manner.compression));
        let meetings = Meetings::new(open.len(), request.all_or_none);
        let slots = RegistrySlots::of_one;
        let registries = open.len();
        let transfers = open.iter_mut().map(|entry| {
            let member = feed.member(slots(registries, &manner.slots));
            let Entry { target, progress, session, moved, ended, policy_warnings } = &mut **entry;
            let policy_warnings = std::mem::take(policy_warnings);
            let companions = meetings.companions(moved);
            let one = One { pusher: self, request, source, manner: &manner, target, progress };
            let span = if is_one { tracing::Span::current() } else { spans::push_to(&target.label()) };
            let work = async move {
                let Some(session) = session else { return };
                let sent = one.send(session, name, member, companions).await.map_err(|error| session.explain(error));
                if sent.is_err() {
                    session.cancel_uploads().await;
                }
                let seconds = seconds(start.elapsed());
                let sent = sent.map(|report| Report { seconds, policy_warnings, ..report });
                if !is_one {
                    trace::ended(&tracing::Span::current(), &sent);
                }
                *ended = Some(sent);
            };
            work.instrument(span)
        });
        let transfers: Vec<_> = transfers.collect();
        tokio::select! {
            _ = join_all(transfers) => {}
            never = feed.serve() => match never {},
        }
    }
}

/// The transfer to one registry.
struct One<'a> {
    pusher: &'a Pusher<'a>,
    request: &'a Request,
    source: &'a Source,
    manner: &'a Manner,
    target: &'a Target,
    progress: &'a Arc<dyn Progress>,
}

impl One<'_> {
    /// Sends the image by whoever is to do that.
    async fn send(
        &self,
        session: &mut Session<'_>,
        name: &TemporaryName,
        member: Member,
        companions: Companions<'_>,
    ) -> Result<Report, PushError> {
        let Self { request, source, target, progress, .. } = *self;
        let repository = session.open.repository.clone();
        let image = match request.registries.len() {
            1 => by_daemon::choose(request, source, target, &repository.credential().await)?,
            _ => None,
        };
        let Some(image) = image else { return self.transfer(session, member, companions).await };
        let by_daemon = ByDaemon { request, image, target, repository: &repository, name, progress };
        match session.open.renewing(by_daemon.run()).await {
            // The user did not ask for the daemon.
            Err(PushError::ByDaemon(error)) if request.engine == EngineChoice::Auto && error.is_of_daemon_alone() => {
                tracing::warn!("crhost sends the image itself: {error}");
                self.transfer(session, member, companions).await
            }
            ended => ended,
        }
    }

    async fn transfer(
        &self,
        session: &mut Session<'_>,
        member: Member,
        companions: Companions<'_>,
    ) -> Result<Report, PushError> {
        let profile = session.profile;
        let session = &mut session.open;
        let (repository, account) = (session.repository.clone(), session.account.clone());
        let blobs = TargetBlobs::default();
        let transfer = Transfer {
            manner: self.manner,
            source: self.source,
            target: self.target,
            repository: &repository,
            profile,
            store: self.pusher.services.store,
            account: &account,
            blobs: &blobs,
            progress: self.progress,
        };
        session.renewing(transfer.run(member, companions)).await
    }
}

impl Entry<'_> {
    /// Whether something is to be sent there.
    pub(super) fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// Cancels the uploads of a push that was stopped.
    pub(super) async fn cancel_uploads(&self) {
        if let (Some(session), None) = (&self.session, &self.ended) {
            session.cancel_uploads().await;
        }
    }

    /// How the push ended there; `stopped` is why it did not.
    pub(super) fn end(self, request: &Request, stopped: impl FnOnce() -> PushError) -> Ended {
        Ended {
            registry: self.target.label().into(),
            image: self.target.image.to_string().into(),
            name: self.target.image.name().into(),
            wanted: tags::wanted(&request.tags, &self.target),
            moved: self.moved.into_inner(),
            opened: self.session.is_some(),
            result: self.ended.unwrap_or_else(|| Err(stopped())),
        }
    }
}
