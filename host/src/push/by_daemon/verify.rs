//! What the registry has after a daemon's push: the daemon's word alone is not believed.

use futures_util::stream::{self, StreamExt as _};

use crate::distribution::RepositoryClient;
use crate::image::{Descriptor, Digest, Index, Manifest, Tag};
use crate::push::confirm::{Confirmation, confirm_manifest, other_digest};
use crate::push::error::PushError;
use crate::push::published::Published;
use crate::push::tags;
use crate::registry::Target;
use crate::retrying::CONCURRENT_REQUESTS;
use crate::retrying::{ask, retry};
use crate::source::StoredManifest;

/// Manifests of an index whose layers are read for the report: more platforms than any image has.
const MAX_CHILDREN: usize = 64;

/// The manifest that each tag names now; `None` for one that names none, or of which the registry does not tell.
pub(super) async fn digests(repository: &RepositoryClient, tags: &[Tag]) -> Vec<Option<Digest>> {
    let ask = async |tag: &Tag| repository.head_manifest(tag).await.ok().flatten().and_then(|head| head.digest);
    stream::iter(tags).map(ask).buffered(CONCURRENT_REQUESTS).collect().await
}

/// The manifest or index that a tag names, which has to be the one that the daemon says it pushed.
///
/// # Errors
/// Where the registry has another one under the tag, or can't be asked.
pub(super) async fn published(
    repository: &RepositoryClient,
    target: &Target,
    tag: &Tag,
    told: Option<Digest>,
) -> Result<Published, PushError> {
    let name = format!("{}:{tag}", target.image.name());
    if let Some(expected) = &told {
        match confirm_manifest(repository, &name, tag.into(), expected).await? {
            Confirmation::Unseen => return Err(other_digest(&name, expected, "nothing")),
            confirmation => tags::tell(&name, confirmation),
        }
    }
    let (media_type, bytes) = match &told {
        Some(digest) => retry(|| repository.get_manifest(digest)).await?,
        None => retry(|| repository.get_manifest(tag)).await?,
    };
    let actual = Digest::of(&bytes);
    if let Some(expected) = told.filter(|expected| *expected != actual) {
        return Err(other_digest(&name, &expected, actual.as_str()));
    }
    if let Ok(parsed) = Manifest::parse(&bytes) {
        return Ok(StoredManifest { media_type, bytes, parsed }.into());
    }
    let layers = match Index::parse(&bytes) {
        Ok(index) => layers_of(repository, &index).await?,
        Err(_) => Vec::new(),
    };
    Ok(Published { media_type, bytes, config: None, layers })
}

/// The layers of all images of an index, each once, as far as the registry shows them.
async fn layers_of(repository: &RepositoryClient, index: &Index) -> Result<Vec<Descriptor>, PushError> {
    let mut layers: Vec<Descriptor> = Vec::new();
    for child in index.manifests.iter().filter(|child| child.is_manifest()).take(MAX_CHILDREN) {
        let Some((_, bytes)) = ask(|| repository.get_manifest(&child.digest)).await? else { continue };
        let Ok(manifest) = Manifest::parse(&bytes) else { continue };
        for layer in manifest.layers {
            if !layers.iter().any(|known| known.digest == layer.digest) {
                layers.push(layer);
            }
        }
    }
    Ok(layers)
}
