//! Which image of an index is meant.

use crate::image::{Descriptor, Platform};

use super::kind::is_attestation;

/// Chooses the entry for a platform: the one that was asked for, or this machine's. Where none was asked for and only
/// one image is there, it is that. Attestations are never chosen.
pub(super) fn choose<'a>(entries: &'a [Descriptor], wanted: Option<&Platform>) -> Option<&'a Descriptor> {
    let images: Vec<&Descriptor> = entries.iter().filter(|entry| is_image(entry)).collect();
    let platforms = wanted.map_or_else(Platform::of_this_machine, Clone::clone).with_older_variants();
    let fitting = platforms.iter().find_map(|platform| {
        let of = |fits: &dyn Fn(&Platform) -> bool| {
            images.iter().copied().find(|image| image.platform.as_ref().is_some_and(fits))
        };
        of(&|offered| platform.is_same(offered)).or_else(|| of(&|offered| platform.accepts(offered)))
    });
    match (fitting, images.as_slice()) {
        (None, [only]) if wanted.is_none() || only.platform.is_none() => Some(only),
        (fitting, _) => fitting,
    }
}

/// The platforms of an index's images, each once.
pub(super) fn platforms(entries: &[Descriptor]) -> Vec<Platform> {
    let mut known: Vec<Platform> = Vec::new();
    for platform in entries.iter().filter(|entry| is_image(entry)).filter_map(|entry| entry.platform.as_ref()) {
        if platform.is_known() && !known.contains(platform) {
            known.push(platform.clone());
        }
    }
    known
}

fn is_image(entry: &Descriptor) -> bool {
    !is_attestation(entry) && !entry.platform.as_ref().is_some_and(Platform::is_unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Digest, media_type};

    fn entries(platforms: &[&str]) -> Vec<Descriptor> {
        let entry = |platform: &&str| Descriptor {
            platform: match *platform {
                "" => None,
                "unknown" => Some(Platform::new("unknown".to_owned(), "unknown".to_owned(), None)),
                platform => Some(platform.parse().unwrap()),
            },
            ..Descriptor::new(media_type::OCI_MANIFEST, Digest::of(platform.as_bytes()), 1)
        };
        platforms.iter().map(entry).collect()
    }

    #[track_caller]
    fn assert_chosen(offered: &[&str], wanted: Option<&str>, expected: Option<&str>) {
        let entries = entries(offered);
        let wanted = wanted.map(|wanted| wanted.parse::<Platform>().unwrap());
        let chosen = choose(&entries, wanted.as_ref()).map(|entry| entry.digest.clone());
        assert_eq!(chosen, expected.map(|expected| Digest::of(expected.as_bytes())));
    }

    #[test]
    fn the_image_for_the_platform_is_chosen_and_never_an_attestation() {
        let offered = ["linux/arm64", "linux/arm/v6", "windows/amd64", "unknown"];
        assert_chosen(&offered, Some("linux/arm64/v8"), Some("linux/arm64"));
        assert_chosen(&offered, Some("linux/arm/v7"), Some("linux/arm/v6"));
        assert_chosen(&offered, Some("linux/s390x"), None);
        assert_chosen(&["windows/amd64", "unknown"], None, Some("windows/amd64"));
        assert_chosen(&["windows/amd64", "unknown"], Some("linux/amd64"), None);
        assert_chosen(&["", "unknown"], Some("linux/amd64"), Some(""));
        assert_chosen(&["unknown"], None, None);
        assert_chosen(&[], None, None);
        assert_eq!(platforms(&entries(&offered)).len(), 3);
    }
}
