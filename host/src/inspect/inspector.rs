//! Opens what users name.

use crate::docker::{Candidates, Chosen, Engine};
use crate::image::{Platform, Reference, Tag};
use crate::registry::{Destination, RemoteName, Target};
use crate::retrying::retry;
use crate::session::{Intent, Services, Session};
use crate::source::{Location, Options, Source, SourceError};
use crate::text::Escaped;

use super::error::InspectError;
use super::opened::{Local, Opened, Remote};
use super::subject::Subject;

/// What commands that look at images have in common.
#[derive(Clone, Copy)]
pub(crate) struct Inspector<'a> {
    /// Opens registries.
    pub(crate) services: &'a Services<'a>,
    /// The registry for names without a host, in the place of the one that is stored as in use.
    pub(crate) in_use: Option<&'a Destination>,
    /// Whether plain HTTP may be spoken to registries, though that is not stored with them.
    pub(crate) insecure: bool,
    /// The Docker daemon, for its images.
    pub(crate) daemon: &'a Chosen,
}

impl<'a> Inspector<'a> {
    /// Opens something in a registry or on this machine. The platform chooses an image of a daemon or a storage, which
    /// give only one.
    ///
    /// # Errors
    /// If it is not there, or can't be read.
    pub(crate) async fn open(
        &self,
        subject: &Subject,
        platform: Option<&Platform>,
    ) -> Result<Opened<'a>, InspectError> {
        match subject {
            Subject::Remote(name) => Ok(Opened::Remote(Box::new(self.remote(name, Intent::Pull).await?))),
            Subject::Local(location) => {
                let source = self.source(location, platform).await?;
                Ok(Opened::Local(Box::new(Local { source, name: Escaped::of(subject) })))
            }
        }
    }

    /// Opens a repository, and finds the image there that a name names; one without tag and digest has the tag
    /// `latest`.
    ///
    /// # Errors
    /// If it is not there, or can't be read.
    pub(crate) async fn remote(&self, name: &RemoteName, intent: Intent) -> Result<Remote<'a>, InspectError> {
        let target = tagged(self.services.locate(name, self.in_use, intent).await?);
        let mut session = self.services.open(target, intent, self.insecure).await?;
        let image = session.target.image.clone();
        let repository = session.repository.clone();
        let found = match (image.digest(), image.tag()) {
            (Some(digest), _) => session.renewing(retry(|| repository.manifest(digest))).await,
            (None, tag) => {
                let tag = tag.cloned().unwrap_or_else(Tag::latest);
                session.renewing(retry(|| repository.manifest(&tag))).await
            }
        };
        match found.map_err(|error| session.explain(error))? {
            Some(root) => Ok(Remote { session, root }),
            None => Err(InspectError::NoImage { image: Escaped::of(&image), repository: image.name().into() }),
        }
    }

    /// Opens a repository for its list of tags.
    ///
    /// # Errors
    /// If no registry is meant, or it can't be opened.
    pub(crate) async fn repository(&self, name: &RemoteName) -> Result<Session<'a>, InspectError> {
        let target = self.services.locate(name, self.in_use, Intent::Pull).await?;
        Ok(self.services.open(target, Intent::Pull, self.insecure).await?)
    }

    async fn source(&self, location: &Location, platform: Option<&Platform>) -> Result<Source, InspectError> {
        let services = self.services;
        let connect = async || {
            let candidates = Candidates::find(services.environment, &services.docker, self.daemon)?;
            Ok(Engine::connect(&candidates).await?)
        };
        let all = Options { all_platforms: true, ..Options::default() };
        // Only layouts have indexes, and a layout may lie behind any path. Standard input is read once.
        let is_input = matches!(location, Location::Archive { path, .. } if path.as_os_str() == "-");
        if !is_input {
            match Source::open(location, &all, services.environment, connect).await {
                Err(SourceError::OnePlatform(_)) => {}
                opened => return Ok(opened?),
            }
        }
        let one = Options { platform: platform.cloned(), ..Options::default() };
        Ok(Source::open(location, &one, services.environment, connect).await?)
    }
}

/// The same target with the tag `latest` if it has neither a tag nor a digest.
pub(crate) fn tagged(target: Target) -> Target {
    let image = &target.image;
    if image.tag().is_some() || image.digest().is_some() {
        return target;
    }
    let image = Reference::new(image.host().clone(), image.repository().clone(), Some(Tag::latest()), None);
    Target { image, ..target }
}
