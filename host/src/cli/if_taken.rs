//! What `register` does where the name is taken, and how that is told.

use clap::Args;

use super::output;
use crate::store::{Difference, IfTaken, Outcome, Put};
use crate::text::Escaped;

/// Options for a name that is taken.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct IfTakenArgs {
    /// Succeed where one of this name is registered, and leave it as it is
    #[arg(long, conflicts_with = "replace")]
    if_missing: bool,
    /// Put it in the place of one of this name
    #[arg(long)]
    replace: bool,
}

impl IfTakenArgs {
    /// The options for the use case.
    pub(super) fn if_taken(self) -> IfTaken {
        match (self.if_missing, self.replace) {
            (true, _) => IfTaken::Keep,
            (_, true) => IfTaken::Replace,
            _ => IfTaken::Refuse,
        }
    }
}

/// The line that tells what became of a `record`, such as ``registry `dev` (localhost:5000/acme)``.
pub(super) fn done(put: &Put, record: &str) -> String {
    match put.outcome {
        Outcome::Registered => format!("registered {record}"),
        Outcome::Updated => format!("updated {record}"),
        Outcome::Unchanged | Outcome::Kept => format!("{record} is registered already"),
        Outcome::Replaced => format!("replaced {record}: {}", changes(&put.differences)),
    }
}

/// The warning that a record is another one than the one that was given.
pub(super) fn warning(put: &Put, record: &str) -> Option<String> {
    let differences = || list(&put.differences, kept);
    (put.outcome == Outcome::Kept)
        .then(|| format!("{record} is not as it is given here, and stays as it is: {}", differences()))
}

/// Says how a record that stayed can be replaced.
pub(super) fn hint(put: &Put) {
    if put.outcome == Outcome::Kept {
        output::say("hint", "`--replace` puts what is given in its place");
    }
}

/// What changes, in words.
pub(super) fn changes(differences: &[Difference]) -> String {
    list(differences, changed)
}

fn list(differences: &[Difference], words: fn(&Difference) -> String) -> String {
    differences.iter().map(words).collect::<Vec<_>>().join(", ")
}

fn changed(difference: &Difference) -> String {
    let Difference { part, stored, given, is_secret } = difference;
    match is_secret {
        true => format!("{part} changed"),
        false => format!("{part} from {} to {}", value(stored.as_ref()), value(given.as_ref())),
    }
}

fn kept(difference: &Difference) -> String {
    let Difference { part, stored, given, is_secret } = difference;
    match is_secret {
        true => format!("another {part}"),
        false => format!("{part} {} instead of {}", value(stored.as_ref()), value(given.as_ref())),
    }
}

fn value(value: Option<&Escaped>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| format!("`{value}`"))
}
