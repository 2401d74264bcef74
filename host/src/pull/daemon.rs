//! Images into a Docker daemon, by one archive that holds no more than the daemon needs.
//!
//! Docker's classic store reads a layer out of an archive only where it has no layer of the same diff id on the same
//! layers below (`tarexport.Load` of moby). Its images tell their diff ids, so that layers which it has are left out. A
//! daemon with containerd's store, and Podman, read every layer of an archive.

use std::collections::HashSet;

use super::contents::DockerImage;
use super::error::PullError;
use crate::docker::{About, Engine};
use crate::image::{Descriptor, Digest, Reference};

/// Storage drivers of Docker's classic store. With containerd's store, a daemon names a snapshotter instead, such as
/// `overlayfs`.
const CLASSIC_DRIVERS: [&str; 6] = ["overlay2", "overlay", "aufs", "btrfs", "vfs", "fuse-overlayfs"];

/// The first version of Docker that reads layers compressed with zstd.
const FIRST_WITH_ZSTD: u32 = 23;

/// The id of the image in the daemon, if it has it: that of its configuration, or of its manifest or index with
/// containerd's store.
///
/// # Errors
/// If the daemon does not answer.
pub(super) async fn find(
    engine: &Engine,
    image: &DockerImage,
    manifests: &[&Digest],
) -> Result<Option<Digest>, PullError> {
    for id in std::iter::once(&image.config).chain(manifests.iter().copied()) {
        if let Some(found) = engine.find(id.as_str()).await? {
            // A short id could be that of another one.
            if found.id == *id {
                return Ok(Some(found.id));
            }
        }
    }
    Ok(None)
}

/// The layers of an image that the daemon's classic store has below those that it lacks; none for another store.
///
/// # Errors
/// If the daemon does not answer.
pub(super) async fn present_layers(
    engine: &Engine,
    about: &About,
    image: &DockerImage,
    name: &str,
) -> Result<HashSet<Digest>, PullError> {
    let driver = about.driver.as_ref().map(|driver| driver.as_str()).unwrap_or_default();
    if about.name.as_str() != "Docker" || !CLASSIC_DRIVERS.contains(&driver) {
        return Ok(HashSet::new());
    }
    let images = engine.local_images(name).await?;
    let common = images.iter().map(|found| common(&found.diff_ids, &image.diff_ids)).max().unwrap_or_default();
    let mut layers: HashSet<Digest> = image.layers.iter().take(common).cloned().collect();
    // One that comes again above those is read from the archive.
    for needed in image.layers.iter().skip(common) {
        layers.remove(needed);
    }
    Ok(layers)
}

/// Refuses a layer that is compressed with zstd before it is sent to a daemon that can't read it, which would break off
/// in the middle and not tell why. A daemon whose version can't be read is tried.
///
/// # Errors
/// If there is such a layer, and the daemon is an older Docker.
pub(super) fn ensure_zstd<'a>(about: &About, sent: impl IntoIterator<Item = &'a Descriptor>) -> Result<(), PullError> {
    let major = about.version.as_str().split('.').next().and_then(|major| major.parse::<u32>().ok());
    let is_old = about.name.as_str() == "Docker" && major.is_some_and(|major| major < FIRST_WITH_ZSTD);
    match sent.into_iter().find(|layer| is_old && layer.media_type.ends_with("+zstd")) {
        Some(layer) => Err(PullError::Zstd { version: about.version.clone(), layer: layer.digest.clone() }),
        None => Ok(()),
    }
}

/// Gives an image in the daemon its name.
///
/// # Errors
/// If the daemon refuses.
pub(super) async fn tag(engine: &Engine, id: &Digest, name: Option<&Reference>) -> Result<(), PullError> {
    if let Some(name) = name
        && let Some(tag) = name.tag()
    {
        engine.tag(id, &name.name(), tag).await?;
    }
    Ok(())
}

/// How many layers two images have in common, from the lowest one on.
fn common(found: &[Digest], wanted: &[Digest]) -> usize {
    found.iter().zip(wanted).take_while(|(found, wanted)| found == wanted).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::media_type;

    #[test]
    fn only_a_docker_that_can_not_read_zstd_is_sent_none() {
        let layer = |media_type: &str| vec![Descriptor::new(media_type, Digest::of(b""), 0)];
        let (gzip, zstd) = (layer(media_type::OCI_LAYER_GZIP), layer(media_type::OCI_LAYER_ZSTD));
        for (name, version, layers, is_sent) in [
            ("Docker", "20.10.24+dfsg1", &zstd, false),
            ("Docker", "20.10.24+dfsg1", &gzip, true),
            ("Docker", "23.0.0-rc.1", &zstd, true),
            ("Docker", "of an unknown version", &zstd, true),
            ("Podman", "4.3.1", &zstd, true),
        ] {
            let (api, driver, root) = (None, None, None);
            let about = About { name: name.into(), version: version.into(), api, driver, root };
            assert_eq!(ensure_zstd(&about, layers).is_ok(), is_sent, "{name} {version}");
        }
    }

    #[test]
    fn layers_are_common_from_the_lowest_one_on() {
        let [a, b, c] = ["a", "b", "c"].map(|text| Digest::of(text.as_bytes()));
        assert_eq!(common(&[a.clone(), b.clone()], &[a.clone(), b.clone(), c.clone()]), 2);
        assert_eq!(common(&[b.clone(), a.clone()], &[a.clone(), b]), 0);
        assert_eq!(common(&[], &[a]), 0);
        let _ = c;
    }
}
