//! The digests of images.

use serde::Serialize;

use super::error::InspectError;
use super::inspector::{Inspector, tagged};
use super::lists::digest_of;
use super::subject::Subject;
use crate::image::{Digest, Platform, Tag};
use crate::session::Intent;
use crate::text::Escaped;

/// An image and its digest.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Named {
    /// Its name with the digest, or the place on this machine.
    #[cfg_attr(test, schemars(with = "String"))]
    pub(crate) name: Escaped,
    /// The digest of its manifest or index, or of the one for the platform that was asked for.
    pub(crate) digest: Digest,
}

impl Inspector<'_> {
    /// The digest of an image: of its manifest or index, or with a platform that of the manifest for it. That of a tag
    /// alone is asked for without the manifest, so that it counts as no pull.
    ///
    /// # Errors
    /// If it is not there.
    pub(crate) async fn digest(&self, subject: &Subject, platform: Option<&Platform>) -> Result<Named, InspectError> {
        if let (Subject::Remote(name), None) = (subject, platform)
            && name.digest().is_none()
        {
            let target = tagged(self.services.locate(name, self.in_use, Intent::Pull).await?);
            let mut session = self.services.open(target, Intent::Pull, self.insecure).await?;
            let (image, repository) = (session.target.image.clone(), session.repository.clone());
            let tag = image.tag().cloned().unwrap_or_else(Tag::latest);
            let found = session.renewing(digest_of(&repository, &tag)).await;
            return match found.map_err(|error| session.explain(error))? {
                Some(digest) => Ok(Named { name: format!("{}@{digest}", image.name()).into(), digest }),
                None => Err(InspectError::NoImage { image: Escaped::of(&image), repository: image.name().into() }),
            };
        }
        let mut opened = self.open(subject, platform).await?;
        let digest = match platform {
            None => opened.root()?.digest,
            Some(_) => {
                let image = opened.one_image(platform).await?;
                let manifest = image.manifest.ok_or_else(|| InspectError::NoManifest { image: opened.name() })?;
                manifest.0.digest
            }
        };
        let name = match subject {
            Subject::Remote(_) => {
                let name = opened.pinned();
                let repository = name.split('@').next().unwrap_or_default();
                format!("{repository}@{digest}").into()
            }
            Subject::Local(_) => opened.name(),
        };
        Ok(Named { name, digest })
    }
}
