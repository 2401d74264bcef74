//! Flavors in Rust, built as their authors build them.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::programs::crhost::{repository, target};
use crate::support::programs::process;

/// Builds a guest of `tests/guests/`, or the example, with plain cargo, once in a run of the tests.
#[track_caller]
pub(crate) fn build_with_cargo(name: &str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    // Builds that are wanted at the same time wait for each other, as cargo has them do.
    let mut built = BUILT.lock();
    let build = || {
        let directory = target().join("guests/cargo");
        let arguments = ["build", "--quiet", "--release", "--locked", "--target", "wasm32-wasip2"];
        process::run(Toolchain::find().cargo(name, &directory).args(arguments)).ok();
        directory.join("wasm32-wasip2/release").join(format!("{name}.wasm"))
    };
    built.entry(name.to_owned()).or_insert_with(build).clone()
}

/// Builds it with cargo-component; absent where that is not installed.
#[track_caller]
pub(crate) fn build_with_cargo_component(name: &str) -> Option<PathBuf> {
    let directory = target().join("guests/cargo-component");
    let toolchain = Toolchain::find();
    if process::run(toolchain.cargo(name, &directory).args(["component", "--version"])).code != Some(0) {
        return None;
    }
    process::run(toolchain.cargo(name, &directory).args(["component", "build", "--quiet", "--release"])).ok();
    Some(directory.join("wasm32-wasip1/release").join(format!("{name}.wasm")))
}

/// Builds the project of an author's flavor with plain cargo, and gives the component of its crate.
#[track_caller]
pub(crate) fn build_project(project: &Path, name: &str) -> PathBuf {
    let arguments = ["build", "--quiet", "--release", "--target", "wasm32-wasip2"];
    process::run(Toolchain::find().cargo_in(project, &projects()).args(arguments)).ok();
    projects().join("wasm32-wasip2/release").join(format!("{name}.wasm"))
}

/// Builds it with cargo-component; absent where that is not installed.
#[track_caller]
pub(crate) fn build_project_with_cargo_component(project: &Path, name: &str) -> Option<PathBuf> {
    let toolchain = Toolchain::find();
    if process::run(toolchain.cargo_in(project, &projects()).args(["component", "--version"])).code != Some(0) {
        return None;
    }
    process::run(toolchain.cargo_in(project, &projects()).args(["component", "build", "--quiet", "--release"])).ok();
    Some(projects().join("wasm32-wasip1/release").join(format!("{name}.wasm")))
}

/// Runs its own tests, natively.
#[track_caller]
pub(crate) fn test_project(project: &Path) {
    let native = Toolchain { programs: None };
    process::run(native.cargo_in(project, &projects()).args(["test", "--quiet"])).ok();
}

/// Runs cargo in the crate of the SDK.
#[track_caller]
pub(crate) fn cargo_of_sdk(arguments: &[&str]) -> process::Finished {
    let (native, sdk) = (Toolchain { programs: None }, repository().join("flavors/sdk"));
    process::run(native.cargo_in(&sdk, &target().join("guests/sdk")).args(arguments)).ok()
}

/// Where projects of authors are built: the crates that they depend on are built once.
fn projects() -> PathBuf {
    target().join("guests/projects")
}

/// A cargo and a rustc that have the targets of guests.
struct Toolchain {
    /// The directory of both; absent for those of this machine's user.
    programs: Option<PathBuf>,
}

impl Toolchain {
    /// The user's own where it has the target, otherwise the one that `cargo xtask setup` made.
    #[track_caller]
    fn find() -> Self {
        let sysroot = process::tool("rustc", ["--print", "sysroot"]).ok();
        if Path::new(sysroot.stdout.trim()).join("lib/rustlib/wasm32-wasip2/lib").is_dir() {
            return Self { programs: None };
        }
        let cache = env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| Some(env::home_dir()?.join(".cache")))
            .unwrap();
        let made = cache.join("crhost/wasm-toolchain");
        assert!(made.join("stamp").is_file(), "the target wasm32-wasip2 is missing: run `cargo xtask setup`");
        Self { programs: Some(made.join("bin")) }
    }

    /// A cargo that knows nothing of the one that runs this test.
    fn cargo(&self, name: &str, target: &Path) -> Command {
        self.cargo_in(&sources(name), target)
    }

    /// The same, in the directory of a crate.
    fn cargo_in(&self, directory: &Path, target: &Path) -> Command {
        let mut cargo = Command::new("cargo");
        for (variable, _) in env::vars_os() {
            let text = variable.to_string_lossy();
            let of_the_outer_cargo = text.starts_with("CARGO") && text != "CARGO_HOME";
            if of_the_outer_cargo || text.starts_with("RUSTFLAGS") || text.starts_with("RUSTC") {
                cargo.env_remove(&variable);
            }
        }
        if let Some(programs) = &self.programs {
            // In front, so that cargo-component finds its `rustc` too.
            let path = env::var_os("PATH").unwrap_or_default();
            let paths = [programs.clone()].into_iter().chain(env::split_paths(&path));
            cargo.env("PATH", env::join_paths(paths).unwrap());
            cargo.env("CARGO", programs.join("cargo")).env("RUSTC", programs.join("rustc"));
        }
        cargo.env("CARGO_TARGET_DIR", target).current_dir(directory);
        cargo
    }
}

/// The directory of a guest's crate. The flavor `drawer` is the example for authors, and as good a guest as any.
fn sources(name: &str) -> PathBuf {
    match name {
        "drawer" => repository().join("examples/flavor"),
        _ => repository().join("tests/guests").join(name),
    }
}
