//! Parts of errors about connectors, and their hints.

use crate::flavor::FlavorName;
use crate::implicit_sources::ImplicitSource;
use crate::text::{Escaped, nearest, quoted};

/// Sources in one text.
pub(super) fn list(sources: &[ImplicitSource]) -> String {
    sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The flavor that alone was asked, in words.
pub(super) fn of_flavor(flavor: Option<&FlavorName>) -> String {
    flavor.map_or_else(String::new, |flavor| format!(" of flavor `{flavor}`"))
}

/// The name of an auth method that was given, in words.
pub(super) fn of_name(name: Option<&Escaped>) -> String {
    name.map_or_else(String::new, |name| format!(" named `{name}`"))
}

/// The name that was probably meant, or else the known names after `head`, or `without` if there are none.
pub(super) fn either(name: &str, known: &[Escaped], head: &str, without: &str) -> String {
    match nearest(name, known).filter(|near| near.as_str() != name) {
        Some(near) => format!("did you mean `{near}`? {head}: {}", quoted(known)),
        None if known.is_empty() => without.to_owned(),
        None => format!("{head}: {}", quoted(known)),
    }
}

/// The next step where an implicit method is not allowed to read this machine.
pub(super) fn hint_to_allow(method: &str) -> String {
    let connector_type = method.split('/').next().unwrap_or_default();
    format!(
        "`crhost connector describe-type {connector_type}` shows what each is for; `--allow-implicit` allows all of it, \
         for this connector"
    )
}

/// The next step where a field is missing: to give it, or to allow the program of this name that has it.
pub(super) fn hint_to_give(name: &str, summary: &str, secret: bool, command: Option<&Escaped>) -> String {
    let allow =
        command.map_or_else(String::new, |command| format!("`--allow-command {command}` runs it for that; or "));
    match secret {
        false => format!("give it with `--{name}=…`: {summary}"),
        true => format!("{allow}give it with `--{name}=@FILE`, `--{name}=@env:VARIABLE` or `--{name}=-`: {summary}"),
    }
}
