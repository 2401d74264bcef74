//! Shows plans, and what became of them.

use std::path::Path;

use indicatif::HumanBytes;
use serde::Serialize;

use super::super::context::Context;
use super::super::output;
use crate::image::Digest;
use crate::prune::{Applied, Plan, RepositoryPlan};
use crate::text::counted;

/// What became of a plan.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Report<'a> {
    /// The registry's URI, without a scheme.
    registry: &'a str,
    /// Manifests that were deleted.
    deleted: Vec<Gone<'a>>,
    /// Manifests that were gone already.
    gone: usize,
    /// Whether all that the plan names is gone.
    complete: bool,
}

/// A manifest that was deleted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Gone<'a> {
    /// Its repository, below the registry's host.
    repository: &'a str,
    /// Its digest.
    digest: &'a Digest,
}

/// Shows a plan: what would go, and why.
pub(super) fn plan(context: &Context, plan: &Plan, file: Option<&Path>) {
    if context.is_json() {
        output::print_json(plan);
        return;
    }
    let rows = plan.repositories.iter().flat_map(rows);
    if plan.deletions > 0 {
        output::print_table(&["REPOSITORY", "DIGEST", "KIND", "TAGS", "SIZE", "REASON"], rows);
    }
    let stays: usize = plan.repositories.iter().map(|repository| repository.stays).sum();
    let repositories = counted(plan.repositories.len(), "repository", "repositories");
    let without_time: usize = plan.repositories.iter().map(|repository| repository.without_time).sum();
    if without_time > 0 {
        let images = counted(without_time, "image", "images");
        output::say(
            "warning",
            &format!(
                "{images} with a time that is missing or can't be true, such as 1970-01-01, stay whatever their age"
            ),
        );
    }
    let needed: usize = plan.repositories.iter().map(|repository| repository.needed).sum();
    if needed > 0 {
        let (images, them) = match needed {
            1 => ("1 image that the rules let go stays".to_owned(), "it"),
            count => (format!("{count} images that the rules let go stay"), "them"),
        };
        output::say_line(&format!("{images}: an index or an image that stays needs {them}"));
    }
    let whole = match plan.deletions {
        0 => format!("nothing goes by `{}`: {stays} manifests of {repositories} stay", plan.rules),
        count => {
            let manifests = counted(count, "manifest", "manifests");
            format!(
                "{manifests} of {repositories} would go, {} that nothing else needs; {stays} stay",
                HumanBytes(plan.bytes)
            )
        }
    };
    output::say_line(&whole);
    match file {
        Some(file) if plan.deletions > 0 => {
            output::say("hint", &format!("`crhost prune --apply {}` deletes what the plan names", file.display()));
        }
        None if plan.deletions > 0 => {
            output::say(
                "hint",
                "nothing was deleted; `--plan FILE` writes a plan that `crhost prune --apply FILE` follows",
            );
        }
        _ => {}
    }
}

fn rows(plan: &RepositoryPlan) -> impl Iterator<Item = Vec<String>> {
    plan.deletions.iter().map(|deletion| {
        vec![
            plan.repository.clone(),
            deletion.digest.short().to_owned(),
            deletion.kind.as_str().to_owned(),
            shortened(&deletion.tags),
            HumanBytes(deletion.size).to_string(),
            deletion.reason.clone(),
        ]
    })
}

/// The first three tags, and the number of the others.
fn shortened(tags: &[String]) -> String {
    match tags {
        [first, second, third, more @ ..] if !more.is_empty() => {
            format!("{first}, {second}, {third} and {} more", more.len())
        }
        tags => tags.join(", "),
    }
}

/// Shows what became of a plan; what was not done is told by the failure that follows.
pub(super) fn applied(context: &Context, plan: &Plan, applied: &Applied, complete: bool) {
    let deleted: Vec<Gone<'_>> =
        applied.deleted.iter().map(|(repository, digest)| Gone { repository, digest }).collect();
    if context.is_json() {
        // One result or one error: a failure has no result.
        if complete {
            output::print_json(&Report { registry: &plan.registry, deleted, gone: applied.gone, complete });
        }
        return;
    }
    let host = plan.registry.split('/').next().unwrap_or_default();
    if complete {
        deleted.iter().for_each(|gone| output::print(&format!("{host}/{}@{}", gone.repository, gone.digest)));
    }
    let manifests = counted(deleted.len(), "manifest", "manifests");
    let before = if applied.gone > 0 { format!("; {} were gone already", applied.gone) } else { String::new() };
    output::say_line(&format!("deleted {manifests} of `{}`{before}", plan.registry));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_tags_are_counted() {
        let tags: Vec<String> = ["a", "b", "c", "d", "e"].map(String::from).to_vec();
        assert_eq!(shortened(&tags), "a, b, c and 2 more");
        assert_eq!(shortened(&[]), "");
    }
}
