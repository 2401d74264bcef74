//! The images of a source that have names there, for pushes of several.

use std::path::Path;
use std::sync::Arc;

use super::blocking::blocking;
use super::error::SourceError;
use super::expected::Expected;
use super::file::{self, Held};
use super::known::shown_name;
use super::location::Location;
use super::named::{ImageName, ImageNames, NamesError, ambiguous, split};
use super::open_archive::OpenArchive;
use super::storage;
use crate::docker::Engine;
use crate::environment::Environment;
use crate::image::{Reference, Tag};
use crate::text::Escaped;

/// Which images of a source are meant, where it names no repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those of the only repository that it has.
    OneRepository,
    /// All.
    All,
}

/// An image, with its tags in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tagged {
    /// What two names of one image have in common.
    pub(crate) id: String,
    /// Where it is.
    pub(crate) location: Location,
    /// The repository, as the source has it; absent where that has a tag alone.
    pub(crate) repository: Option<Reference>,
    /// The repository as the user typed it, if the user did: behind the path, or as the name of the directory.
    pub(crate) typed: Option<String>,
    /// Its tags; at least one.
    pub(crate) tags: Vec<Tag>,
}

/// The images of a source.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Those that have a name with a tag, in the source's order.
    pub(crate) images: Vec<Tagged>,
    /// Those that have none, by what chooses them.
    pub(crate) untagged: Vec<Escaped>,
}

/// The images of a source that have names there: those of the repository that the location names, or else those that
/// `which` means.
///
/// # Errors
/// When the location names one image, has none, or has several of one name.
pub(crate) async fn tagged(
    location: &Location,
    which: Which,
    environment: &Environment,
    connect: impl AsyncFnOnce() -> Result<Engine, SourceError>,
) -> Result<Listed, SourceError> {
    let (path, reference, expected) = match location {
        Location::Daemon(name) => return of_daemon(name, connect).await,
        Location::Storage(stored) => {
            repository(&stored.name)?;
            let (stores, name) = (storage::stores(stored, environment)?, stored.name.clone());
            let names = blocking(move || storage::names(&name, &stores)).await?;
            let images = grouped(names, |name| Location::Storage(stored.with_name(&name.reference)));
            return Ok(Listed { images, untagged: Vec::new() });
        }
        Location::Archive { path, reference } => (path.clone(), reference.clone(), Expected::Any),
        Location::Layout { path, reference } => (path.clone(), reference.clone(), Expected::Layout),
        Location::Written(_) | Location::Open(_) => return Err(NamesError::One(location.to_string().into()).into()),
    };
    blocking(move || of_file(&path, reference.as_deref(), expected, which)).await
}

/// Has an archive that is compressed as a whole unpacked, once for all of several images of it.
///
/// # Errors
/// When it can't be read, or there is no space.
pub(crate) async fn unpack(images: Vec<Tagged>) -> Result<Vec<Tagged>, SourceError> {
    let open = match images.as_slice() {
        [Tagged { location: Location::Open(open), .. }, _, ..] => open.clone(),
        _ => return Ok(images),
    };
    let unpacked = blocking(move || open.unpacked()).await?;
    let of_unpacked = |image: Tagged| match image.location {
        Location::Open(one) => Tagged { location: Location::Open(unpacked.beside(one.reference())), ..image },
        location => Tagged { location, ..image },
    };
    Ok(images.into_iter().map(of_unpacked).collect())
}

async fn of_daemon(
    name: &str,
    connect: impl AsyncFnOnce() -> Result<Engine, SourceError>,
) -> Result<Listed, SourceError> {
    let repository = repository(name)?;
    let engine = connect().await?;
    let mut names = Vec::new();
    for image in engine.images(name).await? {
        let id = image.id.unwrap_or_default();
        let of_it = image.repo_tags.into_iter().filter_map(|reference| {
            let (found, tag) = split(&reference).filter(|(found, _)| *found == repository)?;
            Some(ImageName { id: id.clone(), reference, repository: Some(found), typed: None, tag })
        });
        names.extend(of_it);
    }
    match grouped(names, |name| Location::Daemon(name.reference.clone())) {
        found if found.is_empty() => Err(engine.unknown(name).await.into()),
        images => Ok(Listed { images, untagged: Vec::new() }),
    }
}

/// The repository of a name, which has neither tag nor digest.
fn repository(name: &str) -> Result<Reference, SourceError> {
    match name.parse::<Reference>() {
        Ok(reference) if reference.tag().is_none() && reference.digest().is_none() => Ok(reference),
        _ => Err(NamesError::OfOne(name.into()).into()),
    }
}

fn of_file(path: &Path, reference: Option<&str>, expected: Expected, which: Which) -> Result<Listed, SourceError> {
    let (ImageNames { mut names, untagged }, held) = file::names(path, expected)?;
    if names.is_empty() {
        return Err(NamesError::None { path: path.into(), untagged }.into());
    }
    let untagged = match reference {
        Some(reference) => {
            only_of(path, reference, &mut names)?;
            Vec::new()
        }
        None => {
            if which == Which::OneRepository {
                ensure_one_repository(path, &names)?;
            }
            untagged
        }
    };
    if let Some(name) = ambiguous(&names) {
        return Err(NamesError::Ambiguous { path: path.into(), name: shown_name(&name.shown()) }.into());
    }
    let place = |name: &ImageName| match &held {
        Held::Directory => Location::Layout { path: path.to_owned(), reference: Some(name.reference.clone()) },
        Held::Archive(files) => Location::Open(OpenArchive::new(Arc::clone(files), expected, &name.reference)),
    };
    Ok(Listed { images: grouped(names, place), untagged })
}

/// Leaves the names of the repository that the user typed behind the path.
fn only_of(path: &Path, reference: &str, names: &mut Vec<ImageName>) -> Result<(), SourceError> {
    let known = names.iter().map(|name| shown_name(&name.shown())).collect();
    let is_tag = names.iter().any(|name| name.tag.as_str() == reference);
    let wanted = repository(reference);
    if let Ok(wanted) = &wanted {
        names.retain(|name| name.repository.as_ref() == Some(wanted));
    }
    match wanted {
        Ok(_) if names.is_empty() && is_tag => Err(NamesError::OfOne(reference.into()).into()),
        Ok(_) if names.is_empty() => Err(SourceError::NoImage { path: path.into(), wanted: reference.into(), known }),
        Ok(_) => {
            names.iter_mut().for_each(|name| name.typed = Some(reference.to_owned()));
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn ensure_one_repository(path: &Path, names: &[ImageName]) -> Result<(), SourceError> {
    let mut repositories: Vec<String> =
        names.iter().map(|name| name.repository.as_ref().map(Reference::familiar).unwrap_or_default()).collect();
    repositories.sort_unstable();
    repositories.dedup();
    match repositories.as_slice() {
        [] | [_] => Ok(()),
        several => {
            let known = several.iter().map(Into::into).collect();
            Err(SourceError::Several { path: path.into(), images: several.len(), known })
        }
    }
}

/// The images with these names, each once for each of its repositories.
fn grouped(names: Vec<ImageName>, location: impl Fn(&ImageName) -> Location) -> Vec<Tagged> {
    let mut found: Vec<Tagged> = Vec::new();
    for name in names {
        let is_same = |image: &&mut Tagged| image.id == name.id && image.repository == name.repository;
        match found.iter_mut().find(is_same) {
            Some(image) if image.tags.contains(&name.tag) => {}
            Some(image) => image.tags.push(name.tag),
            None => {
                let location = location(&name);
                let ImageName { id, repository, typed, tag, .. } = name;
                found.push(Tagged { id, location, repository, typed, tags: vec![tag] });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str, name: &str) -> Option<ImageName> {
        let (repository, tag) = split(name)?;
        let reference = name.to_owned();
        Some(ImageName { id: id.to_owned(), reference, repository: Some(repository), typed: None, tag })
    }

    fn names(all: &[(&str, &str)]) -> Vec<ImageName> {
        all.iter().filter_map(|(id, text)| name(id, text)).collect()
    }

    #[test]
    fn the_tags_of_a_name_are_grouped_by_their_image() {
        let names = names(&[
            ("a", "train:v3"),
            ("a", "docker.io/library/train:latest"),
            ("a", "ghcr.io/acme/train:v9"),
            ("b", "train:v2"),
            ("a", "train:v3"),
            ("c", "<none>:<none>"),
            ("c", "train"),
            ("c", "train@sha256:0123"),
        ]);
        let found = grouped(names, |name| Location::Daemon(name.reference.clone()));
        let shown: Vec<(String, Vec<&str>)> = found
            .iter()
            .map(|image| (image.location.to_string(), image.tags.iter().map(Tag::as_str).collect()))
            .collect();
        let expected =
            [("train:v3", vec!["v3", "latest"]), ("ghcr.io/acme/train:v9", vec!["v9"]), ("train:v2", vec!["v2"])];
        assert_eq!(shown, expected.map(|(location, tags)| (location.to_owned(), tags)));
    }

    #[test]
    fn one_name_of_two_images_is_found() {
        let shown = |all| ambiguous(&names(all)).map(ImageName::shown);
        assert_eq!(shown(&[("a", "train:v3"), ("a", "docker.io/library/train:v3"), ("b", "train:v2")]), None);
        let both = shown(&[("a", "train:v3"), ("b", "train:v2"), ("b", "docker.io/library/train:v3")]);
        assert_eq!(both.as_deref(), Some("train:v3"));
    }

    #[test]
    fn a_name_with_a_tag_or_a_digest_is_that_of_one_image() {
        for tagged in ["train:v3", "sha256:0123", "Train"] {
            assert!(repository(tagged).is_err(), "{tagged}");
        }
    }
}
