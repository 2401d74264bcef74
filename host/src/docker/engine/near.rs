//! The next step where the daemon does not have an image.

use crate::text::{Escaped, quoted};

/// The next step where the daemon does not have an image.
pub(super) fn hint(near: &[Escaped]) -> String {
    const LIST: &str = "`docker images` lists what is there";
    match near {
        [] => LIST.to_owned(),
        near => format!("did you mean {}? {LIST}", quoted(near)),
    }
}
