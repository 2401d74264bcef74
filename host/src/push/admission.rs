//! Asks the policies about a push, before its registry is prepared and before the first byte.

use super::error::PushError;
use super::manifest::known_config;
use super::published::Published;
use super::pusher::Pusher;
use super::request::Request;
use super::tags;
use crate::catalog::Catalog;
use crate::policy::{Action, Evidence, Gate, Ruling, SignatureEvidence, Subject, Warning};
use crate::registry::Target;
use crate::session::{Intent, Services};
use crate::signature::Annotations;
use crate::source::{Image, Source};
use crate::supply_chain::{as_evidence, verify};

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
            let is_left_out = request.left_out.contains(&target.label().into());
            let warnings = match is_left_out {
                true => Err(PushError::LeftOut),
                false => self.admit(request, source, &target).await,
            };
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
        let gate = self.gate(target)?;
        if !gate.is_guarded() {
            return Ok(Vec::new());
        }
        let evidence = evidence(&self.services.catalog, source).signed(self.signatures(request, source, target).await?);
        Ok(gate.admit(subject(request, source, target), evidence).await?)
    }

    fn gate(&self, target: &Target) -> Result<Gate<'_>, PushError> {
        let Services { catalog, environment, .. } = &self.services;
        Ok(Gate::open(catalog, environment, Action::Push, &target.registry, &target.image)?)
    }

    /// The signatures of an image in its repository, where one is wanted: of an image whose digest is known before it
    /// is sent, and that the push does not sign itself. The session only reads, so that nothing is made for it.
    async fn signatures(
        &self,
        request: &Request,
        source: &Source,
        target: &Target,
    ) -> Result<Vec<SignatureEvidence>, PushError> {
        let Some(key) = request.evidence.wanted_before() else { return Ok(Vec::new()) };
        let Some(published) = Published::of(source.image()) else { return Ok(Vec::new()) };
        let mut session = self.services.open(target.clone(), Intent::Pull, request.insecure).await?;
        let (repository, digest) = (session.repository.clone(), published.digest());
        let checked = session.renewing(verify(&repository, &digest, key, &Annotations::new())).await;
        Ok(as_evidence(&checked.map_err(Box::new)?, &digest, key).collect())
    }

    /// Asks the policies about an image and its first registry, and gives its whole name and what each of them says.
    /// Nothing is prepared or sent.
    ///
    /// # Errors
    /// When the image can't be opened, or no registry is meant.
    pub(crate) async fn ask_policies(&self, request: &Request) -> Result<(String, Vec<Ruling>), PushError> {
        request.check_name()?;
        let environment = self.services.environment;
        let source = Source::open(&request.location, &request.source, environment, async || self.engine().await);
        let source = source.await?;
        let targets = self.targets(request, &source).await?;
        let Some(target) = targets.first() else { return Ok((String::new(), Vec::new())) };
        let gate = self.gate(target)?;
        let (subject, evidence) = (subject(request, &source, target), evidence(&self.services.catalog, &source));
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
