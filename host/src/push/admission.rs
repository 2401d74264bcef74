//! Asks the policies about a push, before its registry is prepared and before the first byte.

use super::error::PushError;
use super::image_name::check_name;
use super::manifest::known_config;
use super::pusher::Pusher;
use super::request::Request;
use super::tags;
use crate::catalog::Catalog;
use crate::policy::{Action, Evidence, Gate, Ruling, Subject, Warning};
use crate::registry::Target;
use crate::source::{Image, Source};

/// A target of a push, and what the policies said of it.
pub(super) struct Admitted {
    /// The target.
    pub(super) target: Target,
    /// Their warnings, or why it is not pushed there.
    pub(super) warnings: Result<Vec<Warning>, PushError>,
}

impl Pusher<'_> {
    /// Asks the policies about all targets, before any of them is prepared. Where all or none are meant, one refusal is
    /// one for all.
    pub(super) async fn admit_all(&self, request: &Request, source: &Source, targets: Vec<Target>) -> Vec<Admitted> {
        let mut all = Vec::with_capacity(targets.len());
        for target in targets {
            let warnings = self.admit(request, source, &target).await;
            all.push(Admitted { target, warnings });
        }
        if request.all_or_none && all.iter().any(|admitted| admitted.warnings.is_err()) {
            for admitted in all.iter_mut().filter(|admitted| admitted.warnings.is_ok()) {
                admitted.warnings = Err(PushError::HeldBack);
            }
        }
        all
    }

    async fn admit(&self, request: &Request, source: &Source, target: &Target) -> Result<Vec<Warning>, PushError> {
        let gate = Gate::open(&self.catalog, self.environment, Action::Push, &target.registry, &target.image)?;
        if !gate.is_guarded() {
            return Ok(Vec::new());
        }
        Ok(gate.admit(subject(request, source, target), evidence(&self.catalog, source)).await?)
    }

    /// Asks the policies about an image and its first registry, and gives its whole name and what each of them says.
    /// Nothing is prepared or sent.
    ///
    /// # Errors
    /// When the image can't be opened, or no registry is meant.
    pub(crate) async fn ask_policies(&self, request: &Request) -> Result<(String, Vec<Ruling>), PushError> {
        check_name(&request.location)?;
        let source = Source::open(&request.location, &request.source, self.environment, async || self.engine().await);
        let source = source.await?;
        let targets = self.targets(request, &source).await?;
        let Some(target) = targets.first() else { return Ok((String::new(), Vec::new())) };
        let gate = Gate::open(&self.catalog, self.environment, Action::Push, &target.registry, &target.image)?;
        let (subject, evidence) = (subject(request, &source, target), evidence(&self.catalog, &source));
        Ok((target.image.to_string(), gate.rule(subject, &evidence).await?))
    }
}

/// What is pushed where.
fn subject(request: &Request, source: &Source, target: &Target) -> Subject {
    let subject = Subject::of_image(Action::Push, &target.image, source.image());
    subject.tags(tags::wanted(&request.tags, target))
}

/// What is known of the image before its layers are read.
fn evidence(catalog: &Catalog<'_>, source: &Source) -> Evidence {
    let known = match source.image() {
        Image::Layers { config, layers } => known_config(config, layers, catalog.store()),
        Image::Stored { .. } | Image::Index(_) => None,
    };
    Evidence::of_source(source, known.as_deref())
}
