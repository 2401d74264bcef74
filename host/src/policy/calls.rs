//! What the use cases ask: one call before each copy, and one before each batch of deletions. Pushes ask the [`Gate`]
//! themselves.

use std::collections::BTreeSet;

use super::error::PolicyError;
use super::gate::Gate;
use super::ruling::Warning;
use crate::catalog::Catalog;
use crate::environment::Environment;
use crate::flavor::{Action, Evidence, Removal, SignatureEvidence, Subject};
use crate::image::{Digest, Reference, Tag, media_type};
use crate::source::{Image, Source};
use crate::store::RegistryRecord;

/// Who is asked: the policies of a user, about something in a registry.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The policies' store and runtime.
    pub(crate) catalog: &'a Catalog<'a>,
    /// The process's environment, which may demand policies.
    pub(crate) environment: &'a Environment,
    /// The registry that is written to.
    pub(crate) registry: &'a RegistryRecord,
}

/// Something that is deleted: a manifest with the tags that go with it, or a tag.
pub(crate) struct Deletion {
    /// Its whole reference.
    pub(crate) image: Reference,
    /// The manifest's digest, if it is known.
    pub(crate) digest: Option<Digest>,
    /// The tags that go.
    pub(crate) tags: Vec<Tag>,
    /// The manifest's media type, if it is known.
    pub(crate) media_type: Option<String>,
}

impl Asked<'_> {
    /// Whether any policy is asked about a copy to a name.
    ///
    /// # Errors
    /// When a policy that the environment demands is missing.
    pub(crate) fn is_guarding_copies(self, to: &Reference) -> Result<bool, PolicyError> {
        Ok(Gate::open(self.catalog, self.environment, Action::Copy, self.registry, to)?.is_guarded())
    }

    /// Asks about a copy of the image `from`, which was opened as `source`, to the name `to` with these tags.
    /// `signatures` are those that were looked at. To be called before the first byte. Gives the warnings, which are
    /// told already.
    ///
    /// # Errors
    /// When a policy refuses, or one that the environment demands is missing.
    pub(crate) async fn copy(
        self,
        from: &Reference,
        source: &Source,
        to: &Reference,
        tags: &[Tag],
        signatures: Vec<SignatureEvidence>,
    ) -> Result<Vec<Warning>, PolicyError> {
        let gate = Gate::open(self.catalog, self.environment, Action::Copy, self.registry, to)?;
        if !gate.is_guarded() {
            return Ok(Vec::new());
        }
        let subject = Subject::of_image(Action::Copy, to, source.image()).tags(tags);
        gate.admit(subject, Evidence::of_source(source, None).from(from).signed(signatures)).await
    }

    /// Asks about deletions, all of them at once. To be called before the first one. Gives the warnings, which are told
    /// already.
    ///
    /// # Errors
    /// As for [`copy`](Self::copy).
    pub(crate) async fn deletions(self, deletions: &[Deletion]) -> Result<Vec<Warning>, PolicyError> {
        let images: Vec<Reference> = deletions.iter().map(|deletion| deletion.image.clone()).collect();
        let Some(first) = images.first() else { return Ok(Vec::new()) };
        let gate = Gate::open_all(self.catalog, self.environment, Action::Delete, self.registry, &images)?;
        if !gate.is_guarded() {
            return Ok(Vec::new());
        }
        let names: BTreeSet<String> = images.iter().map(Reference::name).collect();
        let subject = match (images.len(), names.len()) {
            (1, _) => Subject::new(Action::Delete, first),
            (_, 1) => Subject::new(Action::Delete, &repository_of(first)),
            _ => Subject::deletion(first.host()),
        };
        let subject = subject.tags(deletions.iter().flat_map(|deletion| &deletion.tags));
        let evidence = deletions.iter().fold(Evidence::default(), |evidence, deletion| {
            evidence.removing(Removal {
                reference: deletion.image.to_string(),
                digest: deletion.digest.clone(),
                tags: deletion.tags.iter().map(ToString::to_string).collect(),
                media_type: deletion.media_type.clone(),
            })
        });
        gate.admit(subject, evidence).await
    }
}

/// The name without tag and digest.
fn repository_of(image: &Reference) -> Reference {
    Reference::new(image.host().clone(), image.repository().clone(), None, None)
}

impl Subject {
    /// An action on a source's image under a name, with its digest and media type as far as they are known.
    #[must_use]
    pub(crate) fn of_image(action: Action, name: &Reference, image: &Image) -> Self {
        let subject = Self::new(action, name);
        match image {
            Image::Stored { manifest, .. } => {
                subject.digest(&Digest::of(&manifest.bytes)).media_type(&manifest.media_type)
            }
            Image::Index(index) => subject.digest(&Digest::of(&index.bytes)).media_type(&index.media_type),
            // crhost makes its manifest.
            Image::Layers { .. } => subject.media_type(media_type::OCI_MANIFEST),
        }
    }
}
