//! All proofs of a push, side by side for as long as they are worth it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use parking_lot::Mutex;

use super::claims::Claim;
use super::form::Form;
use super::proof::{Unproved, prove as prove_one};
use crate::distribution::RepositoryClient;
use crate::image::Digest;
use crate::push::compress::Compression;

/// The time over which the speed of the downloads is measured, at the beginning as well.
const MEASURED: Duration = Duration::from_secs(5);

/// Bytes per second of all downloads together below which layers are better compressed and sent: what a line of
/// 8 Mbit/s gives.
const SLOWEST: u64 = 1 << 20;

/// Proofs at once. Each keeps a core busy, and a decoder of zstd may have a window of 32 MiB.
const AT_ONCE: std::ops::RangeInclusive<usize> = 2..=4;
const AT_ONCE_ZSTD: usize = 2;

/// Proves claims, for each layer one after the other until one is true, the largest layers first. Gives the true ones.
pub(super) async fn prove(repository: &RepositoryClient, claims: Vec<Claim>, compression: Compression) -> Vec<Claim> {
    let (form, received, proved) = (Form::wanted(compression), AtomicU64::new(0), Mutex::new(Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = match form {
        Form::Zstd => AT_ONCE_ZSTD,
        Form::Plain | Form::Gzip => cores.clamp(*AT_ONCE.start(), *AT_ONCE.end()),
    };
    let layers = by_layer(claims);
    let number = layers.len();
    let all = stream::iter(layers).for_each_concurrent(at_once, |claims| async {
        if let Some(claim) = first_true(repository, claims, form, &received).await {
            proved.lock().push(claim);
        }
    });
    let is_worth_it = tokio::select! {
        () = all => true,
        () = slow(&received) => false,
    };
    let proved = std::mem::take(&mut *proved.lock());
    if !is_worth_it {
        tracing::info!(
            "{} of {number} layers are compressed and sent: the registry has them, but gives them too slowly to prove \
             that",
            number.saturating_sub(proved.len())
        );
    }
    proved
}

/// The claims about each layer, the largest layer first.
fn by_layer(claims: Vec<Claim>) -> Vec<Vec<Claim>> {
    let mut layers: Vec<(Digest, Vec<Claim>)> = Vec::new();
    for claim in claims {
        match layers.iter_mut().find(|(diff_id, _)| *diff_id == claim.diff_id) {
            Some((_, same)) if same.iter().any(|other| other.blob == claim.blob) => {}
            Some((_, same)) => same.push(claim),
            None => layers.push((claim.diff_id.clone(), vec![claim])),
        }
    }
    let mut layers: Vec<Vec<Claim>> = layers.into_iter().map(|(_, claims)| claims).collect();
    layers.sort_by_key(|claims| std::cmp::Reverse(claims.first().map_or(0, |claim| claim.blob.size)));
    layers
}

async fn first_true(
    repository: &RepositoryClient,
    claims: Vec<Claim>,
    form: Form,
    received: &AtomicU64,
) -> Option<Claim> {
    for claim in claims {
        let (layer, image) = (claim.diff_id.short(), format!("{}/{}", claim.host, claim.repository));
        match prove_one(repository, &claim, form, received).await {
            Ok(()) => return Some(claim),
            // The user should know of an image whose manifest and configuration don't belong together.
            Err(Unproved::Wrong(reason)) => {
                tracing::warn!("`{image}` names a blob for layer {layer} that is not this layer: {reason}");
            }
            Err(Unproved::Unknown(reason)) => tracing::info!("layer {layer} is compressed and sent: {reason}"),
        }
    }
    None
}

/// Ends when the downloads are too slow.
async fn slow(received: &AtomicU64) {
    let mut before = 0;
    loop {
        tokio::time::sleep(MEASURED).await;
        let now = received.load(Relaxed);
        if now.saturating_sub(before) < SLOWEST * MEASURED.as_secs() {
            return;
        }
        before = now;
    }
}
