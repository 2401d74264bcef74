//! The program under test, in a home of its own.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::ops::Deref;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{self, Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::images::image::{Image, architecture};
use crate::support::images::image_files;
use crate::support::images::noise::here;
use crate::support::programs::process::{self, Finished, Server};
use crate::support::programs::registry::Registry;
use crate::support::programs::tree::Tree;

/// A user who has never run crhost: empty directories, and of the machine's environment only its programs and its
/// Docker daemon.
pub(crate) struct Home {
    directory: TempDir,
    environment: BTreeMap<String, OsString>,
}

/// How a run of crhost went wrong.
pub(crate) struct Refused(Finished);

impl Home {
    /// A new user, for whom every flavor has yet to be compiled.
    pub(crate) fn without_cache() -> Self {
        let directory = TempDir::new().unwrap();
        let mut environment = BTreeMap::new();
        // The daemon may be elsewhere on this machine; programs are.
        for inherited in ["PATH", "DOCKER_HOST"] {
            if let Some(value) = env::var_os(inherited) {
                environment.insert(inherited.to_owned(), value);
            }
        }
        for (name, below) in [("HOME", "home"), ("CRHOST_HOME", "crhost"), ("DOCKER_CONFIG", "docker")] {
            let path = directory.path().join(below);
            // crhost makes its own.
            if name != "CRHOST_HOME" {
                fs::create_dir(&path).unwrap();
            }
            environment.insert(name.to_owned(), path.into_os_string());
        }
        Self { directory, environment }
    }

    /// A user for whom the built-in flavors are compiled already: that takes seconds, and is what few tests are about.
    pub(crate) fn new() -> Self {
        static CACHE: OnceLock<Tree> = OnceLock::new();
        let home = Self::without_cache();
        CACHE.get_or_init(|| cache_after(Self::without_cache(), compile_built_in)).write(&home.path(CACHE_DIRECTORY));
        home
    }

    /// The same, with a registered guest that was granted all that it asks for, or what `grants` says.
    #[track_caller]
    pub(crate) fn with_guest(component: &Path, grants: &[&str]) -> Self {
        static CACHES: Mutex<BTreeMap<PathBuf, Arc<Tree>>> = Mutex::new(BTreeMap::new());
        let register = |home: &Self| home.ok(&[&["flavor", "register", component.to_str().unwrap()], grants].concat());
        let mut caches = CACHES.lock();
        let compile = || Arc::new(cache_after(Self::new(), register));
        let cache = Arc::clone(caches.entry(component.to_owned()).or_insert_with(compile));
        drop(caches);
        let home = Self::without_cache();
        cache.write(&home.path(CACHE_DIRECTORY));
        register(&home);
        home
    }

    /// The same, with a small image for this machine at `oci:layout:v1`.
    pub(crate) fn with_image() -> (Self, Image) {
        let (home, image) = (Self::new(), Image::small(here!(), architecture()));
        image_files::layout(&home.path("layout"), &[("v1", &image)]);
        (home, image)
    }

    /// A user with an image at `oci:layout:v1`, and a registry named `local`.
    #[track_caller]
    pub(crate) fn with_registry(registry: &Registry) -> Self {
        let home = Self::new();
        home.register("local", registry.host());
        image_files::layout(&home.path("layout"), &[("v1", &Image::new(here!()))]);
        home
    }

    /// A file or directory of the test, outside of crhost's own directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Sets a variable of the environment.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    /// Does what `docker login` does without a helper.
    pub(crate) fn docker_login(&self, host: &str, user: &str, password: &str) {
        self.docker_config(&json!({"auths": {host: {"auth": STANDARD.encode(format!("{user}:{password}"))}}}));
    }

    /// Writes Docker's configuration.
    pub(crate) fn docker_config(&self, config: &Value) {
        fs::write(self.path("docker/config.json"), config.to_string()).unwrap();
    }

    /// Installs a credential helper (a fake one, of a few lines) that knows one password for all registries.
    pub(crate) fn helper(&mut self, name: &str, user: &str, password: &str) {
        let directory = self.path("helpers");
        fs::create_dir_all(&directory).unwrap();
        let answer = json!({"ServerURL": "", "Username": user, "Secret": password});
        let script = format!("#!/bin/sh\n[ \"$1\" = get ] && cat >/dev/null && echo '{answer}'\n");
        let file = directory.join(name);
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        self.prepend_path(&directory);
    }

    /// Puts the program on the `PATH`, under a name.
    pub(crate) fn install(&mut self, name: &str) {
        let directory = self.path("bin");
        fs::create_dir_all(&directory).unwrap();
        symlink(program(), directory.join(name)).unwrap();
        self.prepend_path(&directory);
    }

    /// Has programs of a directory found before all others.
    pub(crate) fn prepend_path(&mut self, directory: &Path) {
        let inherited = self.environment.get("PATH").cloned().unwrap_or_default();
        let path = env::join_paths([directory.to_owned()].into_iter().chain(env::split_paths(&inherited))).unwrap();
        self.set("PATH", path);
    }

    /// Another program, in this home.
    pub(crate) fn other(&self, program: &str) -> Command {
        // Found by the `PATH` of the home, and not of this process.
        let directories = env::split_paths(self.environment.get("PATH").unwrap());
        let found = directories.map(|directory| directory.join(program)).find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| program.into()));
        command.env_clear().envs(&self.environment).current_dir(self.directory.path());
        command
    }

    /// The program, in this home.
    pub(crate) fn command<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(program());
        command.env_clear().envs(&self.environment).current_dir(self.directory.path());
        command.args(arguments.iter().map(AsRef::as_ref));
        command
    }

    /// Runs it, whatever comes of it.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        process::run(&mut self.command(arguments))
    }

    /// Runs it and expects success.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> Finished {
        self.run(arguments).ok()
    }

    /// Runs it and expects a failure in the form that every failure has: an exit code, nothing on standard output, one
    /// line with the error, and one with a hint.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> Refused {
        let finished = self.run(arguments);
        assert_eq!(finished.code, Some(code), "expected exit code {code}{finished}");
        assert_eq!(finished.stdout, "", "a failure has no result{finished}");
        let refused = Refused(finished);
        assert!(!refused.error().is_empty() && !refused.error().ends_with('.'), "{}", refused.0);
        assert!(!refused.hint().is_empty(), "no hint{}", refused.0);
        assert!(!refused.stderr.contains("panicked"), "{}", refused.0);
        refused
    }

    /// Registers a registry of the flavor `default`.
    #[track_caller]
    pub(crate) fn register(&self, name: &str, uri: &str) {
        self.ok(&["registry", "register", name, "--flavor", "default", "--uri", uri]);
    }

    /// Starts `crhost serve` on a free port and gives its host.
    #[track_caller]
    pub(crate) fn serve(&self) -> (Server, String) {
        self.serve_with(&["serve", "--listen", "127.0.0.1:0"])
    }

    /// Starts `crhost serve` with other arguments, on a free port.
    #[track_caller]
    pub(crate) fn serve_with(&self, arguments: &[&str]) -> (Server, String) {
        let server = Server::start(&mut self.command(arguments));
        let port: u16 = server.wait_for(|line| {
            line.split_once("127.0.0.1:")?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        });
        (server, format!("localhost:{port}"))
    }
}

impl Refused {
    /// What is wrong, in one line.
    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        let error = self.0.stderr.lines().find_map(|line| line.strip_prefix("error: "));
        error.unwrap_or_else(|| panic!("no line says `error:`{}", self.0))
    }

    /// What to do about it.
    #[track_caller]
    pub(crate) fn hint(&self) -> &str {
        let hint = self.0.stderr.lines().find_map(|line| line.strip_prefix("hint: "));
        hint.unwrap_or_else(|| panic!("no line says `hint:`{}", self.0))
    }

    /// Expects words in what is wrong or what to do.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.error().contains(words) || self.hint().contains(words), "it does not say `{words}`{}", self.0);
        self
    }
}

impl Deref for Refused {
    type Target = Finished;

    fn deref(&self) -> &Finished {
        &self.0
    }
}

/// Compiled code, below a home.
const CACHE_DIRECTORY: &str = "crhost/cache";

/// The compiled code of a home after some work there.
fn cache_after<T>(home: Home, work: impl FnOnce(&Home) -> T) -> Tree {
    work(&home);
    Tree::read(&home.path(CACHE_DIRECTORY))
}

/// Has each built-in flavor compiled: each judges a URI, whatever it says of it.
fn compile_built_in(home: &Home) {
    for flavor in built_in() {
        home.run(&["registry", "register", &flavor, "--flavor", &flavor, "--uri", "localhost:1/acme", "--no-verify"]);
    }
}

/// The arguments that push `oci:layout:v1`.
pub(crate) fn push_layout<'a>(to: &'a str, repository: &'a str) -> [&'a str; 6] {
    ["push", "oci:layout:v1", "--to", to, "--as", repository]
}

/// The repository's root.
pub(crate) fn repository() -> &'static Path {
    // Compiled in: cargo rebuilds this program when the repository moves.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The names of the built-in flavors, in order: the crates of `flavors/`.
pub(crate) fn built_in() -> Vec<String> {
    let entries = fs::read_dir(repository().join("flavors")).unwrap().map(|entry| entry.unwrap());
    let crates = entries.filter(|entry| entry.path().join("Cargo.toml").is_file());
    let mut names: Vec<String> = crates.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "sdk");
    names.sort();
    names
}

/// The directory of cargo's outputs.
pub(crate) fn target() -> PathBuf {
    // This program is at `<target>/<profile>/deps/e2e-…`.
    env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

/// The absolute path of the program.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match env::var_os("CRHOST_BIN") {
        Some(program) => path::absolute(program).unwrap(),
        None => {
            let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.args(["build", "--quiet", "--package", "crhost"]).current_dir(repository());
            let status = cargo.status().unwrap();
            assert!(status.success(), "crhost did not build: {status}");
            target().join("debug").join(format!("crhost{}", env::consts::EXE_SUFFIX))
        }
    })
}
