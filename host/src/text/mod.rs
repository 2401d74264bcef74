//! Text from outside, as a type that can only be shown escaped, on one line and bounded; and times as they are shown.

mod counted;
mod escape;
mod escaped;
mod foreign;
mod markup;
mod moment;
mod nearest;
mod printable;
mod reserved;
mod shell_word;
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
pub(crate) use reserved::RESERVED;
pub(crate) use shell_word::shell_word;

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

/// Names of a list that are shown before only their number is: more push the rest of a line off the screen.
const FEW: usize = 10;

/// The same of a list that may be long: its first names, and how many more there are.
#[must_use]
pub(crate) fn quoted_few<T: Display>(names: &[T]) -> String {
    let more = names.len().saturating_sub(FEW);
    let shown = quoted(names.iter().take(FEW));
    if more > 0 { format!("{shown}, and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_list_the_first_names_are_shown() {
        let names: Vec<u8> = (1..=11).collect();
        assert_eq!(quoted_few(&names[..2]), "`1`, `2`");
        assert!(quoted_few(&names[..10]).ends_with("`10`"));
        assert!(quoted_few(&names).ends_with("`10`, and 1 more"));
    }
}
