//! Origins of components: the path of a file, or a name in a registry behind `oci://`.

use std::fmt::Display;

/// What the origins of components begin with that are from a registry.
const REMOTE: &str = "oci://";

/// The name in a registry behind `oci://`; `None` for the path of a file.
#[must_use]
pub(crate) fn remote_name(text: &str) -> Option<&str> {
    text.strip_prefix(REMOTE)
}

/// The origin of the artifact of a name in a registry.
#[must_use]
pub(crate) fn remote_origin(name: &impl Display) -> String {
    format!("{REMOTE}{name}")
}
