//! The clients: how each is told to push.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use serde_json::json;

use crate::failure::{Failure, Result};
use crate::fake::{Fake, PASSWORD, USER};
use crate::image::{LOADED, TAG};

/// A program that pushes images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Client {
    /// crhost push
    Crhost,
    /// skopeo copy
    Skopeo,
    /// crane push
    Crane,
    /// oras cp
    Oras,
    /// podman push, from a storage of its own
    Podman,
    /// docker push, by its daemon
    Docker,
}

/// Podman's push of a layout: `source destination storage tls certificates`. The driver `vfs` works on every machine.
const LOAD_AND_PUSH: &str = r#"
    storage="--root=$3/root --runroot=$3/run --storage-driver=vfs"
    image=$(podman $storage pull --quiet "$1") &&
        exec podman $storage push --tls-verify="$4" --cert-dir="$5" "$image" "docker://$2"
"#;

/// The repository that is pushed to.
const REPOSITORY: &str = "team/train";

/// What clients need besides the fakes.
pub(crate) struct Stage {
    /// Below it is all that clients write.
    directory: PathBuf,
    /// crhost's program.
    crhost: PathBuf,
}

impl Client {
    /// The name of the program.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crhost => "crhost",
            Self::Skopeo => "skopeo",
            Self::Crane => "crane",
            Self::Oras => "oras",
            Self::Podman => "podman",
            Self::Docker => "docker",
        }
    }

    /// Whether it can be run here; docker only where its daemon answers.
    pub(crate) fn is_there(self) -> bool {
        let mut probe = Command::new(self.name());
        match self {
            Self::Crhost => return true,
            Self::Skopeo => probe.arg("--version"),
            Self::Crane | Self::Oras => probe.arg("version"),
            Self::Podman | Self::Docker => probe.arg("info"),
        };
        probe.output().is_ok_and(|output| output.status.success())
    }

    /// Whether it takes images apart and compresses the layers anew, so that a manifest of its own arrives.
    pub(crate) fn repacks(self) -> bool {
        matches!(self, Self::Podman | Self::Docker)
    }
}

impl Stage {
    /// Prepares a directory: credentials, the authority's certificate, and crhost's registrations for each fake.
    ///
    /// # Errors
    /// When a file can't be written, or crhost can't register.
    pub(crate) fn set(directory: &Path, crhost: &Path, fakes: &[Fake], authority: &str) -> Result<Self> {
        let stage = Self { directory: directory.to_owned(), crhost: crhost.to_owned() };
        for below in ["home", "docker", "certs"] {
            let path = directory.join(below);
            fs::create_dir_all(&path).map_err(Failure::io("create", &path))?;
        }
        let certificate = directory.join("certs/ca.crt");
        fs::write(&certificate, authority).map_err(Failure::io("write", &certificate))?;
        let auth = STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let hosts = fakes.iter().flat_map(|fake| [false, true].map(|tls| fake.host(tls).to_owned()));
        let auths: serde_json::Map<_, _> = hosts.map(|host| (host, json!({"auth": auth}))).collect();
        let config = directory.join("docker/config.json");
        fs::write(&config, json!({"auths": auths}).to_string()).map_err(Failure::io("write", &config))?;
        for (number, fake) in fakes.iter().enumerate() {
            for tls in [false, true] {
                let mut register = stage.command(&stage.crhost);
                register.args(["registry", "register", &registration(number, tls), "--flavor", "default", "--uri"]);
                let output = register.arg(fake.host(tls)).output().map_err(Failure::io("run", &stage.crhost))?;
                if !output.status.success() {
                    let said = String::from_utf8_lossy(&output.stderr).into_owned();
                    return Err(Failure::new(format!("crhost can't register the fake registry: {said}")));
                }
            }
        }
        Ok(stage)
    }

    /// A program in an environment that holds nothing of the user's.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear();
        for name in ["PATH", "DOCKER_HOST"] {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("HOME", self.directory.join("home"));
        command.env("CRHOST_HOME", self.directory.join("crhost"));
        command.env("DOCKER_CONFIG", self.directory.join("docker"));
        command.env("REGISTRY_AUTH_FILE", self.directory.join("docker/config.json"));
        command.env("SSL_CERT_FILE", self.directory.join("certs/ca.crt"));
        command
    }

    /// The directory for the image of one fake.
    pub(crate) fn layout(&self, number: usize) -> PathBuf {
        self.directory.join(format!("layout{number}"))
    }

    /// Commands that push the image in the layout of a fake to it, one after the other.
    pub(crate) fn push(&self, client: Client, number: usize, fake: &Fake, tls: bool) -> Vec<Command> {
        let layout = self.layout(number);
        let source = format!("oci:{}:{TAG}", layout.display());
        let destination = format!("{}/{REPOSITORY}:{TAG}", fake.host(tls));
        let mut command = match client {
            Client::Crhost => self.command(&self.crhost),
            other => self.command(Path::new(other.name())),
        };
        match client {
            Client::Crhost => {
                command.args(["push", &source, "--to", &registration(number, tls)]);
                command.args(["--as", &format!("{REPOSITORY}:{TAG}"), "--progress", "none"]);
            }
            Client::Skopeo => {
                command.args(["--insecure-policy", "copy", "--preserve-digests"]);
                command.arg(format!("--dest-tls-verify={tls}"));
                command.arg(format!("--dest-cert-dir={}", self.directory.join("certs").display()));
                command.args([&source, &format!("docker://{destination}")]);
            }
            Client::Crane => {
                command.args(["push", &layout.display().to_string(), &destination]);
            }
            Client::Oras => {
                command.args(["cp", "--from-oci-layout", &format!("{}:{TAG}", layout.display()), &destination]);
                command.arg("--to-registry-config").arg(self.directory.join("docker/config.json"));
                match tls {
                    true => command.arg("--to-ca-file").arg(self.directory.join("certs/ca.crt")),
                    false => command.arg("--to-plain-http"),
                };
            }
            Client::Podman => {
                // One storage for each fake, as each locks its own. `exec`, so that a push that hangs can be ended.
                let storage = self.directory.join(format!("podman{number}"));
                command = self.command(Path::new("sh"));
                // Podman makes a name of the path, which no capital letter of a temporary directory may be in.
                let source = format!("oci:layout{number}:{TAG}");
                command.current_dir(&self.directory).args(["-c", LOAD_AND_PUSH, "sh", &source, &destination]);
                command.arg(&storage).arg(tls.to_string()).arg(self.directory.join("certs"));
            }
            Client::Docker => {
                let mut load = self.command(Path::new("sh"));
                load.arg("-c").arg("tar -C \"$1\" -c . | docker load && docker tag \"$2\" \"$3\"");
                load.args(["sh", &layout.display().to_string(), LOADED, &destination]);
                command.args(["push", &destination]);
                return vec![load, command];
            }
        }
        vec![command]
    }
}

fn registration(number: usize, tls: bool) -> String {
    format!("{}{number}", if tls { "tls" } else { "plain" })
}
