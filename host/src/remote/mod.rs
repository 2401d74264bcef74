//! Images in a registry, as sources: manifests and configurations, and blobs as streams that survive cut connections.
//!
//! What a registry sends is believed only where its digest proves it. Documents are bounded in size, number and depth,
//! and held whole; blobs are passed on in blocks.

mod blobs;
mod configs;
mod documents;
mod error;
mod part;
mod platform;
mod ranges;
mod single;
mod tree;

pub(crate) use blobs::Blobs;
pub(crate) use configs::Configs;
pub(crate) use error::RemoteError;

use crate::distribution::RepositoryClient;
use crate::image::{Digest, DocumentKind as Kind, Index, Platform, Reference, Tag};
use crate::source::{Image, Options, Source, StoredIndex};
use documents::Documents;

/// An image or index of a registry, opened.
pub(crate) struct RemoteImage {
    /// The image's whole name.
    pub(crate) name: Reference,
    /// The digest that the name stands for: that of an index, where one of its images was chosen.
    pub(crate) named: Digest,
    /// The digest of the manifest or index that was chosen.
    pub(crate) digest: Digest,
    /// The platform that its index names for the image, if it does.
    pub(crate) platform: Option<Platform>,
    /// Its manifest or index, and what that names.
    pub(crate) image: Image,
    /// Reads its blobs.
    pub(crate) blobs: Blobs,
}

impl RemoteImage {
    /// Opens what a reference means: by its digest, else by its tag, else by `latest`. Of an index, one image is chosen
    /// as of a layout: that for the requested platform, or for this machine's; an only one whatever its platform is.
    ///
    /// # Errors
    /// If the registry has no such image, none for the platform, or answers with something else.
    pub(crate) async fn open(
        repository: &RepositoryClient,
        name: &Reference,
        options: &Options,
    ) -> Result<Self, RemoteError> {
        Self::open_with(repository, &Configs::default(), name, options).await
    }

    /// The same beside other images of the repository, with which it may share configurations.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub(crate) async fn open_with(
        repository: &RepositoryClient,
        configs: &Configs,
        name: &Reference,
        options: &Options,
    ) -> Result<Self, RemoteError> {
        let mut documents = Documents::new(repository, configs, name.to_string());
        let latest = Tag::latest();
        let wanted = match name.digest() {
            Some(digest) => digest.into(),
            None => name.tag().unwrap_or(&latest).into(),
        };
        let top = documents.named(wanted).await?;
        let named = top.digest.clone();
        let blobs = Blobs::new(repository.clone());
        let (digest, platform, image) = match top.kind {
            Kind::Index(media_type) if options.all_platforms => {
                let index = Index::parse(&top.bytes).map_err(|reason| documents.malformed(reason))?;
                let (children, layers) = tree::collect(&mut documents, &index).await?;
                (named.clone(), None, Image::Index(StoredIndex { media_type, bytes: top.bytes, children, layers }))
            }
            Kind::Index(_) => {
                let entries = Index::parse(&top.bytes).map_err(|reason| documents.malformed(reason))?.manifests;
                let entry = platform::fitting(&mut documents, entries, options.platform.as_ref()).await?;
                let document = documents.child(&entry).await?;
                let found = single::stored(&mut documents, document, options.platform.as_ref()).await?;
                (entry.digest, entry.platform, found)
            }
            Kind::Manifest(_) => {
                let found = single::stored(&mut documents, top, options.platform.as_ref()).await?;
                (named.clone(), None, found)
            }
            Kind::Other(media_type) => {
                return Err(RemoteError::MediaType {
                    image: documents.image(),
                    media_type: media_type.as_str().into(),
                });
            }
        };
        Ok(Self { name: name.clone(), named, digest, platform, image, blobs })
    }

    /// The image as a source, whose blobs are verified as they pass.
    #[must_use]
    pub(crate) fn source(&self) -> Source {
        let blobs = self.blobs.clone();
        Source::elsewhere(self.name.to_string(), self.image.clone(), move |blob| blobs.origin(blob))
    }
}

#[cfg(test)]
mod tests;
