//! Clean-ups: which images of a repository may go, and their deletion.
//!
//! What goes is found in a graph of the whole repository, and is written down as a plan; only a plan deletes, and only
//! as long as the graph is as it was. Nothing that stays ever loses a manifest that it needs.

mod apply;
pub(crate) mod created;
mod document;
mod error;
mod graph;
mod order;
mod plan;
#[cfg(test)]
mod properties;
mod read;
mod reason;
mod rules;
mod running;
mod scope;
mod select;
mod verify;

use std::collections::BTreeMap;

pub(crate) use apply::{Applied, fit};
pub(crate) use error::PruneError;
pub(crate) use plan::{KeepRunning, Plan, RepositoryPlan};
pub(crate) use rules::Rules;
pub(crate) use running::Running;
pub(crate) use scope::Scope;

use crate::cleanup::Cleanup;
use crate::image::Repository;
use crate::session::{Intent, Services};
use crate::text::Moment;
use read::{Reading, running as running_manifests};
use select::select;

/// Makes the plan of a clean-up. Nothing is deleted.
///
/// # Errors
/// When the registry, or one of its repositories, can't be read whole.
pub(crate) async fn plan(
    services: &Services<'_>,
    scope: &Scope,
    rules: &Rules,
    running: Option<&Running>,
    insecure: bool,
) -> Result<Plan, PruneError> {
    rules.check()?;
    let now = Moment::now().0;
    let mut repositories = Vec::with_capacity(scope.repositories.len());
    for repository in &scope.repositories {
        match repository_plan(services, scope, repository, rules, running, insecure, now).await {
            // Listed for its blobs alone, as after a push that was refused: there is nothing in it to keep or delete.
            Err(error) if scope.is_listed && error.is_no_repository() => {
                tracing::info!("`{repository}` is listed and has no tags; left out");
            }
            planned => repositories.push(planned?),
        }
    }
    let registry = &scope.located.registry;
    let name = scope.located.registered.then(|| registry.name.to_string());
    Ok(Plan::new(registry.uri.to_string(), name, rules.clone(), now, repositories))
}

async fn repository_plan(
    services: &Services<'_>,
    scope: &Scope,
    repository: &Repository,
    rules: &Rules,
    running: Option<&Running>,
    insecure: bool,
    now: u64,
) -> Result<RepositoryPlan, PruneError> {
    let target = Scope::target(&scope.located, repository);
    let mut session = services.open(target, Intent::Pull, insecure).await?;
    let cleanup = Cleanup::of(services, &session).await?;
    let work = async {
        let listing = cleanup.list().await?;
        let client = cleanup.repository();
        let (times, planned, known) = (rules.need_times(), Vec::new(), BTreeMap::new());
        let graph = Reading { repository: client, times, planned, known, now }.graph(listing).await?;
        let selection = select(&graph, rules, now, &running_manifests(running, client, &graph))?;
        Ok(RepositoryPlan::new(repository, &graph, &selection))
    };
    session.renewing(work).await
}
