//! Whose flavor one is, as far as the place of its component tells.

use std::path::Path;

use crate::text::Printable;

/// Whose flavor one is: who can mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Printable)]
pub(crate) enum Maker {
    /// Part of crhost.
    Crhost,
    /// Built on this machine, by the user as far as can be told.
    User,
    /// Of another author.
    Other,
}

/// Directories that builds write to: of Cargo, of most other tools, of .NET and Go.
const BUILD_DIRECTORIES: [&str; 5] = ["target", "dist", "build", "out", "bin"];

impl Maker {
    /// The maker of the component in a file.
    #[must_use]
    pub(crate) fn of_file(path: &Path) -> Self {
        let is_build = |name: &std::ffi::OsStr| BUILD_DIRECTORIES.iter().any(|directory| name == *directory);
        let directories = path.parent().into_iter().flat_map(Path::iter);
        if directories.into_iter().any(is_build) { Self::User } else { Self::Other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_in_a_build_s_directory_is_the_user_s_own() {
        for (path, maker) in [
            ("target/wasm32-wasip2/release/acme.wasm", Maker::User),
            ("/home/me/acme/dist/acme.wasm", Maker::User),
            ("/home/me/Downloads/acme.wasm", Maker::Other),
            ("acme.wasm", Maker::Other),
            ("/srv/flavors/target", Maker::Other),
        ] {
            assert_eq!(Maker::of_file(Path::new(path)), maker, "{path}");
        }
    }
}
