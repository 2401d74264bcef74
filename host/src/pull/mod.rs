//! Pulls: an image of a registry into the Docker daemon, an OCI layout, or an archive.
//!
//! The image's manifest and configuration come first; then its layers, verified while they come, to where nobody looks
//! yet; and last what makes it visible: an entry in an index, a file's name, a tag in the daemon.

mod archive;
mod blocking;
mod contents;
mod daemon;
mod destination;
mod error;
mod layout;
mod report;
mod request;
mod sinks;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use destination::{Destination, whole_name};
pub(crate) use error::PullError;
pub(crate) use report::{Outcome, Report};
pub(crate) use request::Request;

use crate::docker::{Candidates, Chosen, Engine};
use crate::inspect::tagged;
use crate::push::{Event, Progress};
use crate::remote::{RemoteError, RemoteImage};
use crate::session::{Intent, Services};
use crate::stopped::Stopped;
use crate::text::seconds;
use archive::ArchiveFile;
use contents::Contents;
use layout::{ImageNames, LayoutDirectory};
use sinks::Sink;

/// Everything that pulls use.
pub(crate) struct Puller<'a> {
    /// Registries, flavors, credentials, the distribution client.
    pub(crate) services: Services<'a>,
    /// The Docker daemon, where the user names one.
    pub(crate) daemon: Chosen,
    /// Receives the events.
    pub(crate) progress: Arc<dyn Progress>,
    /// The directory with records of the blobs that were verified in layouts; absent where it can't be the user's own.
    pub(crate) records: Option<PathBuf>,
}

impl Puller<'_> {
    /// Pulls an image, unless `interrupt` comes before the end.
    ///
    /// # Errors
    /// Any failure. What was at the destination is as it was then.
    pub(crate) async fn pull(
        &self,
        request: Request,
        interrupt: impl Future<Output = ()>,
    ) -> Result<Report, PullError> {
        let start = Instant::now();
        let stop = Stopped::by(request.timeout, interrupt);
        let pulled = tokio::select! {
            pulled = self.run(request) => pulled?,
            stopped = stop => return Err(stopped.into()),
        };
        Ok(Report { seconds: seconds(start.elapsed()), ..pulled })
    }

    async fn run(&self, request: Request) -> Result<Report, PullError> {
        let Request { name, in_use, destination, output, options, insecure, dry_run, jobs, .. } = request;
        // What is wrong on this machine is found out before a registry is asked.
        let engine = match &destination {
            None | Some(Destination::Daemon(_)) => Some(self.engine(destination.is_none()).await?),
            Some(destination) => check(destination).map(|()| None)?,
        };
        let target = tagged(self.services.locate(&name, in_use.as_ref(), Intent::Pull).await?);
        self.progress.event(Event::Source {
            image: target.image.to_string().into(),
            registry: match target.registered {
                true => target.registry.name.to_string().into(),
                false => target.registry.uri.to_string().into(),
            },
        });
        let mut session = self.services.open(target, Intent::Pull, insecure).await?;
        let (target, repository) = (session.target.clone(), session.repository.clone());
        if !target.registered {
            self.progress.event(Event::Unregistered {
                flavor: target.registry.flavor.clone().into(),
                uri: target.registry.uri.to_string().into(),
                credentials: session.whose(),
            });
        }
        let work = async {
            let remote = RemoteImage::open(&repository, &target.image, &options).await?;
            let contents = Contents::of(&remote);
            let (progress, records) = (&self.progress, self.records.as_deref());
            let sink = Sink { progress, target: &target, remote: &remote, contents: &contents, dry_run, jobs, records };
            match (destination, engine) {
                (Some(Destination::Layout(named)), _) => sink.layout(&named).await,
                (Some(Destination::OciArchive(named)), _) => {
                    let names = ImageNames::new(&target.image, named.name.as_deref());
                    sink.file("oci-archive", &named.path, &names).await
                }
                (Some(Destination::DockerArchive(named)), _) => {
                    sink.ensure_docker("an archive of Docker")?;
                    let typed = named.name.map(|name| name.to_string());
                    let names = ImageNames::new(&target.image, typed.as_deref());
                    sink.file("docker-archive", &named.path, &names).await
                }
                (Some(Destination::Output), _) => sink.output(output).await,
                (Some(Destination::Daemon(Some(name))), Some(engine)) => sink.daemon(&engine, Some(&name)).await,
                (_, Some(engine)) => {
                    sink.daemon(&engine, Some(&target.image).filter(|image| image.digest().is_none())).await
                }
                (None | Some(Destination::Daemon(_)), None) => Err(PullError::Task("no daemon was asked".into())),
            }
        };
        let ended = session.renewing(work).await;
        ended.map_err(|error| match error {
            PullError::Remote(error) => match *error {
                RemoteError::Distribution(error) => session.explain(error).into(),
                other => other.into(),
            },
            other => other,
        })
    }

    /// The Docker daemon; `is_default` if the user did not name it.
    async fn engine(&self, is_default: bool) -> Result<Engine, PullError> {
        let Services { environment, docker, .. } = &self.services;
        let candidates = Candidates::find(environment, docker, &self.daemon)?;
        Engine::connect(&candidates).await.map_err(|error| match is_default {
            true => PullError::NoDaemon(Box::new(error)),
            false => error.into(),
        })
    }
}

/// Refuses a destination that is something else, before anything is asked.
fn check(destination: &Destination) -> Result<(), PullError> {
    match destination {
        Destination::Layout(named) => LayoutDirectory::check(&named.path),
        Destination::OciArchive(named) => ArchiveFile::check(&named.path),
        Destination::DockerArchive(named) => ArchiveFile::check(&named.path),
        Destination::Daemon(_) | Destination::Output => Ok(()),
    }
}
