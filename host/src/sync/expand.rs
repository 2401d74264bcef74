//! From the entries of a file to repositories: names are looked up, patterns are looked for in catalogs.

use std::collections::HashMap;

use super::error::SyncError;
use super::file::{Mirror, Place, Wanted};
use crate::cleanup;
use crate::copy::filter::TagFilter;
use crate::image::Repository;
use crate::registry::{Destination, Located, RemoteName, Target};
use crate::session::{Intent, Services};
use crate::shard::Shard;

/// One repository of a sync.
pub(super) struct Job {
    /// The repository that is read.
    pub(super) source: Target,
    /// The repository that is written.
    pub(super) target: Target,
    /// Its tags.
    pub(super) tags: TagFilter,
    /// The mirror that it is of.
    pub(super) mirror: Mirror,
    /// Whether the source is known from its registry's list, and not from the file.
    pub(super) is_listed: bool,
}

/// Something of a file that is no repository.
pub(super) struct Refused {
    /// The target, as the file has it.
    pub(super) target: String,
    /// The source, as the file has it.
    pub(super) source: String,
    /// Why.
    pub(super) error: SyncError,
}

/// A repository, or the reason why there is none.
pub(super) type Expanded = Result<Job, Box<Refused>>;

/// Looks up what the entries of a file mean.
pub(super) struct Expansion<'a> {
    /// What sessions are opened with.
    pub(super) services: &'a Services<'a>,
    /// The registry for names without a host, in the place of the one that is stored as in use.
    pub(super) in_use: Option<&'a Destination>,
}

impl Expansion<'_> {
    /// The repositories of some mirrors, in their order, and what of them is none.
    pub(super) async fn of(&self, mirrors: impl IntoIterator<Item = Mirror>) -> Vec<Expanded> {
        let mut all = Vec::new();
        for mirror in mirrors {
            let patterns = mirror.wanted().iter().any(|wanted| !wanted.path.is_literal());
            // Once for all patterns of a mirror.
            let listed = if patterns { Some(self.catalog(&mirror.source).await) } else { None };
            for wanted in mirror.wanted() {
                match self.paths(&mirror, wanted, listed.as_ref()) {
                    Ok(paths) => {
                        for path in paths {
                            all.push(self.job(&mirror, wanted, &path).await);
                        }
                    }
                    Err(error) => {
                        let (target, source) =
                            (mirror.target.to_string(), mirror.source.repository(wanted.path.as_str()));
                        all.push(Err(Box::new(Refused { target, source, error })));
                    }
                }
            }
        }
        refuse_twins(all)
    }

    /// The paths below the source that an entry means.
    fn paths(
        &self,
        mirror: &Mirror,
        wanted: &Wanted,
        listed: Option<&Result<Vec<String>, String>>,
    ) -> Result<Vec<String>, SyncError> {
        if wanted.path.is_literal() {
            return Ok(vec![wanted.path.as_str().to_owned()]);
        }
        let place = || mirror.source.as_str().into();
        let listed = match listed {
            Some(Ok(listed)) => listed.as_slice(),
            Some(Err(reason)) => {
                return Err(SyncError::NoCatalog { place: place(), reason: reason.as_str().into() });
            }
            None => &[],
        };
        let is_meant = |path: &&String| wanted.path.matches(path) && !mirror.exclude.match_any(path);
        let paths: Vec<String> = listed.iter().filter(is_meant).cloned().collect();
        match paths.is_empty() {
            true => {
                Err(SyncError::NoMatch { place: place(), pattern: wanted.path.as_str().into(), listed: listed.len() })
            }
            false => Ok(paths),
        }
    }

    /// The repository at a path.
    async fn job(&self, mirror: &Mirror, wanted: &Wanted, path: &str) -> Expanded {
        let named = wanted.named.as_ref().map_or(path, Repository::as_str);
        let (source, target) = (mirror.source.repository(path), mirror.target.repository(named));
        let located = async {
            let from = self.locate(&source, Intent::Pull).await?;
            Ok::<_, SyncError>((from, self.locate(&target, Intent::Push).await?))
        };
        match located.await {
            Ok((from, to)) => {
                let tags = wanted.tags.clone().unwrap_or_else(|| mirror.tags());
                let is_listed = !wanted.path.is_literal();
                Ok(Job { source: from, target: to, tags, mirror: mirror.clone(), is_listed })
            }
            Err(error) => Err(Box::new(Refused { target, source, error })),
        }
    }

    async fn locate(&self, name: &str, intent: Intent) -> Result<Target, SyncError> {
        let name: RemoteName = name.parse()?;
        Ok(self.services.locate(&name, self.in_use, intent).await?)
    }

    /// The paths of all repositories below a place, as the registry's flavor or its catalog lists them, or why they are
    /// not known. A part of a list is none.
    async fn catalog(&self, place: &Place) -> Result<Vec<String>, String> {
        // Whatever is below it tells where it is.
        const BELOW: &str = "x";
        let below = self.locate(&place.repository(BELOW), Intent::Pull).await.map_err(|error| error.to_string())?;
        let start = below.image.repository().as_str().strip_suffix(BELOW).unwrap_or_default().to_owned();
        let located = Located { registry: below.registry, registered: below.registered };
        let listed = cleanup::repositories(self.services, &located, false).await.map_err(|error| error.to_string())?;
        let below = listed.iter().filter_map(|repository| repository.as_str().strip_prefix(start.as_str()));
        let mut paths: Vec<String> = below.map(str::to_owned).collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }
}

/// Refuses entries that write one repository and of which one deletes: each would delete what the other one copies.
fn refuse_twins(all: Vec<Expanded>) -> Vec<Expanded> {
    let mut writers: HashMap<String, (usize, bool)> = HashMap::new();
    for job in all.iter().flatten() {
        let (count, exact) = writers.entry(job.target.image.name()).or_default();
        *count += 1;
        *exact |= job.mirror.is_exact();
    }
    let is_twin = |job: &Job| matches!(writers.get(&job.target.image.name()), Some((2.., true)));
    let refused = |job: Job| {
        let (target, source) = (job.target.image.name(), job.source.image.name());
        Box::new(Refused { error: SyncError::Twice(target.as_str().into()), target, source })
    };
    all.into_iter().map(|job| job.and_then(|job| if is_twin(&job) { Err(refused(job)) } else { Ok(job) })).collect()
}

/// Whether a shard has a repository, or what is none.
pub(super) fn is_in(shard: Option<Shard>, expanded: &Expanded) -> bool {
    let name = match expanded {
        Ok(job) => job.source.image.name(),
        Err(refused) => refused.source.clone(),
    };
    shard.is_none_or(|shard| shard.has(&name))
}
