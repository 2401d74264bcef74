//! What became of tags, as users are told.

use crate::cli::output;
use crate::edit::{Moved, TagOutcome};

/// Tells what became of tags.
pub(super) fn tell(name: &str, tags: &[Moved]) {
    for Moved { tag, outcome, before } in tags {
        let before = before.as_ref().map(|before| format!(", which named {before}")).unwrap_or_default();
        output::say_line(&match outcome {
            TagOutcome::Created => format!("created {name}:{tag}"),
            TagOutcome::Moved => format!("moved {name}:{tag}{before}"),
            TagOutcome::Unchanged => format!("{name}:{tag} is that image already"),
        });
    }
}
