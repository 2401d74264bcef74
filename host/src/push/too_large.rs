//! Layers that are too large for a registry: which one, who made it, and what to do.

use std::fmt;

use indicatif::HumanBytes;

use super::compress::Compression;
use super::error::PushError;
use super::plan::Plan;
use crate::distribution;
use crate::error::{Explain, Kind};
use crate::flavor::UploadProfile;
use crate::image::{Config, Host};
use crate::source::{Layer, LayerKey};
use crate::text::{Escaped, Printable};

/// Longest command of a build step in the message, in characters: enough to find it in a Dockerfile.
const MAX_STEP: usize = 120;

/// A layer that is too large.
#[derive(Debug)]
pub(crate) struct TooLarge {
    layer: LayerKey,
    /// Its bytes as they would be sent, where they are known.
    size: Option<u64>,
    host: Host,
    limit: Limit,
    place: Option<Place>,
    /// Whether layers are compressed with something else than zstd, and the registry takes that.
    may_be_zstd: bool,
}

/// How it is known.
#[derive(Debug)]
enum Limit {
    /// The flavor says how many bytes a layer may have.
    Layer(u64),
    /// The registry, or a proxy before it, refused even parts of it.
    Refused(distribution::Error),
}

/// The place of a layer in its image.
#[derive(Debug)]
struct Place {
    /// From 1, the lowest first.
    number: usize,
    of: usize,
    /// The build step that made it, if the configuration says so.
    step: Option<Escaped>,
}

impl TooLarge {
    /// A layer of `size` bytes that a registry would refuse, as the flavor says.
    pub(super) fn for_profile(key: &LayerKey, size: u64, profile: &UploadProfile, host: &Host) -> Option<Self> {
        let largest = profile.largest_layer.filter(|_| !profile.takes_layer(size))?;
        Some(Self::new(key.clone(), Some(size), host.clone(), Limit::Layer(largest)))
    }

    fn new(layer: LayerKey, size: Option<u64>, host: Host, limit: Limit) -> Self {
        Self { layer, size, host, limit, place: None, may_be_zstd: false }
    }

    /// With what is known of the image: its layers and its configuration.
    fn placed(self, layers: &[Layer], config: Option<&[u8]>, may_be_zstd: bool) -> Self {
        let Some(at) = layers.iter().position(|layer| layer.key() == self.layer) else { return self };
        let config = config.and_then(|config| Config::parse(config).ok());
        let steps = config.map(|config| config.steps()).filter(|steps| steps.len() == layers.len());
        let step = steps.and_then(|steps| steps.into_iter().nth(at)).filter(|step| !step.is_empty());
        let step = step.map(|step| Escaped::new(&plain(&step), MAX_STEP));
        Self { place: Some(Place { number: at + 1, of: layers.len(), step }), may_be_zstd, ..self }
    }
}

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
            let limit = Limit::Refused(error);
            PushError::TooLarge(Box::new(TooLarge::new(layer, size, host.clone(), limit)))
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
            let is_compressed_here = matches!(found.layer, LayerKey::DiffId(_));
            let may_be_zstd = is_compressed_here && profile.zstd && !matches!(compression, Compression::Zstd(_));
            PushError::TooLarge(Box::new(found.placed(layers, config, may_be_zstd)))
        }
        error => error,
    }
}

/// A build step as it stands in a Dockerfile, without the shell that builders put before it.
fn plain(step: &str) -> String {
    let step = step.trim();
    let step = step.strip_suffix("# buildkit").unwrap_or(step).trim();
    let inner = step.strip_prefix("/bin/sh -c ").map(str::trim);
    match inner.map(|command| command.strip_prefix("#(nop)").map_or((command, true), |rest| (rest.trim(), false))) {
        Some((command, true)) => format!("RUN {command}"),
        Some((instruction, false)) => instruction.to_owned(),
        None => step.strip_prefix("RUN /bin/sh -c ").map_or_else(|| step.to_owned(), |rest| format!("RUN {rest}")),
    }
}

impl Printable for TooLarge {}

impl std::error::Error for TooLarge {}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (LayerKey::Blob(digest) | LayerKey::DiffId(digest)) = &self.layer;
        match &self.place {
            Some(Place { number, of, step: None }) => write!(f, "layer {number} of {of} (`{digest}`)")?,
            Some(Place { number, of, step: Some(step) }) => write!(f, "layer {number} of {of}, of the step `{step}`,")?,
            None => write!(f, "layer `{digest}`")?,
        }
        if let Some(size) = self.size {
            write!(f, " has {size} bytes ({}), and", HumanBytes(size))?;
        }
        match &self.limit {
            Limit::Layer(largest) => {
                write!(f, " `{}` takes layers of at most {largest} ({})", self.host, HumanBytes(*largest))
            }
            Limit::Refused(error) => write!(f, " is too large for `{}`: {error}", self.host),
        }
    }
}

impl Explain for TooLarge {
    fn kind(&self) -> Kind {
        match &self.limit {
            Limit::Layer(_) => Kind::Usage,
            Limit::Refused(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<Escaped> {
        let smaller = match &self.limit {
            // What compression does not make smaller has a few bytes more in each MiB.
            Limit::Layer(largest) => (largest / 10 * 9) >> 20,
            Limit::Refused(_) => self.size.unwrap_or_default().checked_div(4).unwrap_or_default() >> 20,
        };
        let option = match smaller {
            0 => String::new(),
            mebibytes => format!("split it between its files with `--split-layers {mebibytes}M`, or "),
        };
        let zstd = if self.may_be_zstd { "; `--compression zstd` may make it small enough" } else { "" };
        let refused = match &self.limit {
            Limit::Layer(_) => "",
            Limit::Refused(_) => {
                "; a proxy before the registry may have a limit of its own, such as nginx with \
                                  `client_max_body_size`"
            }
        };
        Some(format!("{option}put what it adds into several steps of the image's build{zstd}{refused}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

    #[test]
    fn the_step_of_a_layer_is_shown_as_it_stands_in_a_dockerfile() {
        for (step, shown) in [
            ("RUN /bin/sh -c pip install torch # buildkit", "RUN pip install torch"),
            ("/bin/sh -c pip install torch", "RUN pip install torch"),
            ("/bin/sh -c #(nop) ADD file:12 in / ", "ADD file:12 in /"),
            ("COPY . /app # buildkit", "COPY . /app"),
            ("buildah copy", "buildah copy"),
        ] {
            assert_eq!(plain(step), shown);
        }
    }

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
