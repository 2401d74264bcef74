//! The end of something that crhost kept, as a result.

use std::fmt::Display;

use serde::Serialize;

use super::context::Context;
use super::output;

/// Something that was removed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Removed {
    /// The name that it had.
    removed: String,
}

/// Shows that something of this sort was removed.
pub(super) fn show(context: &Context, sort: &str, name: &impl Display) {
    if context.is_json() {
        output::print_json(&Removed { removed: name.to_string() });
    } else {
        output::say_line(&format!("removed {sort} `{name}`"));
    }
}
