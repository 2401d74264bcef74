//! Manifests, indexes and configurations of one image: verified, and bounded together.

use std::collections::HashMap;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use super::configs::Configs;
use super::error::RemoteError;
use crate::distribution::{FoundManifest, ManifestName, RepositoryClient};
use crate::image::{Descriptor, Digest, DocumentKind as Kind, ManifestError};
use crate::retrying::retry;
use crate::source::{Budget, MAX_DOCUMENTS, SourceError, embedded};
use crate::text::Escaped;

/// Documents that are asked for at once. Each may have 4 MiB, beside those that are held.
const AT_ONCE: usize = 6;

/// Most documents of one image: ten times as many as the largest indexes have, and each is a request.
const MAX_NUMBER: usize = 10_000;

/// A manifest or index.
pub(super) struct Document {
    /// What it is.
    pub(super) kind: Kind,
    /// Its bytes, which have the digest that they were asked for by.
    pub(super) bytes: Bytes,
    /// Their digest.
    pub(super) digest: Digest,
}

/// Reads the documents of one image.
pub(super) struct Documents<'a> {
    repository: &'a RepositoryClient,
    kept: &'a Configs,
    name: String,
    budget: Budget,
    number: usize,
}

impl<'a> Documents<'a> {
    /// Nothing is read yet. Errors call the image `name`.
    pub(super) fn new(repository: &'a RepositoryClient, kept: &'a Configs, name: String) -> Self {
        Self { repository, kept, name, budget: Budget::default(), number: 0 }
    }

    /// The image's name, for errors.
    pub(super) fn image(&self) -> Escaped {
        self.name.as_str().into()
    }

    /// The manifest or index that a name stands for.
    ///
    /// # Errors
    /// If the registry has none.
    pub(super) async fn named(&mut self, name: ManifestName<'_>) -> Result<Document, RemoteError> {
        let found = retry(|| self.repository.manifest(name)).await?;
        let FoundManifest { media_type, bytes, digest } = found.ok_or_else(|| RemoteError::NoImage(self.image()))?;
        self.hold(&bytes)?;
        let kind = Kind::of(&media_type, &bytes).map_err(|reason| self.malformed(reason))?;
        Ok(Document { kind, bytes, digest })
    }

    /// The manifest or index of an index's entry.
    ///
    /// # Errors
    /// If the registry lacks it, or it has another size.
    pub(super) async fn child(&mut self, entry: &Descriptor) -> Result<Document, RemoteError> {
        let found = self.children(std::slice::from_ref(entry)).await?.pop().flatten();
        found.ok_or_else(|| RemoteError::Missing { image: self.image(), digest: entry.digest.clone() })
    }

    /// The manifests or indexes of an index's entries, in their order; `None` where the registry lacks one.
    ///
    /// # Errors
    /// If one has another size than its entry says, or all together are too many.
    pub(super) async fn children(&mut self, entries: &[Descriptor]) -> Result<Vec<Option<Document>>, RemoteError> {
        let repository = self.repository;
        let reading = entries.iter().map(|entry| async move {
            if let Some(bytes) = embedded(entry) {
                return Ok(Some((entry, entry.media_type.clone(), bytes)));
            }
            let found = retry(|| repository.manifest(&entry.digest)).await?;
            Ok::<_, RemoteError>(found.map(|found| (entry, found.media_type, found.bytes)))
        });
        let mut reading = stream::iter(reading).buffered(AT_ONCE);
        let mut documents = Vec::new();
        while let Some(found) = reading.next().await {
            let Some((entry, answered, bytes)) = found? else {
                documents.push(None);
                continue;
            };
            self.hold(&bytes)?;
            sized(entry, &bytes)?;
            let malformed = |reason| self.malformed(reason);
            // The index must not call it something else than the registry.
            let entered = Kind::of(&entry.media_type, &bytes).map_err(malformed)?;
            let kind = match Kind::of(&answered, &bytes).map_err(malformed)? {
                Kind::Other(_) if !entry.media_type.is_empty() => entered,
                kind => kind,
            };
            documents.push(Some(Document { kind, bytes, digest: entry.digest.clone() }));
        }
        Ok(documents)
    }

    /// The configurations of some manifests, by their digests.
    ///
    /// # Errors
    /// If one is missing, larger than 4 MiB, or has another size than its descriptor says.
    pub(super) async fn configs(&mut self, configs: &[&Descriptor]) -> Result<HashMap<Digest, Bytes>, RemoteError> {
        let (repository, kept) = (self.repository, self.kept);
        let unique: HashMap<&Digest, &Descriptor> = configs.iter().map(|config| (&config.digest, *config)).collect();
        let reading = unique.into_values().map(|config| async move {
            match embedded(config) {
                Some(bytes) => Ok((config, bytes)),
                None => kept.read(repository, config).await.map(|bytes| (config, bytes)),
            }
        });
        let mut reading = stream::iter(reading).buffer_unordered(AT_ONCE);
        let mut found = HashMap::new();
        while let Some(read) = reading.next().await {
            let (config, bytes) = read?;
            self.hold(&bytes)?;
            sized(config, &bytes)?;
            found.insert(config.digest.clone(), bytes);
        }
        Ok(found)
    }

    /// Counts a document that is held.
    fn hold(&mut self, bytes: &Bytes) -> Result<(), RemoteError> {
        self.number += 1;
        if self.number > MAX_NUMBER {
            return Err(self.excess(format!("names more than {MAX_NUMBER} manifests")));
        }
        match self.budget.add(bytes.len()) {
            true => Ok(()),
            false => Err(self.excess(format!("has more than {MAX_DOCUMENTS} bytes of manifests and configurations"))),
        }
    }

    /// The error for a document that can't be read, or is two things at once.
    pub(super) fn malformed(&self, reason: ManifestError) -> RemoteError {
        RemoteError::Malformed { image: self.image(), reason }
    }

    /// The error for an index that breaks a limit.
    pub(super) fn excess(&self, excess: String) -> RemoteError {
        RemoteError::Excess { image: self.image(), excess: excess.into() }
    }
}

/// Refuses a document that has not the size of its descriptor, where that has one.
fn sized(descriptor: &Descriptor, bytes: &Bytes) -> Result<(), SourceError> {
    let (digest, expected, actual) = (descriptor.digest.clone(), descriptor.size, bytes.len() as u64);
    if actual == expected || expected == 0 { Ok(()) } else { Err(SourceError::Size { digest, expected, actual }) }
}
