//! The side that is read: what an image becomes at the target, whether it is signed, and whether it may go there. All
//! of it is known before anything is made or written at the target.

use bytes::Bytes;

use super::error::CopyError;
use super::platforms::{part_of, restricted};
use crate::distribution::RepositoryClient;
use crate::image::{Digest, DocumentKind, Index, Platform, Reference, Tag};
use crate::policy::{Asked, SignatureEvidence};
use crate::push::{self, Published, PushError};
use crate::registry::Target;
use crate::remote::{Configs, RemoteError, RemoteImage};
use crate::retrying::retry;
use crate::signature::{Annotations, PublicKey};
use crate::source::{Image, Options, Source};
use crate::supply_chain::{as_evidence, verify};

/// The open source, and what has to hold for an image of it.
pub(super) struct Reading<'a> {
    /// The source's repository.
    pub(super) repository: RepositoryClient,
    /// Configurations that its images share.
    pub(super) configs: Configs,
    /// Its name, without a tag.
    pub(super) name: Reference,
    /// The target's registry, and the name there.
    pub(super) place: &'a Target,
    /// Who says whether an image may go there.
    pub(super) asked: Asked<'a>,
    /// The platforms that are copied of an index.
    pub(super) platforms: &'a [Platform],
    /// Whether an index has to have all of these.
    pub(super) all_platforms: bool,
    /// Whether everything that belongs to an image is copied with it.
    pub(super) referrers: bool,
    /// The key of a signature that each image has to have at the source.
    pub(super) required: Option<&'a PublicKey>,
}

/// What a digest of the source becomes at the target.
pub(super) struct Plan {
    /// Its digest there.
    pub(super) expected: Digest,
    /// Everything that signatures and the like may belong to.
    pub(super) subjects: Vec<Digest>,
    /// The signatures that were looked at, where one is wanted.
    signatures: Vec<SignatureEvidence>,
    /// The image, where it had to be opened to know this.
    open: Option<Open>,
    /// Whether policies have admitted it.
    is_admitted: bool,
}

/// An image that was opened at the source.
pub(super) struct Open {
    /// Its content.
    pub(super) source: Source,
    /// Its manifest or index.
    pub(super) published: Published,
}

impl Reading<'_> {
    /// Plans an image that may be the first one to go. Where policies are asked about it, they are now, unless `there`,
    /// the target as it can be read, has it under its tags.
    ///
    /// # Errors
    /// Where the source lacks it, it is not signed as it has to be, or a policy refuses.
    pub(super) async fn examine(
        &self,
        digest: &Digest,
        tags: &[Tag],
        there: Option<&RepositoryClient>,
    ) -> Result<Plan, CopyError> {
        let mut plan = self.plan(digest).await?;
        if !self.is_guarded()? {
            return Ok(plan);
        }
        let outdated = match there {
            Some(target) => outdated(target, &plan.expected, tags).await,
            None => None,
        };
        if outdated.is_some_and(|outdated| outdated.is_empty()) {
            return Ok(plan);
        }
        let open = self.admitted(digest, &mut plan, tags).await?;
        Ok(Plan { open: Some(open), ..plan })
    }

    /// Whether policies are asked about what is copied.
    ///
    /// # Errors
    /// When one that the environment demands is missing.
    pub(super) fn is_guarded(&self) -> Result<bool, CopyError> {
        Ok(self.asked.is_guarding_copies(&self.place.image)?)
    }

    /// Finds out what a digest becomes at the target, as far as that takes few requests, and checks its signature.
    ///
    /// # Errors
    /// Where the image is not signed as it has to be, or is not the one that the user named at the target.
    pub(super) async fn plan(&self, digest: &Digest) -> Result<Plan, CopyError> {
        let signatures = match self.required {
            Some(key) => {
                let checked = verify(&self.repository, digest, key, &Annotations::new()).await.map_err(Box::new)?;
                as_evidence(&checked, digest, key).collect()
            }
            None => Vec::new(),
        };
        let plan = Plan { signatures, ..self.becomes(digest).await? };
        self.expect(&plan.expected)?;
        Ok(plan)
    }

    async fn becomes(&self, digest: &Digest) -> Result<Plan, CopyError> {
        let plan = |expected: Digest, subjects, open| Plan {
            expected,
            subjects,
            signatures: Vec::new(),
            open,
            is_admitted: false,
        };
        let whole = || plan(digest.clone(), vec![digest.clone()], None);
        if let [_] = self.platforms {
            // Which image of the index that is has to be read.
            let open = self.open(digest).await?;
            let expected = open.published.digest();
            return Ok(plan(expected.clone(), vec![expected], Some(open)));
        }
        if self.platforms.is_empty() && !self.referrers {
            return Ok(whole());
        }
        let Some(index) = self.index(digest).await? else { return Ok(whole()) };
        let index = match self.platforms {
            [] => index,
            platforms => restricted(&index, platforms, self.all_platforms, &self.named(digest).to_string())?,
        };
        let expected = Digest::of(&index);
        let entries = Index::parse(&index).map_err(RemoteError::from)?.manifests.into_iter();
        let subjects = std::iter::once(expected.clone()).chain(entries.map(|entry| entry.digest)).collect();
        Ok(plan(expected, subjects, None))
    }

    /// The opened image of a plan, which policies have admitted to these tags. They are asked once.
    ///
    /// # Errors
    /// Where it can't be read, or a policy refuses.
    pub(super) async fn admitted(&self, digest: &Digest, plan: &mut Plan, tags: &[Tag]) -> Result<Open, CopyError> {
        let open = match plan.open.take() {
            Some(open) => open,
            None => self.open(digest).await?,
        };
        if !plan.is_admitted {
            let signatures = std::mem::take(&mut plan.signatures);
            // Its warnings are told.
            self.asked.copy(&self.named(digest), &open.source, &self.place.image, tags, signatures).await?;
            plan.is_admitted = true;
        }
        Ok(open)
    }

    /// Refuses an image that is not the one whose digest the user named at the target, if the user named one.
    fn expect(&self, actual: &Digest) -> Result<(), PushError> {
        match self.place.image.digest() {
            Some(expected) if expected != actual => Err(PushError::NotTheNamed {
                image: self.place.image.name().into(),
                expected: expected.clone(),
                actual: actual.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// The bytes of an index at the source; `None` for anything else.
    async fn index(&self, digest: &Digest) -> Result<Option<Bytes>, CopyError> {
        let found = retry(|| self.repository.manifest(digest)).await.map_err(RemoteError::from)?;
        let found = found.ok_or_else(|| self.missing(digest))?;
        let kind = DocumentKind::of(&found.media_type, &found.bytes);
        let malformed = |reason| RemoteError::Malformed { image: self.named(digest).to_string().into(), reason };
        Ok(matches!(kind.map_err(malformed)?, DocumentKind::Index(_)).then_some(found.bytes))
    }

    /// Opens an image, or the part of it that is copied.
    async fn open(&self, digest: &Digest) -> Result<Open, CopyError> {
        let options = match self.platforms {
            [platform] => Options { platform: Some(platform.clone()), ..Options::default() },
            _ => Options { all_platforms: true, ..Options::default() },
        };
        let mut opened = RemoteImage::open_with(&self.repository, &self.configs, &self.named(digest), &options).await?;
        if let ([_, _, ..], Image::Index(index)) = (self.platforms, &opened.image) {
            let bytes = restricted(&index.bytes, self.platforms, self.all_platforms, &self.named(digest).to_string())?;
            opened.image = Image::Index(part_of(index.clone(), bytes)?);
        }
        let published = Published::of(&opened.image).ok_or_else(|| self.missing(digest))?;
        Ok(Open { source: opened.source(), published })
    }

    /// The source's name with a digest.
    pub(super) fn named(&self, digest: &Digest) -> Reference {
        let name = &self.name;
        Reference::new(name.host().clone(), name.repository().clone(), None, Some(digest.clone()))
    }

    /// The error for a digest that the source does not have.
    pub(super) fn missing(&self, digest: &Digest) -> RemoteError {
        RemoteError::NoImage(self.named(digest).to_string().into())
    }
}

/// The tags of a repository that do not have a manifest yet; `None` for an image without tags that is not there.
pub(super) async fn outdated(repository: &RepositoryClient, digest: &Digest, tags: &[Tag]) -> Option<Vec<Tag>> {
    match tags {
        [] => push::is_there(repository, digest).await.then(Vec::new),
        tags => Some(push::without(repository, tags, digest).await),
    }
}
