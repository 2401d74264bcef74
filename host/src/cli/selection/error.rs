//! Errors of the choice of a part of a result.

use std::io;

use crate::error::Explain;
use crate::text::{Escaped, Foreign, nearest, quoted};

/// A part of a result that can't be shown.
#[derive(Debug, thiserror::Error, Explain)]
#[explain(kind = Usage)]
pub(in crate::cli) enum SelectionError {
    /// A command whose result is no JSON.
    #[error("`{0}` prints no JSON, of which a part could be shown")]
    #[explain(hint = "leave `--json`, `--jq` and `--format` out")]
    NoJson(Escaped),
    /// A member that the result does not have.
    #[error("the result of `{command}` has no field `{name}`")]
    #[explain(hint = hint_to_choose(name, known))]
    UnknownMember {
        /// The command.
        command: Escaped,
        /// The name that the user gave.
        name: Escaped,
        /// The members of the result.
        known: Vec<Escaped>,
    },
    /// A jq filter that can't be parsed, or that fails on the result.
    #[error("the filter of `--jq`: {0}")]
    #[explain(hint = "`-o json` shows what it filters; `crhost help formatting` has examples")]
    Filter(Escaped),
    /// A filter that takes more than it may.
    #[error("the filter of `--jq` was stopped: {0}")]
    #[explain(hint = "`-o json` gives the whole result to any other program")]
    FilterLimit(Escaped),
    /// The process for the filter.
    #[error("the filter of `--jq` can't be run: {0}")]
    #[explain(kind = General, hint = "`-o json` gives the whole result to any other program")]
    FilterProcess(Foreign<io::Error>),
    /// A template that can't be parsed.
    #[error("the template of `--format`: {0}")]
    #[explain(hint = "`crhost help formatting` shows what a template may hold; `--jq` filters by any rule")]
    Template(Escaped),
}

fn hint_to_choose(name: &Escaped, known: &[Escaped]) -> String {
    let near = nearest(name.as_str(), known).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    format!("{near}fields: {}", quoted(known))
}
