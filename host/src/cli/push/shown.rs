//! What a push came to, as it is shown.

use serde::Serialize;

use super::several::Pushes;
use crate::cli::output;
use crate::push::{Outcome, Report};

/// The last event of a push to several registries.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "camelCase")]
pub(in crate::cli) enum ResultsEvent<'a> {
    /// The end of a push to several registries, whether all of them have the image or not.
    Results {
        /// What was pushed, as `--output json` prints it.
        results: Pushes<'a>,
    },
}

/// Says on standard error what was done.
pub(super) fn describe(pushed: &Report) {
    if !pushed.dry_run {
        return output::say_line(&pushed.summary());
    }
    for layer in &pushed.layers {
        let outcome = match layer.outcome {
            Outcome::Missing => "would be uploaded",
            outcome => outcome.as_str(),
        };
        output::say_line(&format!("{}: {outcome}", layer.digest.short()));
    }
    output::say_line("dry run: nothing was uploaded");
}

/// Shows the image's name and digest on standard output.
pub(super) fn show(pushed: &Report) {
    match (&pushed.digest, &pushed.tag) {
        (Some(digest), _) => output::print(&format!("{}@{digest}", pushed.name)),
        (None, Some(tag)) => output::print(&format!("{}:{tag}", pushed.name)),
        (None, None) => output::print(&pushed.name),
    }
}
