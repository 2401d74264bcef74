//! Text of daemons, helpers and files, made fit for an error message.

use crate::text::Escaped;

/// The longest such text, in characters: a reader who needs more than a few lines runs the program that wrote it.
const MAX_SHOWN: usize = 500;

/// `text` escaped, on one line, and cut at [`MAX_SHOWN`] characters.
pub(super) fn shown(text: &str) -> Escaped {
    Escaped::new(text, MAX_SHOWN)
}
