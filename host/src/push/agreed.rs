//! Of several registries, all get the same image. So a layer is one blob for all of them: one that all have, or one
//! that comes of the layer whenever it is compressed. What one registry alone has in another form, such as of another
//! program or at levels that followed a line, would be another image there.

use std::convert::Infallible;

use super::compress::Compression;
use super::plan::{Known, compressed};
use crate::distribution::RepositoryClient;
use crate::image::Descriptor;
use crate::retrying::{concurrently, has_blob};
use crate::source::Layer;
use crate::store::Store;

/// Leaves of the known blobs of each layer the one that all of the repositories have or get. A layer without one is
/// compressed for all; so it is where a registry can't be asked.
pub(super) async fn agreed(
    known: Known,
    layers: &[Layer],
    compression: Compression,
    store: &Store,
    repositories: &[&RepositoryClient],
) -> Known {
    let questions = layers.iter().map(Layer::key).zip(layers).filter_map(|(key, layer)| {
        let blobs = known.get(&key)?;
        Some(async move {
            let made_again = made_again(layer, compression, store);
            for blob in blobs {
                if made_again.as_ref() == Some(blob) || all_have(repositories, blob).await {
                    return Ok::<_, Infallible>(Some((key, vec![blob.clone()])));
                }
            }
            Ok(None)
        })
    });
    let Ok(answered) = concurrently(questions).await;
    answered.into_iter().flatten().collect()
}

/// The blob that a layer is or becomes, if that is known before.
fn made_again(layer: &Layer, compression: Compression, store: &Store) -> Option<Descriptor> {
    match layer {
        Layer::Blob(blob) => Some(blob.clone()),
        Layer::Tar { diff_id, .. } if compression != Compression::Auto => {
            compressed(diff_id, &compression.cache_key(), compression, store)
        }
        Layer::Tar { .. } => None,
    }
}

async fn all_have(repositories: &[&RepositoryClient], blob: &Descriptor) -> bool {
    for repository in repositories {
        if !has_blob(repository, blob).await.unwrap_or(false) {
            return false;
        }
    }
    true
}
