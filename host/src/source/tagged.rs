//! The images of a source that have one name and different tags.

use std::path::Path;

use super::archive::{self, Files};
use super::docker_tar::Entry;
use super::error::SourceError;
use super::location::Location;
use crate::docker::Engine;
use crate::image::{Reference, Tag};
use crate::text::Escaped;

/// An image, with its tags in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tagged {
    /// Where it is, by the first of its tags.
    pub(crate) location: Location,
    /// Its tags; at least one.
    pub(crate) tags: Vec<Tag>,
}

/// All images of one name, each with its tags: of the daemon, or of an archive of `docker save`. A location without a
/// name means the only one that is there.
///
/// # Errors
/// When the location has a tag, is of another kind, or has no image of that name.
pub(crate) async fn tagged(
    location: &Location,
    connect: impl AsyncFnOnce() -> Result<Engine, SourceError>,
) -> Result<Vec<Tagged>, SourceError> {
    match location {
        Location::Daemon(name) => {
            let repository = repository(name)?;
            let engine = connect().await?;
            let images = engine.images(name).await?;
            let images = images.into_iter().map(|image| (image.id.unwrap_or_default(), image.repo_tags));
            let found = group(images, &repository, |name| Location::Daemon(name.to_owned()));
            if found.is_empty() { Err(engine.unknown(name).await.into()) } else { Ok(found) }
        }
        Location::Archive { path, reference } => {
            let (path, reference) = (path.clone(), reference.clone());
            let found = tokio::task::spawn_blocking(move || of_archive(&path, reference.as_deref())).await;
            found.unwrap_or_else(|panicked| Err(SourceError::Thread(panicked.to_string().into())))
        }
        Location::Storage(location) => Err(SourceError::NoTags(Escaped::of(location))),
        Location::Layout { path, .. } => Err(SourceError::NoTags(path.as_path().into())),
        Location::Written(_) => Err(SourceError::NoTags(location.to_string().into())),
    }
}

/// The repository of a name, which has neither tag nor digest.
fn repository(name: &str) -> Result<String, SourceError> {
    match name.parse::<Reference>() {
        Ok(reference) if reference.tag().is_none() && reference.digest().is_none() => Ok(reference.name()),
        _ => Err(SourceError::TagOfAll(name.into())),
    }
}

fn of_archive(path: &Path, reference: Option<&str>) -> Result<Vec<Tagged>, SourceError> {
    let files = Files::find(path)?;
    if !archive::is_docker(&files)? {
        return Err(SourceError::NoTags(path.into()));
    }
    let entries = archive::entries(&files)?;
    let names = || entries.iter().flat_map(|entry| &entry.repo_tags);
    let repository = match reference {
        Some(name) => repository(name)?,
        None => {
            let mut repositories: Vec<String> = names().filter_map(|name| Some(split(name)?.0)).collect();
            repositories.sort_unstable();
            repositories.dedup();
            match repositories.as_slice() {
                [one] => one.clone(),
                several => {
                    let known = several.iter().map(Into::into).collect();
                    return Err(SourceError::Several { path: path.into(), images: several.len(), known });
                }
            }
        }
    };
    let location = |name: &str| Location::Archive { path: path.to_owned(), reference: Some(name.to_owned()) };
    let images = entries.iter().map(|Entry { config, repo_tags, .. }| (config.clone(), repo_tags.clone()));
    let found = group(images, &repository, location);
    if found.is_empty() {
        let known = names().map(|name| super::known::shown_name(name)).collect();
        return Err(SourceError::NoImage { path: path.into(), wanted: reference.unwrap_or_default().into(), known });
    }
    Ok(found)
}

/// A name in parts: the repository in its normal form, and the tag.
fn split(name: &str) -> Option<(String, Tag)> {
    let reference: Reference = name.parse().ok()?;
    Some((reference.name(), reference.tag()?.clone()))
}

/// The images with names in a repository, by what identifies each.
fn group(
    images: impl Iterator<Item = (String, Vec<String>)>,
    repository: &str,
    location: impl Fn(&str) -> Location,
) -> Vec<Tagged> {
    let mut found: Vec<(String, Tagged)> = Vec::new();
    for (id, names) in images {
        for name in names {
            let Some((_, tag)) = split(&name).filter(|(of, _)| of == repository) else { continue };
            match found.iter_mut().find(|(known, _)| *known == id) {
                Some((_, image)) if image.tags.contains(&tag) => {}
                Some((_, image)) => image.tags.push(tag),
                None => found.push((id.clone(), Tagged { location: location(&name), tags: vec![tag] })),
            }
        }
    }
    found.into_iter().map(|(_, image)| image).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_a_name_are_grouped_by_their_image() {
        let image = |id: &str, names: &[&str]| (id.to_owned(), names.iter().map(|&name| name.to_owned()).collect());
        let images = [
            image("a", &["train:v3", "docker.io/library/train:latest", "other:v3", "ghcr.io/acme/train:v9"]),
            image("b", &["train:v2"]),
            image("a", &["train:v3"]),
            image("c", &["<none>:<none>"]),
        ];
        let repository = repository("train").unwrap();
        let found = group(images.into_iter(), &repository, |name| Location::Daemon(name.to_owned()));
        let shown: Vec<(String, Vec<&str>)> = found
            .iter()
            .map(|image| (image.location.to_string(), image.tags.iter().map(Tag::as_str).collect()))
            .collect();
        let expected = [("train:v3", vec!["v3", "latest"]), ("train:v2", vec!["v2"])];
        assert_eq!(shown, expected.map(|(location, tags)| (location.to_owned(), tags)));
        for tagged in ["train:v3", "sha256:0123", "Train"] {
            assert!(super::repository(tagged).is_err(), "{tagged}");
        }
    }
}
