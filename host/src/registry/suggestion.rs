//! The command that a push is to be, where only the image file says what the image is called.

use crate::image::{Reference, RegistryUri, Repository, Tag};
use crate::store::{Name, RegistryRecord};
use crate::text::{Escaped, Printable, printable, shell_word};

/// An image file whose image the user gave no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unnamed<'a> {
    /// The file or directory, as the user typed it.
    pub(crate) location: &'a str,
    /// The name that is inside.
    pub(crate) name: Option<&'a str>,
}

/// A name for a user to judge, and to type.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct Suggestion {
    /// The name inside the file, which is a valid one.
    pub(crate) name: Escaped,
    /// The command that pushes under this name.
    pub(crate) command: Escaped,
}

impl Suggestion {
    /// The suggestion for a registry, if the file has a name that is one.
    pub(super) fn new(unnamed: Unnamed<'_>, registry: Option<&RegistryRecord>) -> Option<Self> {
        let name = unnamed.name?;
        let image: Reference = name.parse().ok()?;
        let repository = match registry {
            Some(registry) if registry.uri.owns(&image) => {
                let path = registry.uri.path().map_or("", Repository::as_str);
                image.repository().as_str().strip_prefix(path)?.trim_start_matches('/')
            }
            _ if Reference::names_host(name) => image.repository().name(),
            // The namespace that the grammar adds is not in the file.
            _ => image.repository().as_str().strip_prefix("library/").unwrap_or(image.repository().as_str()),
        };
        if repository.is_empty() {
            return None;
        }
        let (location, tag) = (word(unnamed.location)?, image.tag().cloned().unwrap_or_else(Tag::latest));
        let registry = match registry {
            None => "REGISTRY".to_owned(),
            Some(registry) if registry.name == Name::unregistered() => typed(&registry.uri),
            Some(registry) => registry.name.to_string(),
        };
        let command = format!("crhost push {location} --to {registry} --as {repository}:{tag}");
        Some(Self { name: name.into(), command: command.into() })
    }
}

/// A URI as `--to` takes it: a host alone would be a name.
fn typed(uri: &RegistryUri) -> String {
    let text = uri.to_string();
    if text.contains(['/', ':']) { text } else { format!("{text}/") }
}

/// The next step of a user who gave no name.
pub(super) fn hint(suggestion: Option<&Suggestion>) -> String {
    match suggestion {
        None => "name it with `--as REPOSITORY[:TAG]`".to_owned(),
        Some(Suggestion { name, command }) => format!("the file calls it `{name}`; if you mean that: `{command}`"),
    }
}

/// The next step where no registry owns an image; `near` are registries that may be meant.
pub(super) fn hint_for_owner(uri: &str, near: &[Escaped]) -> String {
    if near.is_empty() {
        return format!(
            "push it below a registered one with `--to NAME`, or register its own: `crhost registry register NAME \
             --flavor FLAVOR --uri {uri}`"
        );
    }
    let near = near.iter().map(Escaped::as_str).collect::<Vec<_>>().join(", ");
    format!("did you mean {near}? Or register `{uri}` with `crhost registry register`")
}

/// The next step where a name has no host and nothing says whose it is.
pub(super) fn hint_to_choose(known: &[Escaped], more: usize) -> String {
    if known.is_empty() {
        return "give it its whole name, such as `registry.example.com/acme/train:v3`, or say where with `--to \
                HOST[:PORT][/PATH]`"
            .to_owned();
    }
    choice(known, more)
}

/// The same of a command that takes names in registries alone.
pub(super) fn hint_to_name(known: &[Escaped], more: usize) -> String {
    if known.is_empty() {
        return "give it its whole name, such as `registry.example.com/acme/train:v3`".to_owned();
    }
    choice(known, more)
}

fn choice(known: &[Escaped], more: usize) -> String {
    let mut known: Vec<&str> = known.iter().map(Escaped::as_str).collect();
    let more = format!("{more} more");
    if more != "0 more" {
        known.push(&more);
    }
    format!("choose one: {}; or once for all with `crhost registry use NAME`", known.join(", "))
}

/// A text as one word of a shell; `None` for one that can't be shown as it is.
fn word(text: &str) -> Option<String> {
    if text.is_empty() || printable(text, usize::MAX) != text {
        return None;
    }
    Some(shell_word(text, |_| false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(location: &str, name: &str, uri: Option<&str>) -> Option<String> {
        let registry = uri.map(|uri| RegistryRecord::example("prod", uri));
        let unnamed = Unnamed { location, name: Some(name) };
        Suggestion::new(unnamed, registry.as_ref()).map(|suggestion| suggestion.command.as_str().to_owned())
    }

    #[test]
    fn a_name_inside_a_file_becomes_a_command_that_says_what_is_overwritten() {
        for (location, name, uri, expected) in [
            ("a.tar", "train:v3", Some("ghcr.io/acme"), "a.tar --to prod --as train:v3"),
            ("a.tar", "train", Some("ghcr.io/acme"), "a.tar --to prod --as train:latest"),
            ("a.tar", "team/train:v3", None, "a.tar --to REGISTRY --as team/train:v3"),
            ("a.tar", "ghcr.io/acme/ml/train:v3", Some("ghcr.io/acme"), "a.tar --to prod --as ml/train:v3"),
            ("a.tar", "ghcr.io/acme/ml/train:v3", Some("ghcr.io"), "a.tar --to prod --as acme/ml/train:v3"),
            ("a.tar", "quay.io/x/train:v3", Some("ghcr.io/acme"), "a.tar --to prod --as train:v3"),
            ("my file's.tar", "train:v3", None, r"'my file'\''s.tar' --to REGISTRY --as train:v3"),
        ] {
            assert_eq!(command(location, name, uri).unwrap(), format!("crhost push {expected}"));
        }
    }

    #[test]
    fn what_is_no_name_or_can_not_be_shown_is_not_suggested() {
        for (location, name, uri) in [
            ("a.tar", "x/\u{1b}]0;PWNED", None),
            ("a.tar", "train:v3\n::error::fake", None),
            ("a.tar", "train; rm -rf ~", None),
            ("a.tar", "", None),
            ("a\n.tar", "train:v3", None),
            ("a.tar", "ghcr.io/acme:v3", Some("ghcr.io/acme")),
        ] {
            assert_eq!(command(location, name, uri), None, "{name}");
        }
    }
}
