//! Tests that need more than every machine has. Each skip is printed, counted, and a failure where it must not happen.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::{env, fmt};

/// The file to which each skip adds a line, if one is wanted.
const SKIPS: &str = "CRHOST_TEST_SKIPS";

/// Names of capabilities, with commas between them, or `all`: what must not be skipped.
const REQUIRE: &str = "CRHOST_TEST_REQUIRE";

/// What a machine may lack.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Capability {
    /// cargo-component is installed.
    CargoComponent,
    /// componentize-py is installed.
    ComponentizePy,
    /// jco is installed, with Node.
    Jco,
    /// Zig is installed, with wasm-tools.
    Zig,
    /// Go is installed, with wasm-tools.
    Go,
    /// The Docker daemon keeps its images in containerd's store, and these tests may read it.
    ContainerdStore,
    /// The Docker daemon keeps its layers with the driver overlay2, and these tests may read them.
    Overlay2Store,
    /// A client of Docker speaks to BuildKit: one before Docker 23, or one with the plugin buildx.
    Buildkit,
    /// The Docker daemon listens at a socket of this machine.
    DockerSocket,
    /// crane is installed, which this distribution may not have.
    Crane,
    /// oras is installed, which this distribution may not have.
    Oras,
    /// Podman and buildah are installed.
    Podman,
    /// PostgreSQL is installed.
    Postgresql,
    /// libfaketime is installed.
    Faketime,
    /// The tests may give files away and mount file systems, as root may.
    Root,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CargoComponent => "cargo-component",
            Self::ComponentizePy => "componentize-py",
            Self::Jco => "jco",
            Self::Zig => "zig",
            Self::Go => "go",
            Self::ContainerdStore => "containerd-store",
            Self::Overlay2Store => "overlay2-store",
            Self::Buildkit => "buildkit",
            Self::DockerSocket => "docker-socket",
            Self::Crane => "crane",
            Self::Oras => "oras",
            Self::Podman => "podman",
            Self::Postgresql => "postgresql",
            Self::Faketime => "faketime",
            Self::Root => "root",
        })
    }
}

/// Says that a test, or a part of it, is skipped because this machine lacks something. The test returns then.
///
/// # Panics
/// Where the capability is required.
#[track_caller]
pub(crate) fn skip(capability: Capability, reason: &str) {
    let required = env::var(REQUIRE).unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == "all" || name.trim() == capability.to_string());
    assert!(!is_required, "{REQUIRE} wants `{capability}`, but {reason}");
    let line = format!("skipped: {capability}: {reason}\n");
    eprint!("{line}");
    if let Some(file) = env::var_os(SKIPS) {
        // One write: tests of other processes add to the same file.
        OpenOptions::new().create(true).append(true).open(file).unwrap().write_all(line.as_bytes()).unwrap();
    }
}
