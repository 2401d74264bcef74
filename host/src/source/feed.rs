//! The stream of layers from a source to a push.

use std::cmp::Reverse;
use std::collections::HashSet;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::content::Content;
use super::error::SourceError;
use super::image::LayerKey;
use crate::image::Descriptor;

/// One thing that a source gives.
pub(crate) enum Item {
    /// The configuration's bytes.
    Config(Bytes),
    /// A layer's bytes as they are stored. The registry verifies their digest, so that they are not hashed here as
    /// well; `Origin::verify` does it after a refusal.
    Blob(Descriptor, Content),
    /// An uncompressed layer. Its content gives the diff id at the end, which is verified if it was known before.
    Tar(Content),
}

/// The items of one reading, in the source's own order; it ends after the last one.
pub(crate) type Feed = mpsc::Receiver<Result<Item, SourceError>>;

/// The source's end of a [`Feed`].
pub(super) type FeedSender = mpsc::Sender<Result<Item, SourceError>>;

/// A feed. One item waits in it while the next is opened; the receiver bounds how many are read at the same time.
pub(super) fn feed() -> (FeedSender, Feed) {
    mpsc::channel(1)
}

/// The wanted ones of some layers, each once, the largest first, so that none is left to be sent alone at the end.
pub(super) fn largest_first<L>(
    layers: impl IntoIterator<Item = L>,
    wanted: &HashSet<LayerKey>,
    key: impl Fn(&L) -> LayerKey,
    size: impl Fn(&L) -> u64,
) -> Vec<L> {
    let mut seen = HashSet::new();
    let is_wanted = |layer: &L| {
        let key = key(layer);
        wanted.contains(&key) && seen.insert(key)
    };
    let mut layers: Vec<L> = layers.into_iter().filter(is_wanted).collect();
    layers.sort_by_key(|layer| Reverse(size(layer)));
    layers
}

/// Gives layers one by one until the receiver is gone. Each is opened when the feed has room for it, so that a hundred
/// layers are not a hundred open files.
pub(super) async fn give<L>(layers: impl IntoIterator<Item = L>, sender: &FeedSender, open: impl Fn(L) -> Item) {
    for layer in layers {
        let Ok(place) = sender.reserve().await else { return };
        place.send(Ok(open(layer)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

    #[test]
    fn wanted_layers_come_once_and_the_largest_first() {
        let key = |layer: &(&str, u64)| LayerKey::DiffId(Digest::of(layer.0.as_bytes()));
        let layers = [("small", 1), ("unwanted", 9), ("large", 5), ("small", 1)];
        let wanted = [("small", 1), ("large", 5), ("missing", 0)].iter().map(key).collect();
        assert_eq!(largest_first(layers, &wanted, key, |layer| layer.1), [("large", 5), ("small", 1)]);
    }
}
