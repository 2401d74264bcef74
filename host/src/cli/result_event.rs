//! The last event of `--progress json`.

use serde::Serialize;

/// The last event of a command that came to its end.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase")]
pub(super) enum ResultEvent<'a, T> {
    /// The end.
    Result {
        /// What it came to, as `--output json` prints it.
        result: &'a T,
    },
}
