//! Selects the registry for an image, and the image's name there.

use super::error::RegistryError;
use super::given_name::GivenName;
use super::suggestion::{Suggestion, Unnamed};
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
            (Some(GivenName::Below(..)), _) => false,
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
/// With `--to`, or where the source's name has no host but one registry is the current one, the image is placed below
/// that registry's URI. Otherwise the registry is found by the image's name; of several that own it, the one with the
/// longest URI is taken.
///
/// # Errors
/// When no registry or more than one qualifies, or the image belongs to another registry.
pub(crate) fn select(registries: &[RegistryRecord], selector: Selector<'_>) -> Result<Target, RegistryError> {
    if selector.unnamed.is_some() && selector.named.is_none() && selector.source.is_none() {
        return Err(RegistryError::NoName { suggestion: suggestion(registries, &selector) });
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

/// The image whose name the user typed with a host, of which no registry is registered: a push needs no registration
/// then. On the host of a registered registry, another path is more likely an error than meant.
pub(crate) fn unowned(registries: &[RegistryRecord], selector: &Selector<'_>) -> Option<Reference> {
    let image: Reference = match selector.named {
        Some(GivenName::Whole(image)) => image.clone(),
        Some(GivenName::Below(..)) => return None,
        None => selector.source.filter(|text| Reference::names_host(text))?.parse().ok()?,
    };
    (selector.to.is_none() && registries.iter().all(|registry| registry.uri.host() != image.host())).then_some(image)
}

/// The registry that owns an image: the one with the longest URI; among equals, the current one.
fn owner<'a>(
    registries: &'a [RegistryRecord],
    image: &Reference,
    current: Option<&Name>,
) -> Result<Option<&'a RegistryRecord>, RegistryError> {
    let owners: Vec<&RegistryRecord> = registries.iter().filter(|registry| registry.uri.owns(image)).collect();
    let longest = owners.iter().map(|registry| registry.uri.specificity()).max();
    let nearest: Vec<&RegistryRecord> =
        owners.into_iter().filter(|registry| Some(registry.uri.specificity()) == longest).collect();
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

type Source<'a> = Result<Option<(&'a str, Reference)>, crate::image::ReferenceError>;

/// Names an image below a registry's URI.
fn place(registry: &RegistryRecord, named: Option<&GivenName>, source: Source<'_>) -> Result<Target, RegistryError> {
    if let Some(named) = named {
        // `--as` works for sources without a usable name; the source's tag serves where `--as` has no tag.
        let image = source.ok().flatten().map(|(_, image)| image);
        let tag = named.tag().or_else(|| image.as_ref()?.tag()).cloned();
        let digest = image.as_ref().and_then(|image| image.digest().cloned());
        return match named {
            GivenName::Below(repository, _) => below(registry, repository, tag, digest),
            GivenName::Whole(whole) if registry.uri.owns(whole) => {
                let image = Reference::new(whole.host().clone(), whole.repository().clone(), tag, digest);
                Ok(Target { registry: registry.clone(), registered: true, image: tagged(&image) })
            }
            GivenName::Whole(whole) => Err(RegistryError::elsewhere(whole, registry)),
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
    below(registry, &path.parse()?, image.tag().cloned(), image.digest().cloned())
}

fn below(
    registry: &RegistryRecord,
    repository: &Repository,
    tag: Option<Tag>,
    digest: Option<Digest>,
) -> Result<Target, RegistryError> {
    let path = registry.uri.path().map_or("", Repository::as_str);
    let image = Reference::new(registry.uri.host().clone(), repository.below(path)?, tag, digest);
    Ok(Target { registry: registry.clone(), registered: true, image: tagged(&image) })
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
mod tests {
    use super::*;
    use crate::image::ReferenceError;

    #[derive(Clone, Copy, Default)]
    struct Case {
        source: Option<&'static str>,
        to: Option<&'static str>,
        named: Option<&'static str>,
        current: Option<&'static str>,
        /// The name inside a file.
        inside: Option<&'static str>,
    }

    fn run(case: &Case) -> Result<String, RegistryError> {
        let registries = [
            RegistryRecord::example("hub", "docker.io/acme"),
            RegistryRecord::example("gh", "ghcr.io/acme"),
            RegistryRecord::example("gh-ml", "ghcr.io/acme/ml"),
        ];
        let name = |text: Option<&str>| text.map(|text| text.parse::<Name>().unwrap());
        let (to, current) = (name(case.to), name(case.current));
        let named = case.named.map(|text| text.parse().unwrap());
        let selector = Selector {
            to: to.as_ref(),
            named: named.as_ref(),
            source: case.source,
            unnamed: case.inside.map(|name| Unnamed { location: "a.tar", name: Some(name) }),
            current: current.as_ref(),
        };
        select(&registries, selector).map(|target| format!("{} {}", target.registry.name, target.image))
    }

    #[test]
    fn an_image_finds_its_registry_and_its_name() {
        let none = Case::default();
        for (case, target) in [
            (Case { source: Some("docker.io/acme/train:v3"), ..none }, "hub docker.io/acme/train:v3"),
            (Case { source: Some("acme/train"), ..none }, "hub docker.io/acme/train:latest"),
            (Case { source: Some("ghcr.io/acme/ml/train:v3"), ..none }, "gh-ml ghcr.io/acme/ml/train:v3"),
            (Case { source: Some("ghcr.io/acme/mlx/train:v3"), ..none }, "gh ghcr.io/acme/mlx/train:v3"),
            (Case { source: Some("train:v3"), to: Some("hub"), ..none }, "hub docker.io/acme/train:v3"),
            (Case { source: Some("team/train:v3"), to: Some("gh"), ..none }, "gh ghcr.io/acme/team/train:v3"),
            (Case { source: Some("ghcr.io/acme/train:v3"), to: Some("gh"), ..none }, "gh ghcr.io/acme/train:v3"),
            (Case { source: Some("train:v3"), current: Some("gh"), ..none }, "gh ghcr.io/acme/train:v3"),
            (Case { source: Some("acme/train:v3"), current: Some("gh"), ..none }, "gh ghcr.io/acme/acme/train:v3"),
            (Case { source: Some("acme/train:v3"), current: Some("hub"), ..none }, "hub docker.io/acme/train:v3"),
            (Case { source: Some("quay.io/x/y:v1"), to: Some("gh"), named: Some("y"), ..none }, "gh ghcr.io/acme/y:v1"),
            (Case { to: Some("gh"), named: Some("y:v2"), ..none }, "gh ghcr.io/acme/y:v2"),
            (Case { named: Some("y:v2"), current: Some("hub"), ..none }, "hub docker.io/acme/y:v2"),
            // A whole name is taken as it is, and finds its registry.
            (Case { to: Some("gh"), named: Some("ghcr.io/acme/y:v2"), ..none }, "gh ghcr.io/acme/y:v2"),
            (
                Case { to: Some("gh"), named: Some("ghcr.io/acme/y"), source: Some("x:v1"), ..none },
                "gh ghcr.io/acme/y:v1",
            ),
            (Case { named: Some("ghcr.io/acme/ml/y"), current: Some("hub"), ..none }, "gh-ml ghcr.io/acme/ml/y:latest"),
            (Case { named: Some("ghcr.io/acme/y"), source: Some("quay.io/x:v1"), ..none }, "gh ghcr.io/acme/y:v1"),
        ] {
            assert_eq!(run(&case).unwrap(), target);
        }
    }

    #[test]
    fn a_digest_says_which_image_is_meant_and_moves_no_tag() {
        const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let by_digest: &'static str =
            "ghcr.io/acme/train@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let tagged: &'static str =
            "ghcr.io/acme/train:v9@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let short: &'static str = "train@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let none = Case::default();
        for (case, target) in [
            (Case { source: Some(by_digest), ..none }, "ghcr.io/acme/train@"),
            (Case { source: Some(tagged), ..none }, "ghcr.io/acme/train:v9@"),
            (Case { source: Some(short), to: Some("gh"), ..none }, "ghcr.io/acme/train@"),
            (Case { source: Some(by_digest), to: Some("gh"), named: Some("x"), ..none }, "ghcr.io/acme/x@"),
            (Case { source: Some(by_digest), to: Some("gh"), named: Some("x:v1"), ..none }, "ghcr.io/acme/x:v1@"),
        ] {
            assert_eq!(run(&case).unwrap(), format!("gh {target}{DIGEST}"));
        }
        let id = Case { source: Some(DIGEST), to: Some("gh"), ..none };
        assert!(matches!(run(&id), Err(RegistryError::Reference(ReferenceError::Id(_)))));
    }

    #[test]
    fn what_belongs_nowhere_or_elsewhere_is_refused() {
        let none = Case::default();
        assert!(matches!(
            run(&Case { source: Some("ghcr.io/acme-evil/x"), ..none }),
            Err(RegistryError::NoOwner { .. })
        ));
        assert!(matches!(
            run(&Case { source: Some("quay.io/x/y"), current: Some("gh"), ..none }),
            Err(RegistryError::NoOwner { .. })
        ));
        assert!(matches!(
            run(&Case { source: Some("quay.io/x/y"), to: Some("gh"), ..none }),
            Err(RegistryError::Elsewhere { .. })
        ));
        for (to, named) in
            [(Some("gh"), "quay.io/x/y:v1"), (Some("gh"), "ghcr.io/other/y"), (Some("hub"), "ghcr.io/acme/y")]
        {
            assert!(matches!(run(&Case { to, named: Some(named), ..none }), Err(RegistryError::Elsewhere { .. })));
        }
        for source in [Some("train:v3"), Some("other/train")] {
            assert!(matches!(run(&Case { source, ..none }), Err(RegistryError::NoneChosen { .. })));
        }
        assert!(matches!(run(&Case { named: Some("quay.io/x/y"), ..none }), Err(RegistryError::NoOwner { .. })));
        assert!(matches!(run(&Case { to: Some("gh"), ..none }), Err(RegistryError::NoName { .. })));
        assert!(matches!(run(&Case { named: Some("y"), ..none }), Err(RegistryError::NoTarget)));
        assert!(matches!(run(&Case { source: Some("x"), to: Some("nope"), ..none }), Err(RegistryError::Store(_))));
    }

    #[test]
    fn a_name_inside_a_file_decides_nothing() {
        let evil = Case { inside: Some("ghcr.io/acme/base/production:v9"), ..Case::default() };
        for case in [
            evil,
            Case { to: Some("gh"), ..evil },
            Case { current: Some("hub"), ..evil },
            Case { inside: Some("train:v3"), current: Some("gh"), ..evil },
        ] {
            assert!(matches!(run(&case), Err(RegistryError::NoName { suggestion: Some(_) })));
        }
        for (case, target) in [
            (Case { to: Some("gh"), named: Some("train"), ..evil }, "gh ghcr.io/acme/train:latest"),
            (Case { source: Some("ghcr.io/acme/train:v3"), ..evil }, "gh ghcr.io/acme/train:v3"),
            (Case { source: Some("train:v3"), to: Some("gh"), named: Some("y"), ..evil }, "gh ghcr.io/acme/y:v3"),
        ] {
            assert_eq!(run(&case).unwrap(), target);
        }
    }
}
