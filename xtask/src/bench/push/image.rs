//! The images that are pushed, made of this machine's own programs and libraries, or of packages; no image is pulled.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

use super::packages;
use crate::command::{capture, command, run_quietly};
use crate::failure::{Failure, Result};

const MB: u64 = 1_000_000;

/// What is pushed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::bench) enum Kind {
    /// Three layers of 1 MB in all: what a push costs that sends next to nothing
    Small,
    /// Eight layers of programs, libraries and weights, as images for machine learning have them
    Ml,
    /// 60 layers of 20 kB
    Many,
    /// Python packages with large libraries, from PyPI: 1 GB in 8 layers
    Python,
    /// Node packages of many small files, from npm: 0.6 GB in 6 layers
    Node,
}

/// One image as files.
pub(in crate::bench) struct Files {
    /// Its name in the archive, and in the engine that loads it.
    pub(in crate::bench) name: String,
    /// What `docker save` would write.
    pub(in crate::bench) archive: PathBuf,
    /// The same as an OCI layout, compressed by skopeo.
    pub(in crate::bench) layout: PathBuf,
}

enum Layer {
    /// Bytes of programs and libraries.
    Programs(u64),
    /// Bytes that can't be compressed, different for each number.
    Noise(u64, u64),
    /// The files of a directory.
    Directory(PathBuf),
}

impl Kind {
    pub(in crate::bench) fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Ml => "ml",
            Self::Many => "many",
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// Whether it is pushed with one layer changed, too.
    pub(in crate::bench) fn changes(self) -> bool {
        matches!(self, Self::Ml | Self::Python | Self::Node)
    }

    /// Its layers, lowest first. The changed form has other bytes in its last one.
    fn layers(self, megabytes: u64, changed: bool) -> Result<Vec<Layer>> {
        let top = |size| Layer::Noise(size, 1 + u64::from(changed));
        let real = |directories: Vec<PathBuf>| {
            // Below them is a system, and above them the program that a team changes every day.
            let packages = directories.into_iter().map(Layer::Directory);
            std::iter::once(Layer::Programs(100 * MB)).chain(packages).chain([top(2 * MB)]).collect()
        };
        Ok(match self {
            Self::Python => real(packages::python()?),
            Self::Node => real(packages::node()?),
            Self::Small => vec![Layer::Programs(MB / 2), Layer::Programs(MB / 4), Layer::Noise(MB / 4, 0)],
            Self::Many => (0..60).map(|number| Layer::Noise(20_000, number)).collect(),
            Self::Ml => {
                let weights = megabytes * MB * 15 / 100;
                let rest = megabytes * MB - weights - 5 * MB;
                // A few large layers and some smaller ones, as a system, its packages and a framework make them.
                let shares = [6, 30, 30, 20, 10, 4];
                let mut layers: Vec<Layer> = shares.iter().map(|share| Layer::Programs(rest * share / 100)).collect();
                layers.extend([Layer::Noise(weights, 0), top(5 * MB)]);
                layers
            }
        })
    }
}

impl Files {
    /// What it is called in a registry: the same for the changed form, which takes the other's place.
    pub(in crate::bench) fn repository(&self) -> String {
        self.name.replace("-changed", "").replace("crhost-bench/", "")
    }
}

/// Writes an image below `directory`.
pub(in crate::bench) fn make(
    directory: &Path,
    kind: Kind,
    megabytes: u64,
    changed: bool,
    with_layout: bool,
) -> Result<Files> {
    let label = format!("{}{}", kind.name(), if changed { "-changed" } else { "" });
    let name = format!("crhost-bench/{label}:latest");
    let (archive, layout) = (directory.join(format!("{label}.tar")), directory.join(label));
    write_archive(directory, &archive, &name, &kind.layers(megabytes, changed)?)
        .map_err(|error| Failure::new(format!("cannot make the image `{name}`: {error}")))??;
    if with_layout {
        let from = format!("docker-archive:{}", archive.display());
        let to = format!("oci:{}:latest", layout.display());
        run_quietly(&mut command("skopeo", ["copy", "--quiet", "--insecure-policy", &from, &to]))?;
    }
    Ok(Files { name, archive, layout })
}

fn write_archive(directory: &Path, path: &Path, name: &str, layers: &[Layer]) -> io::Result<Result<()>> {
    let mut archive = tar::Builder::new(File::create(path)?);
    let mut corpus = Corpus::open();
    let (mut diff_ids, mut paths) = (Vec::new(), Vec::new());
    for (number, layer) in layers.iter().enumerate() {
        let file = directory.join("layer.tar");
        write_layer(&file, number, layer, &mut corpus)?;
        let sum = match capture(&mut command("sha256sum", [&file])) {
            Ok(sum) => sum,
            Err(failure) => return Ok(Err(failure)),
        };
        let digest = sum.split(' ').next().unwrap_or_default();
        diff_ids.push(format!("sha256:{digest}"));
        let inside = format!("{number}/layer.tar");
        archive.append_path_with_name(&file, &inside)?;
        paths.push(inside);
        fs::remove_file(file)?;
    }
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let history: Vec<_> = paths.iter().map(|path| json!({"created_by": path})).collect();
    let config = json!({
        "created": "2020-01-01T00:00:00Z", "architecture": architecture, "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": history,
    });
    append(&mut archive, "config.json", config.to_string().as_bytes())?;
    let manifest = json!([{"Config": "config.json", "RepoTags": [name], "Layers": paths}]);
    append(&mut archive, "manifest.json", manifest.to_string().as_bytes())?;
    archive.finish().map(Ok)
}

/// Files of at most 8 MB, so that a layer is neither one file nor all headers.
fn write_layer(file: &Path, number: usize, layer: &Layer, corpus: &mut Corpus) -> io::Result<()> {
    let mut archive = tar::Builder::new(io::BufWriter::new(File::create(file)?));
    // No two layers are the same.
    append(&mut archive, &format!("layer-{number}"), number.to_string().as_bytes())?;
    let (mut left, mut noise) = match layer {
        Layer::Directory(directory) => {
            append_files(&mut archive, directory, Path::new("opt/packages"))?;
            return archive.into_inner()?.flush();
        }
        Layer::Programs(size) => (*size, None),
        Layer::Noise(size, seed) => (*size, Some(Noise(SmallRng::seed_from_u64(*seed)))),
    };
    let mut count = 0;
    while left > 0 {
        let size = left.min(8 * MB);
        let mut header = header(size);
        let name = format!("opt/{number}/{count}");
        match &mut noise {
            Some(noise) => archive.append_data(&mut header, name, noise.take(size))?,
            None => archive.append_data(&mut header, name, corpus.take(size))?,
        }
        (left, count) = (left - size, count + 1);
    }
    archive.into_inner()?.flush()
}

/// Appends the regular files below a directory, in the order of their names.
fn append_files(archive: &mut tar::Builder<impl Write>, directory: &Path, name: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(directory)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            append_files(archive, &path, &name)?;
        } else if kind.is_file() {
            archive.append_data(&mut header(entry.metadata()?.len()), name, File::open(path)?)?;
        }
    }
    Ok(())
}

fn append(archive: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    archive.append_data(&mut header(bytes.len() as u64), name, bytes)
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_mtime(0);
    header
}

/// Bytes without a pattern, the same in every run.
struct Noise(SmallRng);

impl Read for &mut Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.fill_bytes(buffer);
        Ok(buffer.len())
    }
}

/// This machine's shared libraries, Python's files and programs, one after the other, from the start again at their
/// end.
struct Corpus {
    paths: Vec<PathBuf>,
    next: usize,
    file: Option<File>,
}

impl Corpus {
    fn open() -> Self {
        let mut paths = Vec::new();
        for directory in ["/usr/lib/python3", "/usr/lib", "/usr/bin", "/usr/share"] {
            collect(Path::new(directory), &mut paths);
        }
        Self { paths, next: 0, file: None }
    }
}

/// Regular files in the order of their names; links and what may not be read are left out.
fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(directory).into_iter().flatten().flatten().collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => collect(&entry.path(), paths),
            Ok(kind) if kind.is_file() && entry.metadata().is_ok_and(|found| found.len() > 0) => {
                paths.push(entry.path())
            }
            _ => {}
        }
    }
}

impl Read for &mut Corpus {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Every file once without a byte: there is nothing to read on this machine.
        for _ in 0..=self.paths.len() {
            if let Some(file) = &mut self.file {
                let read = file.read(buffer).unwrap_or(0);
                if read > 0 {
                    return Ok(read);
                }
            }
            self.file = self.paths.get(self.next).and_then(|path| File::open(path).ok());
            self.next = if self.next + 1 < self.paths.len() { self.next + 1 } else { 0 };
        }
        Err(io::Error::other("there are no files below /usr to make layers of"))
    }
}
