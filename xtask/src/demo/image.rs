//! The image that the demo pushes: three layers of files made here, nothing pulled.

use std::fs;
use std::path::Path;

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};

use super::stage::Stage;
use crate::command::{capture, run_quietly};
use crate::failure::{Failure, Result};

const DOCKERFILE: &str = "\
FROM scratch
COPY etc /etc
COPY model /model
COPY app /app
LABEL org.opencontainers.image.title=train
ENTRYPOINT [\"/app/train\"]
";

/// Half a model: as large as a small one, and like most of them hard to compress.
const WEIGHTS: usize = 16 << 20;

/// Builds it in the daemon, under that name.
pub(super) fn build(stage: &Stage, name: &str) -> Result<()> {
    let context = stage.directory().join("image");
    write(&context.join("Dockerfile"), DOCKERFILE.as_bytes())?;
    write(&context.join("etc/passwd"), b"train:x:1000:1000::/:/app/train\n")?;
    write(&context.join("model/weights.bin"), &noise(WEIGHTS))?;
    write(&context.join("app/train"), b"#!/bin/sh\necho training\n")?;
    let mut build = stage.docker(&["build", "--quiet", "--tag", name]);
    // The classic builder is part of every daemon; the newer one is a plug-in that may be missing.
    run_quietly(build.arg(&context).env("DOCKER_BUILDKIT", "0"))
}

/// Everything that makes it this image: equal for equal images, however the daemon stores them.
pub(super) fn contents(stage: &Stage, name: &str) -> Result<String> {
    let format = "{{json .RootFS.Layers}} {{json .Config}} {{.Os}}/{{.Architecture}} {{.Created}}";
    capture(&mut stage.docker(&["image", "inspect", "--format", format, name]))
}

fn write(path: &Path, contents: &[u8]) -> Result<()> {
    let directory = path.parent().unwrap_or(path);
    fs::create_dir_all(directory).map_err(Failure::io("create", directory))?;
    fs::write(path, contents).map_err(Failure::io("write", path))
}

/// Bytes without a pattern, the same in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    SmallRng::seed_from_u64(1).fill_bytes(&mut bytes);
    bytes
}
