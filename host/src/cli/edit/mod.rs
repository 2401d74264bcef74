//! The commands that change what a registry has: `tag`, `delete`, `index`, `annotate`.

mod annotate;
mod delete;
mod index;
mod tag;

pub(super) use annotate::{Arguments as AnnotateArguments, run as annotate};
#[cfg(test)]
pub(super) use delete::Deletions;
pub(super) use delete::{Arguments as DeleteArguments, run as delete};
pub(super) use index::{Command as IndexCommand, run as index};
pub(super) use tag::{Arguments as TagArguments, run as tag};

use super::output;
use crate::edit::{Moved, TagOutcome};

/// Tells what became of tags.
fn tell(name: &str, tags: &[Moved]) {
    for Moved { tag, outcome, before } in tags {
        let before = before.as_ref().map(|before| format!(", which named {before}")).unwrap_or_default();
        output::say_line(&match outcome {
            TagOutcome::Created => format!("created {name}:{tag}"),
            TagOutcome::Moved => format!("moved {name}:{tag}{before}"),
            TagOutcome::Unchanged => format!("{name}:{tag} is that image already"),
        });
    }
}
