//! What is looked at, once its registry or its file is open.

use std::collections::HashSet;

use bytes::Bytes;

use super::choose::{choose, platforms};
use super::error::InspectError;
use super::kind::Kind;
use crate::distribution::{FoundManifest, ManifestName};
use crate::image::{Config, Descriptor, Digest, Index, Manifest, Platform, media_type};
use crate::retrying::retry;
use crate::session::Session;
use crate::source::{self, ImageConfig, Item, Layer, Source};
use crate::text::Escaped;

/// Something in a registry, or an image on this machine.
pub(crate) enum Opened<'a> {
    /// In a registry.
    Remote(Box<Remote<'a>>),
    /// On this machine.
    Local(Box<Local>),
}

/// Something in a registry.
pub(crate) struct Remote<'a> {
    /// The open repository.
    pub(crate) session: Session<'a>,
    /// The manifest or index that the name names.
    pub(crate) root: FoundManifest,
}

/// An image on this machine.
pub(crate) struct Local {
    pub(super) source: Source,
    pub(super) name: Escaped,
}

/// One image, or anything else that has a manifest with layers.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    /// Its manifest; an image of a daemon or an archive has none.
    pub(crate) manifest: Option<(FoundManifest, Manifest)>,
    /// Its configuration's bytes, if it is one of an image.
    pub(crate) config: Option<Bytes>,
    /// Its layers, the lowest first.
    pub(crate) layers: Vec<Layer>,
    /// Its platform, as its configuration says.
    pub(crate) platform: Option<Platform>,
}

impl Opened<'_> {
    /// Its name for users.
    #[must_use]
    pub(crate) fn name(&self) -> Escaped {
        match self {
            Self::Remote(remote) => Escaped::of(&remote.session.target.image),
            Self::Local(local) => local.name.clone(),
        }
    }

    /// Its name with its digest, by which it is found for ever; that of a file is as it was typed.
    #[must_use]
    pub(crate) fn pinned(&self) -> Escaped {
        match self {
            Self::Remote(remote) => format!("{}@{}", remote.session.target.image.name(), remote.root.digest).into(),
            Self::Local(local) => local.name.clone(),
        }
    }

    /// The manifest or index that the name names.
    ///
    /// # Errors
    /// For an image on this machine that has none.
    pub(crate) fn root(&self) -> Result<FoundManifest, InspectError> {
        match self {
            Self::Remote(remote) => Ok(remote.root.clone()),
            Self::Local(local) => local.root(),
        }
    }

    /// What it is.
    ///
    /// # Errors
    /// If it is several things at once.
    pub(crate) fn kind(&self) -> Result<Kind, InspectError> {
        self.root().map_or(Ok(Kind::Image), |root| kind_of(&root, &self.name()))
    }

    /// The entries of its index; absent for anything else.
    ///
    /// # Errors
    /// If the index can't be parsed.
    pub(crate) fn entries(&self) -> Result<Option<Vec<Descriptor>>, InspectError> {
        let Ok(root) = self.root() else { return Ok(None) };
        match kind_of(&root, &self.name())? {
            Kind::Index => Ok(Some(self.parse_index(&root)?.manifests)),
            _ => Ok(None),
        }
    }

    fn parse_index(&self, found: &FoundManifest) -> Result<Index, InspectError> {
        Index::parse(&found.bytes).map_err(|reason| InspectError::malformed(self.name(), reason))
    }

    /// The manifest for a platform, without its configuration: the one that the name names, or the one of its index
    /// for that platform or this machine's; `None` where there are several and none for this machine.
    ///
    /// # Errors
    /// If there is none for the platform that was asked for, or something can't be read.
    pub(crate) async fn manifest(
        &mut self,
        wanted: Option<&Platform>,
    ) -> Result<Option<(FoundManifest, Manifest)>, InspectError> {
        let mut found = self.root()?;
        match kind_of(&found, &self.name())? {
            Kind::Schema1 => return Err(InspectError::Schema1 { image: self.name() }),
            Kind::Index => {
                let entries = self.parse_index(&found)?.manifests;
                let leaves = self.leaves(entries).await?;
                let Some(entry) = choose(&leaves, wanted) else {
                    let (image, known) = (self.name(), platforms(&leaves));
                    return match wanted.cloned().map(Box::new) {
                        Some(wanted) => Err(InspectError::NoPlatform { image, wanted, known }),
                        None => Ok(None),
                    };
                };
                found = self.below(entry).await?;
            }
            _ => {}
        }
        let parsed = Manifest::parse(&found.bytes).map_err(|reason| InspectError::malformed(self.name(), reason))?;
        Ok(Some((found, parsed)))
    }

    /// A manifest or index by its digest, in the same repository or file.
    ///
    /// # Errors
    /// If it is not there, or has another digest.
    pub(crate) async fn child(&mut self, digest: &Digest) -> Result<FoundManifest, InspectError> {
        let found = match self {
            Self::Remote(remote) => remote.manifest(digest.into()).await?,
            Self::Local(local) => local.child(digest),
        };
        found.ok_or_else(|| InspectError::NoChild { image: self.name(), digest: digest.clone() })
    }

    /// One image with its configuration; `None` where there are several and none for this machine.
    ///
    /// # Errors
    /// As for [`manifest`](Self::manifest), and if the image is for another platform than the one asked for.
    pub(crate) async fn image(&mut self, wanted: Option<&Platform>) -> Result<Option<Image>, InspectError> {
        let image = match self {
            Self::Local(local) if local.root().is_err() => Some(local.unpushed().await?),
            _ => match self.manifest(wanted).await? {
                Some((found, parsed)) => {
                    let config = match parsed.config.is_image_config() {
                        true => Some(self.blob(&parsed.config).await?),
                        false => None,
                    };
                    let layers = parsed.layers.iter().cloned().map(Layer::Blob).collect();
                    Some(Image { manifest: Some((found, parsed)), config, layers, platform: None })
                }
                None => None,
            },
        };
        let Some(mut image) = image else { return Ok(None) };
        let config = image.config.as_deref().and_then(|config| Config::parse(config).ok());
        image.platform = config.and_then(|config| config.platform());
        match (wanted, &image.platform) {
            (Some(wanted), Some(found)) if !wanted.is_met_by(found) => Err(InspectError::OtherPlatform {
                image: self.name(),
                found: Box::new(found.clone()),
                wanted: Box::new(wanted.clone()),
            }),
            _ => Ok(Some(image)),
        }
    }

    /// The same, where one image has to be meant.
    ///
    /// # Errors
    /// As for [`image`](Self::image), and where there are several and none for this machine.
    pub(crate) async fn one_image(&mut self, wanted: Option<&Platform>) -> Result<Image, InspectError> {
        match self.image(wanted).await? {
            Some(image) => Ok(image),
            None => {
                let entries = self.entries()?.unwrap_or_default();
                let known = platforms(&self.leaves(entries).await?);
                Err(InspectError::WhichPlatform { image: self.name(), known })
            }
        }
    }

    /// A small blob, such as a configuration, verified.
    ///
    /// # Errors
    /// If it can't be read, or is too large.
    pub(crate) async fn blob(&mut self, blob: &Descriptor) -> Result<Bytes, InspectError> {
        match self {
            Self::Remote(remote) => remote.blob(blob).await,
            Self::Local(local) => local.config(&blob.digest),
        }
    }
}

impl Remote<'_> {
    /// A blob that is held in memory, such as a configuration.
    ///
    /// # Errors
    /// If the repository does not have it, or it is too large for that.
    pub(crate) async fn blob(&mut self, blob: &Descriptor) -> Result<Bytes, InspectError> {
        let repository = self.session.repository.clone();
        let read = self.session.renewing(retry(|| repository.small_blob(blob))).await;
        Ok(read.map_err(|error| self.session.explain(error))?)
    }

    /// A manifest or index of the repository; `None` where there is none.
    ///
    /// # Errors
    /// If the registry refuses, or gives other bytes.
    pub(crate) async fn manifest(&mut self, name: ManifestName<'_>) -> Result<Option<FoundManifest>, InspectError> {
        let repository = self.session.repository.clone();
        let found = self.session.renewing(retry(|| repository.manifest(name))).await;
        Ok(found.map_err(|error| self.session.explain(error))?)
    }
}

impl Local {
    fn root(&self) -> Result<FoundManifest, InspectError> {
        match self.source.image() {
            source::Image::Stored { manifest, .. } => Ok(found(&manifest.media_type, &manifest.bytes)),
            source::Image::Index(index) => Ok(found(&index.media_type, &index.bytes)),
            source::Image::Layers { .. } => Err(InspectError::NoManifest { image: self.name.clone() }),
        }
    }

    fn child(&self, digest: &Digest) -> Option<FoundManifest> {
        let source::Image::Index(index) = self.source.image() else { return None };
        let children = index.children.iter().map(|child| found(&child.media_type, &child.bytes));
        children.into_iter().find(|child| child.digest == *digest)
    }

    /// The configuration with a digest.
    fn config(&self, digest: &Digest) -> Result<Bytes, InspectError> {
        let found = match self.source.image() {
            source::Image::Stored { config, .. } => Some(config),
            source::Image::Index(index) => {
                let mut configs = index.children.iter().filter_map(|child| child.config.as_ref());
                configs.find(|(descriptor, _)| descriptor.digest == *digest).map(|(_, bytes)| bytes)
            }
            source::Image::Layers { .. } => None,
        };
        found.cloned().ok_or_else(|| InspectError::NoChild { image: self.name.clone(), digest: digest.clone() })
    }

    /// The image of a source whose manifest is made by a push.
    async fn unpushed(&self) -> Result<Image, InspectError> {
        let source::Image::Layers { config, layers } = self.source.image() else {
            return Err(InspectError::NoManifest { image: self.name.clone() });
        };
        let config = match config {
            ImageConfig::Known(bytes) => bytes.clone(),
            ImageConfig::InFeed { .. } => {
                let mut feed = self.source.feed(HashSet::new());
                loop {
                    match feed.recv().await {
                        Some(Ok(Item::Config(bytes))) => break bytes,
                        Some(Ok(Item::Blob(..) | Item::Tar(_))) => {}
                        Some(Err(error)) => return Err(error.into()),
                        None => return Err(InspectError::NoManifest { image: self.name.clone() }),
                    }
                }
            }
        };
        Ok(Image { manifest: None, config: Some(config), layers: layers.clone(), platform: None })
    }
}

/// What a document is.
///
/// # Errors
/// If it is several things at once.
pub(crate) fn kind_of(found: &FoundManifest, image: &Escaped) -> Result<Kind, InspectError> {
    Kind::of(&found.media_type, &found.bytes).map_err(|reason| InspectError::malformed(image.clone(), reason))
}

fn found(media_type: &str, bytes: &Bytes) -> FoundManifest {
    let media_type = match media_type {
        "" => media_type::OCI_MANIFEST,
        media_type => media_type,
    };
    FoundManifest { media_type: media_type.to_owned(), bytes: bytes.clone(), digest: Digest::of(bytes) }
}
