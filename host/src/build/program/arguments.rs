//! The command lines of programs that build. What is secret is never on one: a secret is the path of a file or the name
//! of a variable, and an argument whose value is in the environment stays there.

use std::ffi::OsString;
use std::path::Path;

use crate::build::asked_for::{Address, Program};
use crate::build::context::Context;
use crate::build::request::{Request, Secret, SecretSource};

/// What a program is called with.
pub(super) struct Call<'a> {
    pub(super) program: Program,
    pub(super) address: Option<&'a Address>,
    pub(super) request: &'a Request,
    pub(super) context: &'a Context,
    /// The secrets, each where the program can read it.
    pub(super) secrets: &'a [Secret],
    /// The file that the id of the image is written to, by programs with a store of their own.
    pub(super) id_file: &'a Path,
}

/// A command line as it grows.
#[derive(Default)]
struct Line(Vec<OsString>);

impl Line {
    fn add(&mut self, word: impl Into<OsString>) {
        self.0.push(word.into());
    }

    fn words(&mut self, words: &[&str]) {
        self.0.extend(words.iter().map(OsString::from));
    }

    /// `NAME=VALUE` in one word, so that no value is taken for an option.
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.push(assignment(name, value));
    }
}

impl Call<'_> {
    /// The command line of the build.
    pub(super) fn build(&self) -> Vec<OsString> {
        let mut line = Line::default();
        match self.program {
            Program::Buildctl => self.buildctl(&mut line),
            Program::Buildx => {
                line.words(&["buildx", "build", "--progress=plain"]);
                self.common(&mut line);
                self.caches(&mut line);
                let output = if self.request.is_pushed { "type=oci,dest=-" } else { "type=docker" };
                line.set("--output", output);
                line.add(self.context.directory.as_os_str());
            }
            Program::Buildah | Program::Podman => {
                // A build that fails leaves no container, either.
                line.words(&["build", "--layers", "--force-rm"]);
                line.set("--iidfile", self.id_file.as_os_str());
                self.common(&mut line);
                self.caches(&mut line);
                line.add(self.context.directory.as_os_str());
            }
        }
        line.0
    }

    /// The command line that writes an image of the program's own store to standard output, or to a file: Buildah
    /// refuses a file that has no name.
    pub(super) fn export(&self, id: &str, file: &Path) -> Vec<OsString> {
        let mut line = Line::default();
        match self.program {
            Program::Buildah => {
                line.words(&["push", "--quiet", id]);
                let mut archive = OsString::from("oci-archive:");
                archive.push(file);
                line.add(archive);
            }
            _ => line.words(&["save", "--quiet", "--format=oci-archive", id]),
        }
        line.0
    }

    /// What `docker buildx`, `buildah` and `podman` call alike.
    fn common(&self, line: &mut Line) {
        let request = self.request;
        line.set("--file", self.context.dockerfile_path());
        for name in &request.names {
            line.set("--tag", name);
        }
        for (name, value) in &request.arguments {
            match value {
                Some(value) => line.set("--build-arg", format!("{name}={value}")),
                None => line.set("--build-arg", name),
            }
        }
        if let Some(stage) = &request.stage {
            line.set("--target", stage);
        }
        for (name, value) in &request.labels {
            line.set("--label", format!("{name}={value}"));
        }
        if !request.platforms.is_empty() {
            line.set("--platform", self.platforms());
        }
        for secret in self.secrets {
            line.set("--secret", secret_word(secret));
        }
        if request.pull {
            line.words(&[if self.program == Program::Buildah { "--pull-always" } else { "--pull" }]);
        }
        if request.no_cache {
            line.words(&["--no-cache"]);
        }
        if let Some(network) = &request.network {
            line.set("--network", network);
        }
    }

    fn caches(&self, line: &mut Line) {
        for (name, caches) in [("--cache-from", &self.request.cache_from), ("--cache-to", &self.request.cache_to)] {
            caches.iter().for_each(|cache| line.set(name, cache));
        }
    }

    fn platforms(&self) -> String {
        self.request.platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    fn buildctl(&self, line: &mut Line) {
        let (request, file) = (self.request, self.context.dockerfile_path());
        if let Some(address) = self.address {
            line.set("--addr", address.as_str());
        }
        line.words(&["build", "--progress=plain", "--frontend=dockerfile.v0"]);
        line.set("--local", assignment("context", &self.context.directory));
        line.set("--local", assignment("dockerfile", file.parent().unwrap_or(Path::new("."))));
        let mut option = |name: &str, value: &str| line.set("--opt", format!("{name}={value}"));
        option("filename", &file.file_name().unwrap_or_default().to_string_lossy());
        for (name, value) in &request.arguments {
            option(&format!("build-arg:{name}"), value.as_deref().unwrap_or_default());
        }
        for (name, value) in &request.labels {
            option(&format!("label:{name}"), value);
        }
        if let Some(stage) = &request.stage {
            option("target", stage);
        }
        if !request.platforms.is_empty() {
            option("platform", &self.platforms());
        }
        if request.pull {
            option("image-resolve-mode", "pull");
        }
        if let Some(network) = &request.network {
            option("force-network-mode", network);
        }
        if request.no_cache {
            line.words(&["--no-cache"]);
        }
        for secret in self.secrets {
            line.set("--secret", secret_word(secret));
        }
        for (name, caches) in [("--import-cache", &request.cache_from), ("--export-cache", &request.cache_to)] {
            for cache in caches {
                let is_typed = cache.contains("type=");
                line.set(name, if is_typed { cache.clone() } else { format!("type=registry,ref={cache}") });
            }
        }
        if request.is_pushed {
            line.set("--output", "type=oci,dest=-");
        }
    }
}

/// `NAME=VALUE`.
fn assignment(name: &str, value: impl Into<OsString>) -> OsString {
    let mut word = OsString::from(format!("{name}="));
    word.push(value.into());
    word
}

/// `id=ID,src=FILE` or `id=ID,env=VARIABLE`.
fn secret_word(secret: &Secret) -> OsString {
    let mut word = OsString::from(format!("id={},", secret.id));
    word.push(match &secret.source {
        SecretSource::Variable(name) => assignment("env", name),
        SecretSource::File(file) => assignment("src", file),
    });
    word
}
