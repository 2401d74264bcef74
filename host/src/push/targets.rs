//! The registries of a push, and the image's name in each.

use super::error::PushError;
use super::pusher::Pusher;
use super::request::{Choice, Request};
use crate::image::Reference;
use crate::registry::{self, Destination, GivenName, RegistryError, Selector, Target, Unnamed};
use crate::source::{Location, Source};

impl Pusher<'_> {
    /// The targets of a push, in the user's order; a registry that was named twice is one.
    ///
    /// # Errors
    /// When one of the registries does not exist or can't have the image, or two of them are the same repository.
    pub(super) async fn targets(&self, request: &Request, source: &Source) -> Result<Vec<Target>, PushError> {
        tell_of_other_names(request, source);
        let mut targets: Vec<Target> = Vec::new();
        for choice in &request.registries {
            let target = self.target_of(request, choice, source.name(), source.suggestion()).await?;
            match targets.iter().find(|other| other.image.name() == target.image.name()) {
                None => targets.push(target),
                Some(other) if other.label() == target.label() => {}
                Some(other) => {
                    return Err(PushError::SameRepository {
                        image: target.image.name().into(),
                        one: other.label().into(),
                        other: target.label().into(),
                    });
                }
            }
        }
        Ok(targets)
    }

    /// The target of a push to one registry. The source may have a name that the user typed, and one of its own to be
    /// suggested.
    ///
    /// # Errors
    /// When the registry does not exist or can't have the image.
    pub(super) async fn target_of(
        &self,
        request: &Request,
        choice: &Choice,
        name: Option<&str>,
        suggestion: Option<&str>,
    ) -> Result<Target, PushError> {
        let current = match &request.in_use {
            Some(Destination::Name(name)) => Some(name.clone()),
            Some(Destination::Uri(_)) => None,
            None => self.services.store.current_registry()?,
        };
        let location = request.location.to_string();
        let selector = Selector {
            to: choice.to.as_ref(),
            named: request.named.as_ref(),
            source: name,
            unnamed: request.location.is_file().then_some(Unnamed { location: &location, name: suggestion }),
            current: current.as_ref(),
        };
        let registries = self.services.store.registries()?;
        let unowned = registry::unowned(&registries, &selector);
        let mut unregistered = choice.unregistered.clone();
        if let Some(Destination::Uri(uri)) = &request.in_use
            && selector.means_current()
        {
            unregistered.uri.get_or_insert_with(|| uri.clone());
        }
        let is_unregistered = choice.to.is_none() && unregistered.is_given() || unowned.is_some();
        if !is_unregistered {
            let target = registry::select(&registries, selector)?;
            return match unregistered.options.is_empty() {
                true => Ok(target),
                false => Err(RegistryError::OptionsOfRegistered(target.registry.name).into()),
            };
        }
        let named = match &request.named {
            Some(GivenName::Whole(image)) => Some(image.clone()),
            _ => name.filter(|name| Reference::names_host(name)).and_then(|name| name.parse().ok()),
        };
        let registry = unregistered.find(&self.services.catalog, named.as_ref()).await?;
        if let Some(own) = registries.iter().find(|own| own.uri == registry.uri) {
            let connector = if own.connector.is_some() { " with its connector" } else { "" };
            tracing::warn!("`{}` is registered as `{}`, which `--to {}` uses{connector}", own.uri, own.name, own.name);
        }
        let selector = Selector { to: Some(&registry.name), ..selector };
        let target = registry::select(std::slice::from_ref(&registry), selector)?;
        Ok(Target { registered: false, ..target })
    }
}

/// Tells the user of names in the file under which the image is not pushed.
fn tell_of_other_names(request: &Request, source: &Source) {
    if matches!(request.location, Location::Open(_)) {
        // Which names of the file are meant was said.
        return;
    }
    let is_pushed = |name: &str| request.tags.iter().any(|tag| name.ends_with(&format!(":{tag}")));
    let others: Vec<&String> = source.other_names().iter().filter(|name| !is_pushed(name)).collect();
    if let [first, ..] = others.as_slice() {
        let more = others.len();
        let first = crate::text::printable(first, 200);
        let names = if more == 1 { "name" } else { "names" };
        tracing::warn!("the file has {more} more {names} for this image, such as `{first}`, not pushed");
    }
}
