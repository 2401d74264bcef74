//! Indexes in registries: searched, and added to.

use bytes::Bytes;
use serde_json::json;

use super::error::ComponentError;
use super::index::{Document, Entry, INDEX, Listed};
use super::publication::Publication;
use super::publish::{Published, open_for_push};
use crate::distribution::{Error, FoundManifest, RepositoryClient, rewrites};
use crate::image::{Descriptor, Digest, Manifest, Tag, media_type};
use crate::inspect::{Inspector, Remote};
use crate::registry::RemoteName;
use crate::retrying::retry;
use crate::session::{Intent, Session};
use crate::supply_chain::{EMPTY, EMPTY_TYPE, upload_bytes};
use crate::text::Escaped;

/// Bytes of an index that readers take, as of every small blob.
const MAX_BYTES: usize = 4 << 20;

/// What a search found.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// What is about the word, in the order of the indexes.
    pub(crate) found: Vec<Listed>,
    /// The entries of all indexes that can be shown.
    pub(crate) listed: usize,
    /// Those that can't.
    pub(crate) left_out: usize,
}

/// Searches indexes for a word.
///
/// # Errors
/// When one of them can't be read, or is none.
pub(crate) async fn search(
    inspector: &Inspector<'_>,
    indexes: &[RemoteName],
    word: Option<&str>,
) -> Result<Search, ComponentError> {
    let mut search = Search::default();
    for name in indexes {
        let Remote { mut session, root } = inspector.remote(name, Intent::Pull).await?;
        let shown = Escaped::from(name.as_str());
        let (listed, unfit) = read(&mut session, &shown, &root).await?.listed(&shown);
        search.listed += listed.len();
        search.left_out += unfit;
        search.found.extend(listed.into_iter().filter(|one| word.is_none_or(|word| one.is_about(word))));
    }
    Ok(search)
}

/// Adds what was published to an index, which is made where there is none. Gives the version that the index lists
/// instead, where that is a later one.
///
/// # Errors
/// When something else is there, or the registry refuses.
pub(crate) async fn add(
    inspector: &Inspector<'_>,
    index: &RemoteName,
    publication: &Publication,
    published: &Published,
    told: impl Fn(&str, &str),
) -> Result<Option<semver::Version>, ComponentError> {
    if index.digest().is_some() {
        return Err(ComponentError::Digest(index.as_str().into()));
    }
    let tag = index.tag().cloned().unwrap_or_else(Tag::latest);
    let of_component = published.tags.first().map_or_else(String::new, |moved| format!(":{}", moved.tag));
    let reference = format!("{}{of_component}", published.name);
    let entry = Entry::new(publication, reference, published.digest.clone());
    let mut session = open_for_push(inspector, index, Some(&tag), told).await?;
    let (repository, shown) = (session.repository.clone(), Escaped::from(index.as_str()));
    for turn in rewrites() {
        let there = session.renewing(retry(|| repository.manifest(&tag))).await;
        let before = match there.map_err(|error| session.explain(error))? {
            Some(root) => Some(read(&mut session, &shown, &root).await?),
            None => None,
        };
        let mut after = before.clone().unwrap_or_else(Document::empty);
        let later = after.add(&entry);
        if before.as_ref() == Some(&after) {
            return Ok(later);
        }
        let bytes = after.to_bytes();
        if bytes.len() > MAX_BYTES {
            return Err(ComponentError::IndexTooLarge { index: shown, size: bytes.len(), limit: MAX_BYTES });
        }
        let written = session.renewing(write(&repository, &tag, bytes.into())).await;
        written.map_err(|error| session.explain(error))?;
        turn.settle().await;
    }
    Err(ComponentError::Contended(shown))
}

/// The index in an artifact.
async fn read(session: &mut Session<'_>, name: &Escaped, root: &FoundManifest) -> Result<Document, ComponentError> {
    let other = || ComponentError::NoIndexArtifact(name.clone());
    let manifest = Manifest::parse(&root.bytes).map_err(|_| other())?;
    let [layer] = manifest.layers.as_slice() else { return Err(other()) };
    if layer.media_type != INDEX {
        return Err(other());
    }
    let repository = session.repository.clone();
    let bytes = session.renewing(retry(|| repository.small_blob(layer))).await;
    let bytes = bytes.map_err(|error| session.explain(error))?;
    Document::read(&bytes).map_err(|reason| ComponentError::NoIndex { index: name.clone(), reason })
}

async fn write(repository: &RepositoryClient, tag: &Tag, bytes: Bytes) -> Result<(), Error> {
    let layer = Descriptor::new(INDEX, Digest::of(&bytes), bytes.len() as u64);
    upload_bytes(repository, bytes).await?;
    upload_bytes(repository, Bytes::from_static(EMPTY)).await?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "artifactType": INDEX,
        "config": Descriptor::new(EMPTY_TYPE, Digest::of(EMPTY), EMPTY.len() as u64),
        "layers": [layer],
    });
    let manifest = Bytes::from(manifest.to_string());
    retry(|| repository.put_manifest(tag, media_type::OCI_MANIFEST, manifest.clone())).await
}
