//! What a file has, where what was asked for is not there: names and platforms, as hints list them.

use crate::image::Platform;
use crate::text::{Escaped, nearest, quoted};

/// Longest name in a list, in characters: several of them stand on one line.
const MAX_NAME: usize = 200;

/// Names in a file that are shown: as many as fit on a screen, of the thousands that a file may have.
const MAX_SHOWN: usize = 20;

/// The first of some names, and how many more there are.
pub(super) fn several<T: std::fmt::Display>(names: &[T]) -> String {
    let shown = quoted(names.iter().take(MAX_SHOWN));
    match names.len().saturating_sub(MAX_SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The name of an image, as it stands in a list of them.
pub(super) fn shown_name(name: &str) -> Escaped {
    Escaped::new(name, MAX_NAME)
}

/// The hint where no image has the wanted name.
pub(super) fn names_there(wanted: &str, known: &[Escaped]) -> String {
    match nearest(wanted, known) {
        _ if known.is_empty() => "its images have no names; leave the name out".to_owned(),
        Some(near) if known.len() > 1 => format!("did you mean `{near}`? it has {}", several(known)),
        _ => format!("it has {}", several(known)),
    }
}

/// The hint where no image is for the wanted platform.
pub(super) fn platforms_there(known: &[Platform]) -> Option<String> {
    (!known.is_empty()).then(|| format!("it is for {}; choose with `--platform`", several(known)))
}
