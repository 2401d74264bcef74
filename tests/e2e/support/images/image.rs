//! Images with known contents, the same in every run.

use serde_json::json;

use crate::support::images::digest;
use crate::support::images::noise::noise;

/// An image: its layers' archives as they are before any compression, and its configuration, byte for byte.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) layers: Vec<Vec<u8>>,
    pub(crate) config: Vec<u8>,
}

impl Image {
    /// An image for this machine with a layer that compresses badly, one that compresses well, and an empty one.
    pub(crate) fn new(seed: u64) -> Self {
        let text = format!("line {seed} of a file that compresses well\n").repeat(20_000);
        let layers = vec![
            layer("noise", &noise(seed, 700_000)),
            layer("text", text.as_bytes()),
            empty_layer(),
            layer("few", &noise(seed + 1, 10)),
        ];
        Self::of(layers, architecture())
    }

    /// An image in which one layer lies below and above another one.
    pub(crate) fn with_a_layer_twice(seed: u64) -> Self {
        let twice = layer("twice", &noise(seed, 50_000));
        Self::of(vec![twice.clone(), layer("once", &noise(seed + 1, 50_000)), twice], architecture())
    }

    /// An image of four layers of some hundred kilobytes that don't compress: large enough for faults in mid-upload.
    pub(crate) fn of_noise(seed: u64) -> Self {
        let layers = [300_000, 500_000, 700_000, 400_000].iter().enumerate();
        let layers =
            layers.map(|(number, size)| layer(&format!("noise-{number}"), &noise(seed + number as u64, *size)));
        Self::of(layers.collect(), architecture())
    }

    /// An image of one small layer, for any architecture.
    pub(crate) fn small(seed: u64, architecture: &str) -> Self {
        Self::of(vec![layer("small", &noise(seed, 5_000))], architecture)
    }

    /// An image of these archives.
    pub(crate) fn of_layers(layers: Vec<Vec<u8>>) -> Self {
        Self::of(layers, architecture())
    }

    fn of(layers: Vec<Vec<u8>>, architecture: &str) -> Self {
        let diff_ids: Vec<String> = layers.iter().map(|layer| digest::of(layer)).collect();
        let history: Vec<_> = (0..layers.len())
            .map(|number| json!({"created": CREATED, "created_by": format!("step {number}")}))
            .collect();
        let config = json!({
            "created": CREATED,
            "architecture": architecture,
            "os": "linux",
            "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/train"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        });
        // With white space: a program that parses and writes it again writes other bytes.
        Self { layers, config: serde_json::to_vec_pretty(&config).unwrap() }
    }

    /// The digest of the configuration, which is the image's id for Docker.
    pub(crate) fn config_digest(&self) -> String {
        digest::of(&self.config)
    }

    /// The digests of the layers' archives.
    pub(crate) fn diff_ids(&self) -> Vec<String> {
        self.layers.iter().map(|layer| digest::of(layer)).collect()
    }

    /// The same image with another layer on top in the place of the last one.
    pub(crate) fn with_another_top(&self, seed: u64) -> Self {
        let mut layers = self.layers.clone();
        layers.pop();
        layers.push(layer("top", &noise(seed, 40_000)));
        Self::of(layers, architecture())
    }

    /// The same image with one byte of its first layer changed behind the configuration's back.
    pub(crate) fn damaged(mut self) -> Self {
        let first = &mut self.layers[0];
        let middle = first.len() / 2;
        first[middle] ^= 1;
        self
    }
}

const CREATED: &str = "2020-01-01T00:00:00Z";

/// This machine's architecture as images call it.
pub(crate) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// An archive of one file.
fn layer(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    append(&mut archive, name, content);
    archive.into_inner().unwrap()
}

/// An archive of nothing, which builders make for steps that only change the configuration.
fn empty_layer() -> Vec<u8> {
    tar::Builder::new(Vec::new()).into_inner().unwrap()
}

/// Adds a file, with the same header in every run.
pub(crate) fn append(archive: &mut tar::Builder<impl std::io::Write>, name: &str, content: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    archive.append_data(&mut header, name, content).unwrap();
}
