//! Pushes: an image, its registry, the registry's flavor and the distribution protocol together.
//!
//! Each step needs the one before: open the image, find the registry, let its flavor prepare and give credentials, ask
//! the registry the first question, find the layers that it lacks, send them, then the configuration and the manifest.
//! The tags move last.

mod all_tags;
mod artifact;
mod block_channel;
mod by_daemon;
mod compress;
mod confirm;
mod error;
mod inventory;
mod layers;
mod manifest;
mod manner;

mod mount;
mod plan;
mod progress;
mod published;
mod report;
mod request;
mod session;
mod tags;
mod trace;
mod transfer;

use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Instrument as _;

pub(crate) use compress::Compression;
pub(crate) use error::PushError;
pub(crate) use inventory::Outcome;
pub(crate) use progress::{Event, Progress};
pub(crate) use report::Report;
pub(crate) use request::{EngineChoice, Request};

use crate::access::AccessContext;
use crate::catalog::Catalog;
use crate::distribution::Client;
use crate::docker::{self, Candidates, Chosen, Engine};
use crate::environment::Environment;
use crate::image::{Reference, ReferenceError};
use crate::registry::{self, Destination, GivenName, RegistryError, Selector, Target, Unnamed};
use crate::source::{Location, Source, SourceError};
use crate::spans;
use crate::store::Store;
use crate::waiting::waiting_for;
use by_daemon::{ByDaemon, TemporaryName};
use manner::Manner;
use session::Session;
use transfer::Transfer;

/// Everything that pushes use.
pub(crate) struct Pusher<'a> {
    /// Registries, connectors, and the caches of earlier pushes.
    pub(crate) store: &'a Store,
    /// Flavors.
    pub(crate) catalog: Catalog<'a>,
    /// The distribution client.
    pub(crate) client: Client,
    /// The process's environment, as Docker's tools read it.
    pub(crate) environment: &'a Environment,
    /// Docker's configuration.
    pub(crate) docker: docker::Configuration,
    /// The Docker daemon, where the user names one.
    pub(crate) daemon: Chosen,
    /// Receives the events.
    pub(crate) progress: Arc<dyn Progress>,
}

impl Pusher<'_> {
    /// Pushes an image, unless `interrupt` comes before the end. If it fails, uploads that are open are cancelled.
    ///
    /// # Errors
    /// Any failure. No tag has moved then, except those before the one that the error names.
    pub(crate) async fn push(
        &self,
        request: Request,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Report, PushError> {
        let span = spans::push();
        let ended = self.push_in_span(request, interrupt).instrument(span.clone()).await;
        trace::ended(&span, &ended);
        ended
    }

    async fn push_in_span(&self, request: Request, interrupt: impl Future<Output = ()>) -> Result<Report, PushError> {
        let start = Instant::now();
        let mut stop = pin!(stopped(request.timeout, interrupt));
        let (source, mut session) = tokio::select! {
            opened = self.open(&request) => opened?,
            error = &mut stop => return Err(error),
        };
        let name = TemporaryName::default();
        let ended = tokio::select! {
            ended = self.send(&request, &source, &mut session, &name) => ended.map_err(|error| session.explain(error)),
            error = stop => Err(error),
        };
        name.take_away().await;
        if ended.is_err() {
            session.cancel_uploads().await;
        }
        ended.map(|report| Report { seconds: (start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0, ..report })
    }

    /// Opens the image and its registry.
    async fn open(&self, request: &Request) -> Result<(Source, Session<'_>), PushError> {
        if let Some(name) = &request.to {
            // A wrong name is found out before a daemon is asked or a file is read.
            self.store.registry(name).map_err(|error| registry::of_name(name, error))?;
        }
        check_name(&request.location)?;
        by_daemon::ensure_in_daemon(request)?;
        let side = if request.location.is_file() { "the image's files" } else { "the Docker daemon" };
        let waiting = waiting_for(side);
        let opening = Source::open(&request.location, &request.source, self.environment, async || self.engine().await);
        let source = opening.instrument(spans::open_source()).await?;
        drop(waiting);
        let target = self.target(request, &source).await?;
        let context = AccessContext {
            store: self.store,
            catalog: &self.catalog,
            docker: &self.docker,
            environment: self.environment,
        };
        let session =
            Session::open(context, &self.client, target, request.insecure, request.compression, &self.progress).await?;
        Ok((source, session))
    }

    /// The Docker daemon.
    async fn engine(&self) -> Result<Engine, SourceError> {
        let candidates = Candidates::find(self.environment, &self.docker, &self.daemon)?;
        Ok(Engine::connect(&candidates).await?)
    }

    async fn target(&self, request: &Request, source: &Source) -> Result<Target, PushError> {
        let is_pushed = |name: &str| request.tags.iter().any(|tag| name.ends_with(&format!(":{tag}")));
        let others: Vec<&String> = source.other_names().iter().filter(|name| !is_pushed(name)).collect();
        if let [first, ..] = others.as_slice() {
            let more = others.len();
            let first = crate::text::printable(first, 200);
            let names = if more == 1 { "name" } else { "names" };
            tracing::warn!("the file has {more} more {names} for this image, such as `{first}`, not pushed");
        }
        let current = match &request.in_use {
            Some(Destination::Name(name)) => Some(name.clone()),
            Some(Destination::Uri(_)) => None,
            None => self.store.current_registry()?,
        };
        let location = request.location.to_string();
        let selector = Selector {
            to: request.to.as_ref(),
            named: request.named.as_ref(),
            source: source.name(),
            unnamed: request.location.is_file().then_some(Unnamed { location: &location, name: source.suggestion() }),
            current: current.as_ref(),
        };
        let registries = self.store.registries()?;
        let unowned = registry::unowned(&registries, &selector);
        let mut unregistered = request.unregistered.clone();
        if let Some(Destination::Uri(uri)) = &request.in_use
            && selector.means_current()
        {
            unregistered.uri.get_or_insert_with(|| uri.clone());
        }
        let is_unregistered = request.to.is_none() && unregistered.is_given() || unowned.is_some();
        if !is_unregistered {
            let target = registry::select(&registries, selector)?;
            return match unregistered.options.is_empty() {
                true => Ok(target),
                false => Err(RegistryError::OptionsOfRegistered(target.registry.name).into()),
            };
        }
        let named = match &request.named {
            Some(GivenName::Whole(image)) => Some(image.clone()),
            _ => source.name().filter(|name| Reference::names_host(name)).and_then(|name| name.parse().ok()),
        };
        let registry = unregistered.find(&self.catalog, named.as_ref()).await?;
        if let Some(own) = registries.iter().find(|own| own.uri == registry.uri) {
            tracing::warn!(
                "`{}` is registered as `{}`, which `--to {}` uses with its connector",
                own.uri,
                own.name,
                own.name
            );
        }
        let selector = Selector { to: Some(&registry.name), ..selector };
        let target = registry::select(std::slice::from_ref(&registry), selector)?;
        Ok(Target { registered: false, ..target })
    }

    /// Sends the image by whoever is to do that.
    async fn send(
        &self,
        request: &Request,
        source: &Source,
        session: &mut Session<'_>,
        name: &TemporaryName,
    ) -> Result<Report, PushError> {
        let (target, repository) = (session.open.target.clone(), session.open.repository.clone());
        let credential = repository.credential().await;
        let Some(image) = by_daemon::choose(request, source, &target, &credential)? else {
            return self.transfer(request, source, session).await;
        };
        let progress = &self.progress;
        let by_daemon = ByDaemon { request, image, target: &target, repository: &repository, name, progress };
        match session.open.renewing(by_daemon.run()).await {
            // The user did not ask for the daemon.
            Err(PushError::ByDaemon(error)) if request.engine == EngineChoice::Auto && error.is_of_daemon_alone() => {
                tracing::warn!("crhost sends the image itself: {error}");
                self.transfer(request, source, session).await
            }
            ended => ended,
        }
    }

    async fn transfer(
        &self,
        request: &Request,
        source: &Source,
        session: &mut Session<'_>,
    ) -> Result<Report, PushError> {
        let profile = session.profile;
        let session = &mut session.open;
        let (target, repository) = (session.target.clone(), session.repository.clone());
        let account = session.account.clone();
        let transfer = Transfer {
            manner: &Manner::of(request),
            source,
            target: &target,
            repository: &repository,
            profile,
            store: self.store,
            account: &account,
            progress: &self.progress,
        };
        session.renewing(transfer.run()).await
    }
}

/// Checks the name of a daemon's image before the daemon is asked, which has other words for an invalid one. An id is
/// valid, and what names a file is for the source to explain.
fn check_name(location: &Location) -> Result<(), RegistryError> {
    let Location::Daemon(name) = location else { return Ok(()) };
    match name.parse::<Reference>() {
        Ok(_) | Err(ReferenceError::Id(_)) => Ok(()),
        Err(_) if Path::new(name).exists() => Ok(()),
        Err(reason) => Err(reason.into()),
    }
}

/// The reason to end a push before its time, when there is one.
async fn stopped(timeout: Option<Duration>, interrupt: impl Future<Output = ()>) -> PushError {
    let Some(timeout) = timeout else {
        interrupt.await;
        return PushError::Interrupted;
    };
    tokio::select! {
        () = interrupt => PushError::Interrupted,
        () = tokio::time::sleep(timeout) => PushError::TooLate(timeout),
    }
}
