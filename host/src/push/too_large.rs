//! Layers that are too large for a registry: which one, who made it, and what to do.

use std::fmt;

use indicatif::HumanBytes;

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

    /// A layer of which the registry refused even parts.
    pub(super) fn refused(layer: LayerKey, size: Option<u64>, host: Host, error: distribution::Error) -> Self {
        Self::new(layer, size, host, Limit::Refused(error))
    }

    /// Whether it is compressed on its way.
    pub(super) fn is_compressed_here(&self) -> bool {
        matches!(self.layer, LayerKey::DiffId(_))
    }

    /// With what is known of the image: its layers and its configuration.
    pub(super) fn placed(self, layers: &[Layer], config: Option<&[u8]>, may_be_zstd: bool) -> Self {
        let Some(at) = layers.iter().position(|layer| layer.key() == self.layer) else { return self };
        let config = config.and_then(|config| Config::parse(config).ok());
        let steps = config.map(|config| config.steps()).filter(|steps| steps.len() == layers.len());
        let step = steps.and_then(|steps| steps.into_iter().nth(at)).filter(|step| !step.is_empty());
        let step = step.map(|step| Escaped::new(&plain(&step), MAX_STEP));
        Self { place: Some(Place { number: at + 1, of: layers.len(), step }), may_be_zstd, ..self }
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
                 `client_max_body_size`: raise that limit"
            }
        };
        Some(format!("{option}put what it adds into several steps of the image's build{zstd}{refused}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
