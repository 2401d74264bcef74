//! Images on other machines: the parts of one are known, and its blobs come as streams.

use std::collections::HashSet;
use std::sync::Arc;

use super::content::Origin;
use super::feed::{self, FeedSender, Item};
use super::image::{Layer, LayerKey};
use crate::image::Descriptor;

/// Reads the blobs of an image on another machine.
pub(super) type Blobs = Arc<dyn Fn(&Descriptor) -> Origin + Send + Sync>;

/// Gives the wanted layers, the largest first.
pub(super) fn feed(blobs: Blobs, layers: Vec<Layer>, wanted: &HashSet<LayerKey>, sender: FeedSender) {
    let layers = layers.into_iter().filter_map(|layer| match layer {
        Layer::Blob(blob) => Some(blob),
        Layer::Tar { .. } => None,
    });
    let key = |blob: &Descriptor| LayerKey::Blob(blob.digest.clone());
    let layers = feed::largest_first(layers, wanted, key, |blob| blob.size);
    tokio::spawn(async move {
        let open = |blob: Descriptor| {
            let content = blobs(&blob).read();
            Item::Blob(blob, content)
        };
        feed::give(layers, &sender, open).await;
    });
}
