//! All images of a source: as `docker push --all-tags` pushes those of one name, and those of an archive or layout with
//! several names.

mod wanted;

use std::collections::HashMap;

pub(crate) use wanted::AllImages;

use super::all_images_error::AllImagesError;
use super::error::PushError;
use super::pusher::Pusher;
use super::request::Request;
use crate::image::{Reference, Tag};
use crate::registry::{self, GivenName, RegistryError};
use crate::source::{self, Listed, Location, Tagged, Which};
use crate::text::Escaped;

/// The pushes that a request for several images means.
pub(crate) struct Parts {
    /// One for each image that has some of the tags, in the order of the source.
    pub(crate) parts: Vec<Part>,
    /// Images that have no name with a tag, by what chooses them.
    pub(crate) untagged: Vec<Escaped>,
    /// The number of images that are meant, but in other parts of the work.
    pub(crate) elsewhere: usize,
}

/// The push of one of several images.
pub(crate) struct Part {
    /// What two names of one image have in common.
    id: String,
    /// The image in its source.
    pub(crate) image: Escaped,
    /// Its tags that are pushed.
    pub(crate) tags: Vec<Tag>,
    /// The push.
    pub(crate) request: Request,
}

impl Pusher<'_> {
    /// The pushes that a request means for several images.
    ///
    /// # Errors
    /// When a tag was given, the source has none of the images, two of them would be one in a registry, or nothing says
    /// what they are to be called or where they go.
    pub(crate) async fn all_images(&self, request: Request, wanted: &AllImages) -> Result<Parts, PushError> {
        request.check_name()?;
        if let Some(tag) = request.named.as_ref().and_then(GivenName::tag) {
            return Err(AllImagesError::TagOfAll(tag.clone()).into());
        }
        let environment = self.services.environment;
        let Listed { images, untagged } =
            source::tagged(&request.location, wanted.which, environment, async || self.engine().await).await?;
        let location = Escaped::of(&request.location);
        let (images, elsewhere) = chosen(images, wanted, &location)?;
        let images = source::unpack(images).await?;
        let parts = images.into_iter().map(|image| part(&request, wanted.which, image, &location));
        let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
        self.ensure_own_targets(&parts).await?;
        Ok(Parts { parts, untagged, elsewhere })
    }

    /// Finds out the registries once for all, and refuses two images that would be one in a registry: the later one
    /// would take the tag of the other. One image with two names that are one there is no mistake.
    async fn ensure_own_targets(&self, parts: &[Part]) -> Result<(), PushError> {
        let Some(Part { request, .. }) = parts.first() else { return Ok(()) };
        let typed = match &request.location {
            Location::Daemon(name) => Some(name.as_str()),
            _ => None,
        };
        for choice in &request.registries {
            let target = self.target_of(request, choice, typed, None).await?;
            let mut taken: HashMap<Reference, &Part> = HashMap::new();
            for part in parts {
                for tag in &part.tags {
                    let Some(named) = part.request.named.clone() else { continue };
                    // A name that is refused there is told by its own push.
                    let Ok(name) = registry::named_in(&target.registry, &named.with_tag(Some(tag.clone()))) else {
                        continue;
                    };
                    let shown = Escaped::of(&name);
                    if let Some(one) = taken.insert(name, part).filter(|one| one.id != part.id) {
                        let (one, other) = (one.image.clone(), part.image.clone());
                        return Err(AllImagesError::SameTarget { one, other, target: shown }.into());
                    }
                }
            }
        }
        Ok(())
    }
}

/// The images that are meant and in the part that is pushed here, and the number of those that are in others.
fn chosen(images: Vec<Tagged>, wanted: &AllImages, location: &Escaped) -> Result<(Vec<Tagged>, usize), AllImagesError> {
    let repository = |image: &Tagged| image.repository.as_ref().map(Reference::familiar).unwrap_or_default();
    let names: Vec<(String, Tag)> =
        images.iter().flat_map(|image| image.tags.iter().map(|tag| (repository(image), tag.clone()))).collect();
    let is_one = images.iter().all(|image| Some(&image.repository) == images.first().map(|first| &first.repository));
    let known = || names.iter().map(|(repository, tag)| shown(repository, tag)).collect();
    if let Some(missing) = wanted.missing(&names) {
        let (location, wanted) = (location.clone(), missing.into());
        return Err(AllImagesError::Missing { location, wanted, known: known() });
    }
    let (mut found, mut elsewhere) = (Vec::new(), 0);
    for mut image in images {
        let repository = repository(&image);
        image.tags.retain(|tag| wanted.means(&repository, tag));
        let meant = image.tags.len();
        image.tags.retain(|tag| wanted.has(&repository, tag, is_one));
        match (image.tags.is_empty(), meant) {
            (false, _) => found.push(image),
            (true, 0) => {}
            (true, _) => elsewhere += 1,
        }
    }
    match found.is_empty() && elsewhere == 0 {
        true => Err(AllImagesError::NoMatch { location: location.clone(), known: known() }),
        false => Ok((found, elsewhere)),
    }
}

fn part(request: &Request, which: Which, image: Tagged, shown_location: &Escaped) -> Result<Part, PushError> {
    let Tagged { id, location, repository, typed, tags } = image;
    let mut further = tags.iter().cloned();
    let first = further.next();
    let shown_tag = first.clone().unwrap_or_else(Tag::latest);
    let named = match (&request.named, typed, &repository) {
        (Some(named), ..) => Some(named.clone()),
        (None, Some(typed), _) => Some(typed.parse::<GivenName>().map_err(RegistryError::from)?),
        // The daemon's image has the name that was typed.
        (None, None, _) if !location.is_file() => None,
        // What names are in a file decides nothing, unless the user said that they are meant.
        (None, None, _) if which == Which::OneRepository => {
            return Err(RegistryError::NoName { suggestion: None }.into());
        }
        (None, None, Some(repository)) => Some(GivenName::Own(repository.clone())),
        (None, None, None) => {
            return Err(AllImagesError::NoRepository { location: shown_location.clone(), tag: shown_tag }.into());
        }
    };
    let image = shown(&repository.as_ref().map(Reference::familiar).unwrap_or_default(), &shown_tag);
    let named = named.map(|named| named.with_tag(first));
    let request = Request { location, named, tags: further.collect(), ..request.clone() };
    Ok(Part { id, image, tags, request })
}

/// A name and a tag, as the source has them.
fn shown(repository: &str, tag: &Tag) -> Escaped {
    match repository {
        "" => Escaped::of(tag),
        repository => Escaped::from(format!("{repository}:{tag}")),
    }
}
