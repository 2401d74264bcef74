//! The question before anything is deleted.

use dialoguer::Input;

use super::super::failure::Failure;
use super::super::{output, terminal};
use crate::error::Kind;
use crate::prune::Plan;

/// Has the user type the number of deletions; without a terminal, `yes` has to be given.
pub(super) async fn ask(plan: &Plan, count: usize, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !terminal::is_interactive() || output::is_json() {
        let message = format!("{count} manifests would be deleted from `{}`, and nobody can be asked", plan.registry);
        return Err(Failure::new(Kind::Usage, message, "`--yes` deletes them without a question"));
    }
    terminal::begin_questions();
    let prompt = format!(
        "{count} manifests of `{}` are deleted for good, by the plan of {}; type their number to go on",
        plan.registry, plan.created
    );
    let answer =
        tokio::task::spawn_blocking(|| Input::<String>::new().with_prompt(prompt).allow_empty(true).interact_text());
    match answer.await {
        Ok(Ok(typed)) if typed.trim() == count.to_string() => Ok(()),
        _ => {
            let message = format!("the number {count} was not typed, and nothing was deleted");
            Err(Failure::new(Kind::General, message, "read the plan, and apply it again"))
        }
    }
}
