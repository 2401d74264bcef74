//! The registry and the image of a call.

use super::error::FlavorCallError;
use super::export::Export;
use super::input::Input;
use crate::flavor::{Flavor, RegistryView, options};
use crate::image::{Digest, Reference, Repository, Tag};
use crate::registry::GivenName;
use crate::text::Escaped;

/// The user's name for a registry that is not registered: flavors are given one.
const NAME: &str = "unregistered";

/// The registry of a call, its URI in the flavor's canonical form.
///
/// # Errors
/// When none is given, the flavor refuses it, or an option does not fit.
pub(super) async fn registry(flavor: &Flavor, export: Export, input: &Input) -> Result<RegistryView, FlavorCallError> {
    let description = flavor.description();
    let Some(uri) = &input.registry else {
        let example = description.uri_examples.first().map(String::as_str).unwrap_or_default();
        let hint = format!("name it with `--registry URI`, such as `--registry {example}`").into();
        return Err(FlavorCallError::Missing { export, what: "the URI of a registry", hint });
    };
    options::check(description, &input.options)?;
    let accepted = flavor.validate_uri(uri).await.map_err(|error| FlavorCallError::Registry(Box::new(error)))?;
    let options = options::with_defaults(&description.options, &input.options);
    Ok(RegistryView { name: NAME.to_owned(), uri: accepted.uri, options, grants: Vec::new() })
}

/// The image of a call, in its registry.
///
/// # Errors
/// When it is no name, or one of another registry.
pub(super) fn image(registry: &RegistryView, name: &str) -> Result<Reference, FlavorCallError> {
    let invalid = |reason: &dyn std::fmt::Display| FlavorCallError::invalid("--image", reason);
    let image = match name.parse::<GivenName>().map_err(|reason| invalid(&reason))? {
        GivenName::Whole(image) | GivenName::Own(image) => image,
        GivenName::Below(repository, tag) => {
            let path = registry.uri.path().map(ToString::to_string).unwrap_or_default();
            let repository = repository.below(&path).map_err(|reason| invalid(&reason))?;
            Reference::new(registry.uri.host().clone(), repository, tag.or_else(|| Some(Tag::latest())), None)
        }
    };
    match registry.uri.owns(&image) {
        true => Ok(image),
        false => Err(FlavorCallError::OtherRegistry { image: Escaped::of(&image), registry: registry.uri.clone() }),
    }
}

/// An argument that an export needs, read.
fn needed<T: std::str::FromStr<Err: std::fmt::Display>>(
    export: Export,
    value: Option<&String>,
    argument: &'static str,
    what: &'static str,
) -> Result<T, FlavorCallError> {
    let hint = || format!("give it with `{argument}`").into();
    let value = value.ok_or_else(|| FlavorCallError::Missing { export, what, hint: hint() })?;
    value.parse().map_err(|reason| FlavorCallError::invalid(argument, reason))
}

/// The repository of a call.
///
/// # Errors
/// When none is given, or it is none.
pub(super) fn repository(export: Export, input: &Input) -> Result<Repository, FlavorCallError> {
    needed(export, input.repository.as_ref(), "--repository", "a repository")
}

/// The digest of a call.
///
/// # Errors
/// As for [`repository`].
pub(super) fn digest(export: Export, input: &Input) -> Result<Digest, FlavorCallError> {
    needed(export, input.digest.as_ref(), "--digest", "a manifest's digest")
}

/// The tag of a call.
///
/// # Errors
/// As for [`repository`].
pub(super) fn tag(export: Export, input: &Input) -> Result<Tag, FlavorCallError> {
    needed(export, input.tag.as_ref(), "--tag", "a tag")
}
