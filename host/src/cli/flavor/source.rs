//! The component that a command is given: a file, or the name of a flavor that there is.

use std::path::Path;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::output;
use crate::catalog::{self, BUILT_IN};
use crate::flavor::{Maker, builtin};
use crate::flavor_call::Component;

/// Whether a text is a flavor's name and no file: without a `/` and a `.`.
pub(super) fn is_name(text: &Path) -> bool {
    text.to_str().is_some_and(|text| !text.contains(['/', '.', '\\']))
}

/// The bytes of a component in a file or, where there is no such file, of the flavor of that name; and who can mend it.
/// A directory of that name is mostly the flavor's project.
pub(super) fn read(context: &Context, file: &Path) -> Result<(Vec<u8>, Maker), Failure> {
    if is_name(file)
        && !file.is_file()
        && let Some(found) = catalog::component(&context.store()?, &file.display().to_string())?
    {
        return Ok(found);
    }
    Ok((Component::read(file)?, Maker::of_file(file)))
}

/// Says of a component that it can't be registered since a built-in flavor has its name. The built-in one itself has
/// it rightly.
pub(super) fn warn_of_taken_name(name: &str, bytes: &[u8]) {
    if builtin::find(name).is_some_and(|built_in| built_in.component != bytes) {
        output::say(
            "warning",
            &format!("`{name}` is the name of a {BUILT_IN} flavor: no other can be registered by it"),
        );
        output::say("hint", "a flavor chooses its name in `describe`; give it another one there");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_alone_decides_whether_it_is_a_name_or_a_file() {
        for name in ["acme", "aws", "my-flavor"] {
            assert!(is_name(Path::new(name)), "{name}");
        }
        for file in ["./acme", "acme.wasm", "target/acme", "/tmp/acme", "..", "C:\\acme"] {
            assert!(!is_name(Path::new(file)), "{file}");
        }
    }
}
