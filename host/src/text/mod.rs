//! Text from outside, as a type that can only be shown escaped, on one line and bounded; and times as they are shown.

mod counted;
mod escape;
mod escaped;
mod foreign;
mod markup;
mod moment;
mod nearest;
mod printable;
mod unicode;

use std::fmt::Display;
use std::time::Duration;

pub(crate) use counted::counted;
/// Implements [`Printable`] for a type whose fields all do.
pub(crate) use crhost_explain::Printable;
pub(crate) use escape::{escape_json, escape_line};
pub(crate) use escaped::Escaped;
pub(crate) use foreign::Foreign;
pub(crate) use markup::first_words;
pub(crate) use moment::Moment;
pub(crate) use nearest::nearest;
pub(crate) use printable::Printable;

/// `text` as it may be shown, cut after `max` characters.
#[must_use]
pub(crate) fn printable(text: &str, max: usize) -> String {
    Escaped::new(text, max).into()
}

/// A time in seconds, to the millisecond, as results and events tell it.
#[must_use]
pub(crate) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

/// A list of names for users: `` `a`, `b` ``.
#[must_use]
pub(crate) fn quoted(names: impl IntoIterator<Item = impl Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
