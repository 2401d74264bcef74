//! Asks the policies about a push, before its registry is prepared and before the first byte.

use super::error::PushError;
use super::manifest::known_config;
use super::request::Request;
use super::tags;
use crate::catalog::Catalog;
use crate::environment::Environment;
use crate::image::{Digest, media_type};
use crate::policy::{Action, Evidence, Gate, Removal, Ruling, Subject, Warning};
use crate::registry::Target;
use crate::source::{Image, Source};

/// Asks the policies about pushing an image to one registry, and gives their warnings.
///
/// # Errors
/// When one refuses, or a policy that the environment demands is missing.
pub(super) async fn admit(
    catalog: &Catalog<'_>,
    environment: &Environment,
    request: &Request,
    source: &Source,
    target: &Target,
) -> Result<Vec<Warning>, PushError> {
    let gate = Gate::open(catalog, environment, Action::Push, &target.registry, &target.image)?;
    if !gate.is_guarded() {
        return Ok(Vec::new());
    }
    let evidence = evidence(catalog, source);
    Ok(gate.admit(subject(request, source, target), evidence).await?)
}

/// Asks the policies about an action, and changes nothing whatever they say.
///
/// # Errors
/// As for [`admit`], but for a refusal, which is among the rulings.
pub(super) async fn rule(
    catalog: &Catalog<'_>,
    environment: &Environment,
    request: &Request,
    source: &Source,
    target: &Target,
    action: Action,
) -> Result<Vec<Ruling>, PushError> {
    let gate = Gate::open(catalog, environment, action, &target.registry, &target.image)?;
    let subject = Subject { action, ..subject(request, source, target) };
    let mut evidence = evidence(catalog, source);
    match action {
        Action::Push => {}
        Action::Copy => evidence = evidence.from(&request.location),
        Action::Delete => {
            evidence = evidence.removing(Removal {
                reference: subject.reference.clone(),
                digest: subject.digest.clone(),
                tags: subject.tags.clone(),
                media_type: subject.media_type.clone(),
            });
        }
    }
    Ok(gate.rule(subject, &evidence).await?)
}

/// What is pushed where.
fn subject(request: &Request, source: &Source, target: &Target) -> Subject {
    let subject = Subject::new(Action::Push, &target.image).tags(tags::wanted(request, target));
    match source.image() {
        Image::Stored { manifest, .. } => subject.digest(&Digest::of(&manifest.bytes)).media_type(&manifest.media_type),
        Image::Index(index) => subject.digest(&Digest::of(&index.bytes)).media_type(&index.media_type),
        // crhost makes its manifest.
        Image::Layers { .. } => subject.media_type(media_type::OCI_MANIFEST),
    }
}

/// What is known of the image before its layers are read.
fn evidence(catalog: &Catalog<'_>, source: &Source) -> Evidence {
    let known = match source.image() {
        Image::Layers { config, layers } => known_config(config, layers, catalog.store()),
        Image::Stored { .. } | Image::Index(_) => None,
    };
    Evidence::of_source(source, known.as_deref())
}
