//! Follows a plan: checks it against the repository as it is now, and deletes what it names, in batches, each of which
//! is checked again right before it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{self, StreamExt as _};

use super::error::{PlanError, PruneError};
use super::graph::{Graph, Node};
use super::order::levels;
use super::plan::{Deletion, Plan, RepositoryPlan};
use super::read::{Reading, running};
use super::running::Running;
use super::scope::{Scope, is_own};
use super::verify::verify;
use crate::cleanup::{Cleanup, CleanupError, Deleted, Listing};
use crate::image::{Digest, Reference, Tag};
use crate::policy::{self, Asked};
use crate::registry::Located;
use crate::session::{Intent, Services};
use crate::shard::Shard;
use crate::text::Moment;

/// Fewest deletions between two checks of the graph: a check asks for every tag.
const LEAST_BATCH: usize = 100;

/// Most checks of a repository, however many deletions there are.
const MOST_BATCHES: usize = 8;

/// Deletions that are open at once: registries take locks on a repository for each.
const CONCURRENT_DELETIONS: usize = 8;

/// What became of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Manifests that are deleted now.
    pub(crate) deleted: Vec<(String, Digest)>,
    /// Manifests that were gone already.
    pub(crate) gone: usize,
}

/// A plan that fits the registry as it is.
pub(crate) struct Fitting<'a> {
    plan: &'a Plan,
    located: Located,
    running: Option<Running>,
    insecure: bool,
    /// For each repository of the plan what is left to delete, and what was read of it.
    open: Vec<(&'a RepositoryPlan, Vec<Digest>, BTreeMap<Digest, Node>)>,
    gone: usize,
}

/// Checks a plan against its registry as it is now. `given` is the registry that the user named, if one was; of a part,
/// only the repositories that are in it.
///
/// # Errors
/// When the plan is for another registry, or does not fit any more.
pub(crate) async fn fit<'a>(
    services: &Services<'_>,
    plan: &'a Plan,
    (given, shard): (Option<&str>, Option<Shard>),
    running: Option<Running>,
    insecure: bool,
) -> Result<Fitting<'a>, PruneError> {
    let located = registry_of(services, plan, given).await?;
    let mut fitting = Fitting { plan, located, running, insecure, open: Vec::new(), gone: 0 };
    let is_meant = |repository: &&RepositoryPlan| !repository.deletions.is_empty();
    for repository in plan.repositories.iter().filter(is_meant) {
        if !is_own(shard, &fitting.located, &repository.repository) {
            continue;
        }
        let mut session = {
            let target = Scope::target(&fitting.located, &repository.repository.parse()?);
            services.open(target, Intent::Delete, insecure).await?
        };
        let cleanup = Cleanup::of(services, &session).await?;
        let done = BTreeSet::new();
        let work = fitting.read(&cleanup, repository, BTreeMap::new(), &done);
        let (graph, open, gone) = session.renewing(work).await?;
        fitting.gone += gone;
        fitting.open.push((repository, open, graph.nodes));
    }
    Ok(fitting)
}

/// The plan's registry: the one of its name, if that still has the plan's URI, and otherwise the one of its URI.
async fn registry_of(services: &Services<'_>, plan: &Plan, given: Option<&str>) -> Result<Located, PruneError> {
    let other = |given: String| {
        let planned = plan.registry.as_str().into();
        PruneError::Plan(PlanError::OtherRegistry { planned, given: given.into() })
    };
    if let Some(text) = given {
        let located = super::scope::registry(services, text).await?;
        let located = located.ok_or_else(|| other(format!("`{text}`")))?;
        let uri = located.registry.uri.to_string();
        return if uri == plan.registry { Ok(located) } else { Err(other(format!("`{uri}`"))) };
    }
    if let Some(name) = &plan.name
        && let Some(located) = super::scope::registry(services, name).await?
    {
        let uri = located.registry.uri.to_string();
        return match uri == plan.registry {
            true => Ok(located),
            false => Err(other(format!("`{name}`, which is `{uri}` now"))),
        };
    }
    // A URI without a path looks like a name where it has neither a dot nor a port: a slash says what it is.
    let destination = format!("{}/", plan.registry).parse()?;
    Ok(services.locate_registry(&destination).await?)
}

impl<'a> Fitting<'a> {
    /// Manifests that are left to delete, each with its repository.
    pub(crate) fn deletions(&self) -> impl Iterator<Item = (&'a RepositoryPlan, &'a Deletion)> {
        self.open.iter().flat_map(|(plan, open, _)| {
            let open: BTreeSet<&Digest> = open.iter().collect();
            let is_open = move |deletion: &&'a Deletion| open.contains(&deletion.digest);
            plan.deletions.iter().filter(is_open).map(|deletion| (*plan, deletion))
        })
    }

    /// Asks the policies about all of them, before any is deleted.
    ///
    /// # Errors
    /// When a policy refuses, or gives no decision.
    pub(crate) async fn admit(&self, services: &Services<'_>) -> Result<(), PruneError> {
        let registry = &self.located.registry;
        let deletion = |(plan, deletion): (&RepositoryPlan, &Deletion)| {
            let (host, repository) = (registry.uri.host().clone(), plan.repository.parse()?);
            Ok(policy::Deletion {
                image: Reference::new(host, repository, None, Some(deletion.digest.clone())),
                digest: Some(deletion.digest.clone()),
                tags: deletion.tags.iter().filter_map(|tag| tag.parse().ok()).collect(),
                media_type: None,
            })
        };
        let deletions = self.deletions().map(deletion).collect::<Result<Vec<_>, PruneError>>()?;
        let (catalog, environment) = (&services.catalog, services.environment);
        Asked { catalog, environment, registry }.deletions(&deletions).await?;
        Ok(())
    }

    /// The number of them.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.open.iter().map(|(_, open, _)| open.len()).sum()
    }

    /// Reads a repository and compares the plan with it: the graph, what is left to delete, and how much is gone. What
    /// is `done` is left out, as some registries go on to show for a while what they have deleted, and no longer tell
    /// its time.
    async fn read(
        &self,
        cleanup: &Cleanup<'_>,
        plan: &RepositoryPlan,
        known: BTreeMap<Digest, Node>,
        done: &BTreeSet<Digest>,
    ) -> Result<(Graph, Vec<Digest>, usize), PruneError> {
        let listing = match cleanup.list().await {
            // Registries forget a repository with its last image, which this plan or an earlier run of it deleted.
            Err(CleanupError::NoRepository { .. }) => Listing::default(),
            listing => listing?,
        };
        let reading = Reading {
            repository: cleanup.repository(),
            times: self.plan.rules.need_times(),
            planned: plan.deletions.iter().map(|deletion| deletion.digest.clone()).collect(),
            known,
            now: Moment::now().0,
        };
        let mut graph = reading.graph(listing).await?;
        graph.nodes.retain(|digest, _| !done.contains(digest));
        graph.tags.retain(|_, digest| !done.contains(digest));
        let runs = running(self.running.as_ref(), cleanup.repository(), &graph);
        let open = verify(plan, &graph, &self.plan.rules, self.plan.made_at()?, &runs)?;
        Ok((graph, open.deletions, open.gone))
    }

    /// Deletes what is left, with each batch checked right before it.
    ///
    /// # Errors
    /// When a repository is not as it was, or something can't be deleted. What `applied` has by then is deleted.
    pub(crate) async fn apply(mut self, services: &Services<'_>, applied: &mut Applied) -> Result<(), PruneError> {
        applied.gone += self.gone;
        for (plan, open, known) in std::mem::take(&mut self.open) {
            let target = Scope::target(&self.located, &plan.repository.parse()?);
            let mut session = services.open(target, Intent::Delete, self.insecure).await?;
            let cleanup = Cleanup::of(services, &session).await?;
            session.renewing(self.delete_from(&cleanup, plan, open.len(), known, applied)).await?;
        }
        Ok(())
    }

    async fn delete_from(
        &self,
        cleanup: &Cleanup<'_>,
        plan: &RepositoryPlan,
        all: usize,
        mut known: BTreeMap<Digest, Node>,
        applied: &mut Applied,
    ) -> Result<(), PruneError> {
        let batch = LEAST_BATCH.max(all.div_ceil(MOST_BATCHES));
        let (mut failed, mut first) = (BTreeSet::<Digest>::new(), None);
        let mut done = BTreeSet::<Digest>::new();
        loop {
            let (graph, open, _) = self.read(cleanup, plan, known, &done).await?;
            // What could not be deleted needs its parts and keeps what belongs to it.
            let needed: BTreeSet<Digest> = graph.ways().closure(&failed, true).into_keys().cloned().collect();
            let is_open = |digest: &Digest| !needed.contains(digest) && !done.contains(digest);
            let next: Vec<Digest> = open.into_iter().filter(is_open).take(batch).collect();
            if next.is_empty() {
                break;
            }
            let mut tags: BTreeMap<&Digest, Vec<&Tag>> = BTreeMap::new();
            for (tag, digest) in &graph.tags {
                tags.entry(digest).or_default().push(tag);
            }
            let ways = graph.ways();
            for level in levels(&ways, next.iter()) {
                let needed = ways.closure(&failed, true);
                let level: Vec<Digest> = level.into_iter().filter(|digest| !needed.contains_key(digest)).collect();
                let deletions = level.iter().map(|digest| {
                    let tags = tags.get(digest).map(Vec::as_slice).unwrap_or_default();
                    async move { (digest.clone(), cleanup.delete_with_tags(digest, tags).await) }
                });
                let results: Vec<_> = stream::iter(deletions).buffer_unordered(CONCURRENT_DELETIONS).collect().await;
                let mut hopeless = None;
                for (digest, result) in results {
                    match result {
                        Ok(Deleted::Now) => {
                            applied.deleted.push((plan.repository.clone(), digest.clone()));
                            done.insert(digest);
                        }
                        Ok(Deleted::Gone) => {
                            applied.gone += 1;
                            done.insert(digest);
                        }
                        Err(error) if error.is_of_all() => hopeless = Some(error),
                        Err(error) => {
                            tracing::warn!("`{digest}` of `{}` was not deleted: {error}", plan.repository);
                            failed.insert(digest);
                            first.get_or_insert(error);
                        }
                    }
                }
                // All others would fail in the same way.
                if let Some(error) = hopeless {
                    return Err(error.into());
                }
            }
            known = graph.nodes;
            known.retain(|digest, _| !done.contains(digest));
        }
        match first {
            None => Ok(()),
            Some(reason) => Err(PruneError::Incomplete {
                repository: plan.repository.parse()?,
                failed: failed.len(),
                all,
                reason: Box::new(reason),
            }),
        }
    }
}
