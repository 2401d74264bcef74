//! What belongs to an image: attached files, signatures, and what a push demands of both.

mod attach;
mod keys;
mod pushes;
mod signatures;

use std::fs;
use std::path::Path;

use crate::support::programs::crhost::{Home, push_layout};

/// An SBOM, as tools write them.
const SBOM: &str = r#"{"spdxVersion":"SPDX-2.3","name":"train","packages":[]}"#;

/// A user with an image `local/train:v1` in a registry, and an SBOM; gives the image's name with its digest.
#[track_caller]
fn pushed(host: &str) -> (Home, String) {
    let (home, _) = Home::with_image();
    home.register("local", host);
    let image = home.ok(&push_layout("local", "train:v1")).stdout.trim().to_owned();
    fs::write(home.path("sbom.json"), SBOM).unwrap();
    (home, image)
}

/// The tag that lists the referrers of an image, or has its signatures.
fn tag_of(image: &str, ending: &str) -> String {
    format!("{}{ending}", image.split_once('@').unwrap().1.replace(':', "-"))
}

/// A key of the test vectors, which other programs made.
fn vector(name: &str) -> String {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/src/signature/vectors");
    vectors.join(name).to_str().unwrap().to_owned()
}
