//! Selects the registry for an image, and the image's name there.

use super::error::RegistryError;
use super::given_name::GivenName;
use super::suggestion::{Suggestion, Unnamed};
use crate::flavor::options::DEFAULT_REPOSITORY;
use crate::image::{Digest, Reference, Repository, Tag};
use crate::store::{Name, RegistryRecord};

/// The destination of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The registry.
    pub(crate) registry: RegistryRecord,
    /// Whether it is registered, and not only named by an image or for one push.
    pub(crate) registered: bool,
    /// The image's name there, with its tag; with a digest if the user named the image by it, and then perhaps without
    /// a tag.
    pub(crate) image: Reference,
}

impl Target {
    /// The registry as its user calls it: its name, or its URI if it is not registered.
    #[must_use]
    pub(crate) fn label(&self) -> String {
        match self.registered {
            true => self.registry.name.to_string(),
            false => self.registry.uri.to_string(),
        }
    }
}

/// The inputs of the selection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selector<'a> {
    /// The registry that the user named (`--to`).
    pub(crate) to: Option<&'a Name>,
    /// The name in the registry that the user gave (`--as`).
    pub(crate) named: Option<&'a GivenName>,
    /// The name of the image, as the user typed it with the source.
    pub(crate) source: Option<&'a str>,
    /// The source, if it may have a name of its own for the image.
    pub(crate) unnamed: Option<Unnamed<'a>>,
    /// The current registry, which is taken where no registry is named.
    pub(crate) current: Option<&'a Name>,
}

impl Selector<'_> {
    /// Whether the current registry is meant, whatever it is: neither a registry nor a host was named.
    #[must_use]
    pub(crate) fn means_current(&self) -> bool {
        let is_whole = match (self.named, self.source) {
            (Some(GivenName::Whole(_)), _) => true,
            (Some(GivenName::Below(..) | GivenName::Own(_)), _) => false,
            (None, source) => source.is_some_and(Reference::names_host),
        };
        self.to.is_none() && !is_whole
    }
}

/// Finds the target of a push among the registered registries.
///
/// The name decides which repository and tag are overwritten. So it is one that the user typed: a name inside an image
/// file was chosen by whoever made the file, and is no more than a suggestion.
///
/// An image without a name gets the registry's default repository, if the user gave it one.
///
/// With `--to`, or where the source's name has no host but one registry is the current one, the image is placed below
/// that registry's URI. Otherwise the registry is found by the image's name; of several that own it, the one with the
/// longest URI is taken.
///
/// # Errors
/// When no registry or more than one qualifies, or the image belongs to another registry.
pub(crate) fn select(registries: &[RegistryRecord], selector: Selector<'_>) -> Result<Target, RegistryError> {
    if selector.unnamed.is_some() && selector.named.is_none() && selector.source.is_none() {
        return unnamed(registries, &selector);
    }
    let source = selector.source.map(|text| text.parse::<Reference>().map(|image| (text, image))).transpose();
    if let Some(name) = selector.to {
        return place(RegistryRecord::named(registries, name)?, selector.named, source);
    }
    if let Some(GivenName::Whole(image)) = selector.named {
        let registry = owner(registries, image, selector.current)?;
        let registry = registry.ok_or_else(|| RegistryError::no_owner(image, registries))?;
        return place(registry, selector.named, source);
    }
    if selector.named.is_none()
        && let Some((text, image)) = source.as_ref().map_err(Clone::clone)?
    {
        // A name without a host is one of the registry in use, whatever others are registered.
        if let (Some(current), false) = (selector.current, Reference::names_host(text)) {
            return place(RegistryRecord::named(registries, current)?, None, source);
        }
        if let Some(registry) = owner(registries, image, selector.current)? {
            return Ok(Target { registry: registry.clone(), registered: true, image: tagged(image) });
        }
        return Err(match Reference::names_host(text) {
            true => RegistryError::no_owner(image, registries),
            false => RegistryError::none_chosen(text, registries),
        });
    }
    let current = selector.current.ok_or(RegistryError::NoTarget)?;
    place(RegistryRecord::named(registries, current)?, selector.named, source)
}

/// The target of an image without a name: the default repository that the user gave the registry.
fn unnamed(registries: &[RegistryRecord], selector: &Selector<'_>) -> Result<Target, RegistryError> {
    let registry = selector.to.or(selector.current);
    let registry = registry.and_then(|name| registries.iter().find(|registry| registry.name == *name));
    match registry.and_then(|registry| Some((registry, registry.options.get(DEFAULT_REPOSITORY)?))) {
        Some((registry, repository)) => tagged_below(registry, &repository.parse()?, None, None),
        None => Err(RegistryError::NoName { suggestion: suggestion(registries, selector) }),
    }
}

/// The image whose name the user typed with a host, of which no registry is registered: a push needs no registration
/// then. On the host of a registered registry, another path is more likely an error than meant.
pub(crate) fn unowned(registries: &[RegistryRecord], selector: &Selector<'_>) -> Option<Reference> {
    let image: Reference = match selector.named {
        Some(GivenName::Whole(image)) => image.clone(),
        Some(GivenName::Below(..) | GivenName::Own(_)) => return None,
        None => selector.source.filter(|text| Reference::names_host(text))?.parse().ok()?,
    };
    (selector.to.is_none() && registries.iter().all(|registry| registry.uri.host() != image.host())).then_some(image)
}

/// The registry that owns an image: the one with the longest URI; among equals, the current one.
pub(super) fn owner<'a>(
    registries: &'a [RegistryRecord],
    image: &Reference,
    current: Option<&Name>,
) -> Result<Option<&'a RegistryRecord>, RegistryError> {
    let nearest = RegistryRecord::most_specific(registries.iter().filter(|registry| registry.uri.owns(image)));
    match nearest.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => match several.iter().find(|registry| Some(&registry.name) == current) {
            Some(one) => Ok(Some(one)),
            None => Err(RegistryError::Ambiguous {
                image: image.to_string().into(),
                registries: several.iter().map(|registry| registry.name.clone()).collect(),
            }),
        },
    }
}

/// What a push without a name could be called, in the registry that it would go to.
fn suggestion(registries: &[RegistryRecord], selector: &Selector<'_>) -> Option<Suggestion> {
    let unnamed = selector.unnamed?;
    let owner = || owner(registries, &unnamed.name?.parse().ok()?, selector.current).ok().flatten();
    let named = |name: &Name| registries.iter().find(|registry| registry.name == *name);
    let registry = match selector.to {
        Some(name) => named(name),
        None => owner().or_else(|| named(selector.current?)),
    };
    Suggestion::new(unnamed, registry)
}

/// The name of an image in a registry that is known already.
///
/// # Errors
/// When it is too long, or that of another registry.
pub(crate) fn named_in(registry: &RegistryRecord, named: &GivenName) -> Result<Reference, RegistryError> {
    Ok(place(registry, Some(named), Ok(None))?.image)
}

type Source<'a> = Result<Option<(&'a str, Reference)>, crate::image::ReferenceError>;

/// Names an image below a registry's URI.
fn place(registry: &RegistryRecord, named: Option<&GivenName>, source: Source<'_>) -> Result<Target, RegistryError> {
    if let Some(named) = named {
        // `--as` works for sources without a usable name; the source's tag serves where `--as` has no tag.
        let image = source.ok().flatten().map(|(_, image)| image);
        let tag = named.tag().or_else(|| image.as_ref()?.tag()).cloned();
        let digest = image.as_ref().and_then(|image| image.digest().cloned());
        return match named {
            GivenName::Below(repository, _) => tagged_below(registry, repository, tag, digest),
            GivenName::Own(own) if !registry.uri.owns(own) => {
                tagged_below(registry, &own.familiar_repository(), tag, digest)
            }
            GivenName::Whole(whole) | GivenName::Own(whole) if registry.uri.owns(whole) => {
                let image = Reference::new(whole.host().clone(), whole.repository().clone(), tag, digest);
                Ok(Target { registry: registry.clone(), registered: true, image: tagged(&image) })
            }
            GivenName::Whole(whole) | GivenName::Own(whole) => Err(RegistryError::elsewhere(whole, registry)),
        };
    }
    let Some((text, image)) = source? else { return Err(RegistryError::NoName { suggestion: None }) };
    if registry.uri.owns(&image) {
        return Ok(Target { registry: registry.clone(), registered: true, image: tagged(&image) });
    }
    if Reference::names_host(text) {
        return Err(RegistryError::elsewhere(&image, registry));
    }
    // A familiar name such as `train`: the `library/` that the reference grammar adds was not typed by the user.
    let path = text.split('@').next().unwrap_or(text);
    let path = path.rsplit_once(':').map_or(path, |(path, _)| path);
    tagged_below(registry, &path.parse()?, image.tag().cloned(), image.digest().cloned())
}

/// An image below a registry's URI, with the tag `latest` where it has neither a tag nor a digest.
fn tagged_below(
    registry: &RegistryRecord,
    repository: &Repository,
    tag: Option<Tag>,
    digest: Option<Digest>,
) -> Result<Target, RegistryError> {
    let target = below(registry, repository, tag, digest)?;
    Ok(Target { image: tagged(&target.image), ..target })
}

/// An image below a registry's URI, with the tag and the digest that are given.
///
/// # Errors
/// When its name is too long.
pub(super) fn below(
    registry: &RegistryRecord,
    repository: &Repository,
    tag: Option<Tag>,
    digest: Option<Digest>,
) -> Result<Target, RegistryError> {
    let path = registry.uri.path().map_or("", Repository::as_str);
    let image = Reference::new(registry.uri.host().clone(), repository.below(path)?, tag, digest);
    Ok(Target { registry: registry.clone(), registered: true, image })
}

/// A push moves a tag: `latest` where the user gave neither a tag nor a digest. A digest says which image is meant, and
/// moves no tag.
fn tagged(image: &Reference) -> Reference {
    if image.digest().is_some() || image.tag().is_some() {
        return image.clone();
    }
    Reference::new(image.host().clone(), image.repository().clone(), Some(Tag::latest()), None)
}

#[cfg(test)]
mod tests;
