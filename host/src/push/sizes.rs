//! Refuses layers that are too large, as early as their sizes are known.

use super::compress::Compression;
use super::error::PushError;
use super::plan::Plan;
use super::too_large::TooLarge;
use crate::flavor::UploadProfile;
use crate::image::Host;
use crate::source::{Layer, LayerKey};

/// Refuses layers whose sizes are known before anything is sent.
///
/// # Errors
/// [`PushError::TooLarge`] for the first of them.
pub(super) fn refuse(plan: &Plan, profile: &UploadProfile, host: &Host) -> Result<(), PushError> {
    let known = plan.missing.iter().find_map(|(key, blob)| TooLarge::for_profile(key, blob.size, profile, host));
    known.map_or(Ok(()), |found| Err(PushError::TooLarge(Box::new(found))))
}

/// The error of an upload that was refused for its size, in whatever parts it was sent.
pub(super) fn of_refusal(error: PushError, layer: Option<LayerKey>, size: Option<u64>, host: &Host) -> PushError {
    match (error, layer) {
        (PushError::Distribution(error), Some(layer)) if error.is_too_large() => {
            PushError::TooLarge(Box::new(TooLarge::refused(layer, size, host.clone(), error)))
        }
        (error, _) => error,
    }
}

/// An error with the place of its layer in the image.
pub(super) fn place(
    error: PushError,
    layers: &[Layer],
    config: Option<&[u8]>,
    compression: Compression,
    profile: &UploadProfile,
) -> PushError {
    match error {
        PushError::TooLarge(found) => {
            let may_be_zstd =
                found.is_compressed_here() && profile.zstd && !matches!(compression, Compression::Zstd(_));
            PushError::TooLarge(Box::new(found.placed(layers, config, may_be_zstd)))
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;
    use crate::image::Digest;

    #[test]
    fn a_layer_that_is_too_large_is_named_by_its_place_and_its_step() {
        let ids = [Digest::of(b"a"), Digest::of(b"b")];
        let layers: Vec<Layer> =
            ids.iter().map(|diff_id| Layer::Tar { diff_id: diff_id.clone(), size: None }).collect();
        let config = serde_json::json!({
            "rootfs": {"diff_ids": ids},
            "history": [
                {"created_by": "ADD rootfs"}, {"empty_layer": true, "created_by": "ENV A=b"},
                {"created_by": "RUN /bin/sh -c make # buildkit"},
            ],
        });
        let profile = UploadProfile { largest_layer: Some(100 << 20), ..UploadProfile::example() };
        let host: Host = "ghcr.io".parse().unwrap();
        let key = LayerKey::DiffId(ids[1].clone());
        assert!(TooLarge::for_profile(&key, 100 << 20, &profile, &host).is_none());
        let found = TooLarge::for_profile(&key, 200 << 20, &profile, &host).unwrap();
        let error = PushError::TooLarge(Box::new(found));
        let config = config.to_string();
        let placed = place(error, &layers, Some(config.as_bytes()), Compression::default(), &profile);
        assert_eq!(
            placed.to_string(),
            "layer 2 of 2, of the step `RUN make`, has 209715200 bytes (200.00 MiB), and `ghcr.io` takes layers of at \
             most 104857600 (100.00 MiB)"
        );
        assert_eq!(
            placed.hint().unwrap().to_string(),
            "split it between its files with `--split-layers 90M`, or put what it adds into several steps of the \
             image's build; `--compression zstd` may make it small enough"
        );
    }
}
