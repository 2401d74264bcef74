//! The programs that push: crhost, and every peer that is on PATH.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use super::image::Files;
use super::registry::Registry;
use crate::command::{command, find, run_quietly};
use crate::failure::{Failure, Result};

/// Where a client finds the image.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Source {
    /// An OCI layout whose layers are compressed
    Layout,
    /// What `docker save` writes
    Archive,
    /// An engine's own store: Docker's daemon, or podman's and buildah's
    Daemon,
}

/// A program that pushes.
pub(super) struct Client {
    name: &'static str,
    program: PathBuf,
}

/// crhost, where it takes what the daemon exports, as it does of a daemon whose store it can't read.
const EXPORTED: &str = "crhost-export";

/// crhost, where it believes a registry what its layers are, and where it asks none.
const TRUSTING: &str = "crhost-trust";
const ALONE: &str = "crhost-alone";

/// A plain program of ours, which is no client but a bound for them.
const FLOOR: &str = "floor";

/// All that are crhost.
const OWN: [&str; 4] = ["crhost", EXPORTED, TRUSTING, ALONE];

/// Peers, and the sources that each can read.
const PEERS: [(&str, &[Source]); 7] = [
    ("docker", &[Source::Daemon]),
    ("skopeo", &[Source::Layout, Source::Archive, Source::Daemon]),
    ("podman", &[Source::Daemon]),
    ("buildah", &[Source::Daemon]),
    ("crane", &[Source::Layout, Source::Archive]),
    ("oras", &[Source::Layout]),
    ("regctl", &[Source::Layout, Source::Archive]),
];

/// The engines into whose stores images have to be loaded. Podman and buildah share one.
pub(super) fn engines() -> impl Iterator<Item = &'static str> {
    ["docker", "podman"].into_iter().filter(|engine| find(engine).is_some())
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Layout => "OCI layout",
            Self::Archive => "docker-archive",
            Self::Daemon => "engine's store",
        }
    }
}

impl Client {
    /// crhost, and the peers that are there; who is not is named.
    pub(super) fn found(crhost: PathBuf) -> Vec<Self> {
        let own = |name| Self { name, program: crhost.clone() };
        let mut clients: Vec<Self> = OWN.into_iter().map(own).collect();
        match std::env::current_exe() {
            Ok(program) => clients.push(Self { name: FLOOR, program }),
            Err(error) => eprintln!("bench: this program is not found, and no floor measured: {error}"),
        }
        for (name, _) in PEERS {
            match find(name) {
                Some(program) => clients.push(Self { name, program }),
                None => eprintln!("bench: {name} is not on PATH, and left out"),
            }
        }
        clients
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it can push from there. Buildah pushes what podman has loaded.
    pub(super) fn reads(&self, source: Source) -> bool {
        if self.name == EXPORTED {
            return source == Source::Daemon && find("docker").is_some();
        }
        if self.name == FLOOR {
            return source != Source::Daemon;
        }
        if matches!(self.name, TRUSTING | ALONE) {
            // Layers that are compressed in their source need no one's word.
            return source == Source::Archive;
        }
        let loaded = self.name != "buildah" || find("podman").is_some();
        let reads =
            PEERS.iter().find(|(name, _)| *name == self.name).is_none_or(|(_, sources)| sources.contains(&source));
        reads && loaded
    }

    /// Whether it can't push to a registry with a certificate of this bench: Docker's daemon trusts other authorities
    /// than its client.
    pub(super) fn has_no_tls(&self) -> bool {
        matches!(self.name, "docker" | FLOOR)
    }

    /// Makes it ready for a registry; not measured.
    pub(super) fn prepare(&self, home: &Path, registry: &Registry) -> Result<()> {
        // Some stop where there is none.
        let docker = home.join("docker");
        std::fs::create_dir(&docker)
            .and_then(|()| std::fs::write(docker.join("config.json"), "{}"))
            .map_err(|error| Failure::new(format!("cannot write Docker's configuration: {error}")))?;
        match self.name {
            name if OWN.contains(&name) => {
                let uri = format!("{}/bench", registry.address());
                let register = ["registry", "register", "bench", "--flavor", "default", "--uri", &uri];
                run_quietly(&mut self.command(home, registry, &register))
            }
            "regctl" if registry.certificate().is_none() => {
                let set = ["registry", "set", "--tls=disabled", registry.address()];
                run_quietly(&mut self.command(home, registry, &set))
            }
            _ => Ok(()),
        }
    }

    /// What has to be done before a push; not measured.
    pub(super) fn before(&self, source: Source, files: &Files, registry: &Registry) -> Option<Command> {
        let tag = || command(&self.program, ["tag", &files.name, &target(files, registry)]);
        (self.name == "docker" && source == Source::Daemon).then(tag)
    }

    /// What has to be undone after it.
    pub(super) fn after(&self, source: Source, files: &Files, registry: &Registry) -> Option<Command> {
        let untag = || command(&self.program, ["rmi", &target(files, registry)]);
        (self.name == "docker" && source == Source::Daemon).then(untag)
    }

    /// The push itself.
    pub(super) fn push(&self, source: Source, files: &Files, home: &Path, registry: &Registry) -> Command {
        let (archive, layout) = (files.archive.display().to_string(), files.layout.display().to_string());
        let target = target(files, registry);
        let remote = format!("docker://{target}");
        let with = |scheme: &str, rest: &str| format!("{scheme}:{rest}");
        let read = match source {
            Source::Layout => with("oci", &format!("{layout}:latest")),
            Source::Archive => with("docker-archive", &archive),
            Source::Daemon => files.name.clone(),
        };
        let run = |arguments: &[&str]| self.command(home, registry, arguments);
        // With TLS, each verifies the registry's certificate.
        let plain = registry.certificate().is_none();
        let or_not = |option: &'static str| plain.then_some(option);
        let with_option =
            |before: &[&str], option: Option<&str>, rest: &[&str]| run(&[before, option.as_slice(), rest].concat());
        match (self.name, source) {
            (name, _) if OWN.contains(&name) => {
                let mut push = run(&["push", &read, "--to", "bench", "--as", &files.repository(), "--quiet"]);
                if self.name == EXPORTED {
                    push.arg("--daemon-export");
                }
                push
            }
            (FLOOR, Source::Layout) => run(&["bench", FLOOR, "--layout", &layout, "--to", &target]),
            (FLOOR, _) => run(&["bench", FLOOR, "--archive", &archive, "--to", &target]),
            ("skopeo", _) => {
                let read = if source == Source::Daemon { with("docker-daemon", &read) } else { read };
                let copy = ["copy", "--quiet", "--insecure-policy"];
                with_option(&copy, or_not("--dest-tls-verify=false"), &[&read, &remote])
            }
            ("docker", _) => run(&["push", "--quiet", &target]),
            ("crane", Source::Layout) => with_option(&["push"], or_not("--insecure"), &[&layout, &target]),
            ("crane", _) => with_option(&["push"], or_not("--insecure"), &[&archive, &target]),
            ("oras", _) => {
                let from = format!("{layout}:latest");
                with_option(&["cp", "--from-oci-layout"], or_not("--to-plain-http"), &[&from, &target])
            }
            ("regctl", Source::Layout) => run(&["image", "copy", &format!("ocidir://{layout}:latest"), &target]),
            ("regctl", _) => run(&["image", "import", &target, &archive]),
            // Podman and buildah speak alike.
            _ => with_option(&["push", "--quiet"], or_not("--tls-verify=false"), &[&read, &remote]),
        }
    }

    /// It sees neither the user's crhost nor what it remembered in an earlier turn.
    fn command(&self, home: &Path, registry: &Registry, arguments: &[&str]) -> Command {
        let mut command = command(&self.program, arguments);
        if let Some(certificate) = registry.certificate() {
            // All of them take this name, as OpenSSL has it.
            command.env("SSL_CERT_FILE", certificate);
        }
        command.env("CRHOST_HOME", home.join("crhost")).env("DOCKER_CONFIG", home.join("docker"));
        match self.name {
            "regctl" => _ = command.env("REGCTL_CONFIG", home.join("regctl.json")),
            TRUSTING => _ = command.env("CRHOST_TRUST_REMOTE_LAYERS", "true"),
            ALONE => _ = command.env("CRHOST_NO_REMOTE_LAYERS", "true"),
            _ => {}
        }
        command
    }
}

fn target(files: &Files, registry: &Registry) -> String {
    format!("{}/bench/{}", registry.address(), files.repository())
}
