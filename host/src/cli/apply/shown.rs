//! What an apply would do or did, as it is shown.

use std::path::Path;

use serde::Serialize;

use super::super::context::Context;
use super::super::{if_taken, output};
use crate::configuration::{Action, Item, Part, Plan, lock_of};
use crate::store::Difference;
use crate::text::Escaped;

/// What came of an apply.
pub(super) struct Outcome<'a> {
    /// The file.
    pub(super) file: &'a Path,
    /// Whether the lock is another one now, or would be.
    pub(super) lock_changed: bool,
    /// Whether the plan was carried out.
    pub(super) applied: bool,
    /// Whether nothing is written.
    pub(super) is_dry: bool,
}

/// The result of `crhost apply`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Applied<'a> {
    /// The file.
    file: Escaped,
    /// What was to be done, in the order in which it is done; empty where everything was as the file says.
    changes: &'a [Item],
    /// Whether it was done.
    applied: bool,
    /// Whether the lock is another one now, or would be after an apply.
    lock_changed: bool,
}

/// Shows a plan: as the result where nothing else is done, and otherwise before the question. As JSON, it is shown at
/// the end.
pub(super) fn plan(context: &Context, plan: &Plan, is_result: bool) {
    if context.is_json() {
        return;
    }
    let permits = |item: &Item| item.permits.iter().map(|permit| format!("    {permit}")).collect::<Vec<_>>();
    let lines = plan.changes.iter().flat_map(|item| [line(item)].into_iter().chain(permits(item)));
    match is_result {
        true => output::print_lines(lines),
        false => lines.for_each(|line| output::say_line(&line)),
    }
}

fn line(item: &Item) -> String {
    let Item { action, part, name, differences, .. } = item;
    let what = match part {
        Part::DefaultRegistry => part.as_str().to_owned(),
        part => format!("{} `{name}`", part.as_str()),
    };
    match action {
        Action::Create if differences.is_empty() => format!("+ {what}"),
        Action::Create => {
            let part = |new: &Difference| format!("{} `{}`", new.part, new.given.as_ref().map_or("", Escaped::as_str));
            format!("+ {what}: {}", differences.iter().map(part).collect::<Vec<_>>().join(", "))
        }
        Action::Change => format!("~ {what}: {}", if_taken::changes(differences)),
        Action::Remove => format!("- {what}"),
    }
}

/// Shows what came of it.
pub(super) fn end(context: &Context, outcome: &Outcome<'_>, plan: &Plan) {
    let Outcome { file, lock_changed, applied, is_dry } = *outcome;
    if context.is_json() {
        return output::print_json(&Applied { file: file.into(), changes: &plan.changes, applied, lock_changed });
    }
    let count = |action: Action| plan.changes.iter().filter(|item| item.action == action).count();
    let counts = format!(
        "{} created, {} changed, {} removed",
        count(Action::Create),
        count(Action::Change),
        count(Action::Remove)
    );
    let file = file.display();
    output::say_line(&match (plan.is_empty(), applied) {
        (true, _) => format!("everything is registered as `{file}` says"),
        (_, true) => format!("applied `{file}`: {counts}"),
        (_, false) => format!("`{file}` would be applied: {counts}"),
    });
    match (lock_changed, is_dry) {
        (true, false) => tell_lock(outcome),
        (true, true) => output::say_line(&format!("`{}` would be written", lock_of(outcome.file).display())),
        (false, _) => {}
    }
}

/// Shows what became of the lock alone.
pub(super) fn lock(context: &Context, outcome: &Outcome<'_>) {
    let Outcome { file, lock_changed, applied, .. } = *outcome;
    if context.is_json() {
        return output::print_json(&Applied { file: file.into(), changes: &[], applied, lock_changed });
    }
    match lock_changed {
        true => tell_lock(outcome),
        false => output::say_line("the lock has everything already"),
    }
}

fn tell_lock(outcome: &Outcome<'_>) {
    let lock = lock_of(outcome.file);
    output::say_line(&format!("wrote `{}`: review and commit it", lock.display()));
}
