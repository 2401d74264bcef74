//! `--compression auto`: fewer bytes where the line is what takes the time, and nothing else where it is not.

use std::fmt::Write as _;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

use super::home;
use crate::support::fakes::resumable_registry::{ResumableRegistry, Trouble};
use crate::support::images::image::{Image, append};
use crate::support::images::noise::here;
use crate::support::judges::skopeo;
use crate::support::programs::crhost::Home;
use crate::support::programs::registry::Registry;

/// An image of one layer of so many words, about seven bytes each, of which a higher level of gzip makes clearly less.
fn wordy(seed: u64, words: usize) -> Image {
    let mut random = SmallRng::seed_from_u64(seed);
    let known: Vec<String> =
        (0..3000).map(|_| format!("{:x}", random.next_u32() >> (random.next_u32() % 16))).collect();
    let mut text = String::new();
    for _ in 0..words {
        let _ = write!(text, "{} ", known[random.next_u32() as usize % known.len()]);
    }
    let mut archive = tar::Builder::new(Vec::new());
    append(&mut archive, "words", text.as_bytes());
    Image::of_layers(vec![archive.into_inner().unwrap()])
}

/// A push of the home's image, and what it says of its only layer: the size, and the compression.
#[track_caller]
fn push(home: &Home, to: &str, options: &[&str]) -> (u64, Option<String>) {
    let push = ["push", "docker-archive:train.tar", "--to", to, "--as", "train:v1", "--output", "json"];
    let pushed: Value = serde_json::from_str(&home.ok(&[&push, options].concat()).stdout).unwrap();
    let layer = &pushed["layers"][0];
    (layer["size"].as_u64().unwrap(), layer["compression"].as_str().map(str::to_owned))
}

const AUTO: [&str; 2] = ["--compression", "auto"];

/// A line that takes a few seconds for the image.
const THIN: [&str; 4] = ["--compression", "auto", "--limit-rate", "3M"];

#[test]
fn a_fast_line_gets_what_it_gets_without_it() {
    let image = Image::new(here!());
    let (home, registry) = (home(&image), Registry::open());
    home.register("local", registry.host());
    let name = format!("{}/train:v1", registry.host());
    let (_, compression) = push(&home, "local", &AUTO);
    assert_eq!(compression.as_deref(), Some("gzip:1"));
    let digest = skopeo::digest(registry.access(), &name);
    let uploads = || registry.requests().iter().filter(|request| request.starts_with("POST")).count();
    let before = uploads();
    // What one has become is known to the other.
    assert_eq!(push(&home, "local", &[]).1, None);
    assert_eq!((skopeo::digest(registry.access(), &name), uploads()), (digest, before));
}

#[test]
fn a_thin_line_gets_fewer_bytes_which_are_known_in_every_later_push() {
    let image = wordy(here!(), 3_500_000);
    let (home, fast, thin) = (home(&image), Registry::open(), Registry::open());
    home.register("fast", fast.host());
    home.register("thin", thin.host());
    let (most, compression) = push(&home, "fast", &[]);
    assert_eq!(compression.as_deref(), Some("gzip:1"));
    let (fewer, compression) = push(&home, "thin", &THIN);
    let compression = compression.unwrap();
    assert!(compression.starts_with("gzip:1, gzip:6 from "), "{compression}");
    assert!(fewer < most, "{fewer} of {most}");
    skopeo::assert_same(thin.access(), &format!("{}/train:v1", thin.host()), &image);
    // Each registry has its own blob, and gets no other.
    let uploads =
        |registry: &Registry| registry.requests().iter().filter(|request| request.starts_with("POST")).count();
    let before = (uploads(&fast), uploads(&thin));
    for _ in 0..2 {
        assert_eq!(push(&home, "thin", &AUTO), (fewer, None));
        assert_eq!(push(&home, "fast", &AUTO), (most, None));
    }
    assert_eq!((uploads(&fast), uploads(&thin)), before);
    // Together, they get one image: what one alone has in another form is no image of all.
    let both =
        ["push", "docker-archive:train.tar", "--to", "thin", "--to", "fast", "--as", "train:v1", AUTO[0], AUTO[1]];
    for _ in 0..2 {
        home.ok(&both);
        let digests = [&thin, &fast].map(|registry| {
            let name = format!("{}/train:v1", registry.host());
            skopeo::assert_same(registry.access(), &name, &image);
            skopeo::digest(registry.access(), &name)
        });
        assert_eq!(digests[0], digests[1]);
    }
    let before = (uploads(&fast), uploads(&thin));
    home.ok(&both);
    assert_eq!((uploads(&fast), uploads(&thin)), before, "nothing has changed");
}

#[test]
fn an_upload_that_breaks_on_a_thin_line_goes_on_with_the_same_bytes() {
    let image = wordy(here!(), 3_500_000);
    let (home, behind) = (home(&image), Registry::open());
    let honest = Trouble { after: 5_000_000, times: 1, says: |has| format!("0-{}", has.saturating_sub(1)) };
    let registry = ResumableRegistry::before(behind.host(), honest);
    home.register("thin", &registry.host());
    let (size, compression) = push(&home, "thin", &THIN);
    let compression = compression.unwrap();
    assert!(compression.starts_with("gzip:1, gzip:6 from "), "{compression}");
    skopeo::assert_same(behind.access(), &format!("{}/train:v1", behind.host()), &image);
    assert_eq!(registry.breaks(), 1);
    let config = image.config.len() as u64;
    assert_eq!(registry.received() as u64, size + config, "bytes were sent twice");
}
