//! Builds the flavors and policies that crhost brings along, from their sources, and embeds them.
//!
//! `CRHOST_FLAVORS_DIR` names a directory of components built elsewhere, for packagers and machines without the target.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// Without WASI: a flavor of the house needs none, and has nothing then that it could misuse.
const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> ExitCode {
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Before the name of a built-in policy, in the name of its component's file.
const POLICY: &str = "policy-";

/// Writes the tables of embedded components, `builtin.rs` and `builtin_policies.rs`.
fn embed() -> Result<(), String> {
    println!("cargo::rerun-if-env-changed=CRHOST_FLAVORS_DIR");
    println!("cargo::rerun-if-env-changed=CRHOST_FLAVORS_RUSTFLAGS");
    // Names the version of 32-bit ARM, which `std::env::consts` leaves out.
    println!("cargo::rustc-env=CRHOST_TARGET={}", variable("TARGET")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    embed_sources(&out)?;
    let components = match env::var_os("CRHOST_FLAVORS_DIR") {
        // What is built here below is not watched: it is newer than this script's run, which would then run again.
        Some(directory) => {
            let directory = PathBuf::from(directory);
            println!("cargo::rerun-if-changed={}", directory.display());
            directory
        }
        None => build(&out)?,
    };
    let listing = |error| format!("the directory of flavors `{}` can't be read: {error}", components.display());
    let (mut table, mut policies) = (String::from("[\n"), String::from("[\n"));
    let mut files: Vec<PathBuf> =
        fs::read_dir(&components).map_err(listing)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "wasm")) {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-")).unwrap_or_default();
        let component = file.display().to_string();
        if let Some(name) = stem.strip_prefix(POLICY) {
            let line = format!("    BuiltInPolicy {{ name: {name:?}, component: include_bytes!({component:?}) }},");
            let _ = writeln!(policies, "{line}");
            continue;
        }
        let name = stem.strip_prefix("crhost-flavor-").unwrap_or(&stem);
        let description = description(name)?;
        let description = description.map(|file| format!("include_str!({:?})", file.display().to_string()));
        let description = description.map_or("None".to_owned(), |text| format!("Some({text})"));
        let _ = writeln!(
            table,
            "    BuiltIn {{ name: {name:?}, component: include_bytes!({component:?}), description: {description}, \
             digest: {{ static DIGEST: OnceLock<Digest> = OnceLock::new(); &DIGEST }}, \
             parsed: {{ static PARSED: OnceLock<Option<Description>> = OnceLock::new(); &PARSED }} }},"
        );
    }
    for (file, mut table) in [("builtin.rs", table), ("builtin_policies.rs", policies)] {
        table.push(']');
        let written = fs::write(out.join(file), table);
        written.map_err(|error| format!("`{}` can't be written: {error}", out.display()))?;
    }
    Ok(())
}

/// Directories of templates that their own builds and tests make.
const MADE: [&str; 6] = ["target", "node_modules", "bindings", "build", "__pycache__", ".venv"];

/// The one component in a template that nothing there makes: Go needs it to build its own.
const ADAPTER: &str = "wasi_snapshot_preview1.reactor.wasm";

/// Writes the table of the sources that `crhost flavor new` writes: templates, the SDK as a crate of its own, and the
/// contract.
fn embed_sources(out: &Path) -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    println!("cargo::rerun-if-changed={}", root.join("examples/templates").display());
    println!("cargo::rerun-if-changed={}", root.join("flavors/sdk").display());
    let mut files = Vec::new();
    list(&root.join("examples/templates"), "templates/", &mut files)?;
    list(&root.join("flavors/sdk/src"), "sdk/src/", &mut files)?;
    list(&root.join("wit"), "wit/", &mut files)?;
    // The contract of one version, and none of the older ones.
    files.retain(|(path, _)| !path.starts_with("wit/since-"));
    let manifest = out.join("sdk-Cargo.toml");
    let written = fs::write(&manifest, standalone_manifest(&root.join("flavors"))?);
    written.map_err(|error| format!("`{}` can't be written: {error}", manifest.display()))?;
    files.push(("sdk/Cargo.toml".to_owned(), manifest));
    files.push(("sdk/README.md".to_owned(), root.join("flavors/sdk/README.md")));
    files.push(("sdk/LICENSE".to_owned(), root.join("LICENSE")));
    files.sort();
    let mut table = String::from("[\n");
    for (path, file) in files {
        let _ = writeln!(
            table,
            "    Source {{ path: {path:?}, bytes: include_bytes!({:?}) }},",
            file.display().to_string()
        );
    }
    table.push(']');
    fs::write(out.join("sources.rs"), table).map_err(|error| format!("`{}` can't be written: {error}", out.display()))
}

/// Lists the files below a directory, each with `prefix` and its path, with slashes.
fn list(directory: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), String> {
    let failed = |error| format!("`{}` can't be listed: {error}", directory.display());
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        match path.is_dir() {
            true if MADE.contains(&name.as_str()) => {}
            true => list(&path, &format!("{prefix}{name}/"), files)?,
            false if name == ADAPTER => files.push((format!("{prefix}{name}"), path)),
            false if name.ends_with(".wasm") || name.ends_with(".lock") => {}
            false => files.push((format!("{prefix}{name}"), path)),
        }
    }
    Ok(())
}

/// The manifest of the SDK without its workspace: what it inherits stands in it, and the lints, which are ours, don't.
fn standalone_manifest(flavors: &Path) -> Result<String, String> {
    let read = |file: PathBuf| {
        fs::read_to_string(&file).map_err(|error| format!("`{}` can't be read: {error}", file.display()))
    };
    let (workspace, sdk) = (read(flavors.join("Cargo.toml"))?, read(flavors.join("sdk/Cargo.toml"))?);
    let inherited = |key: &str| {
        let found = workspace.lines().find(|line| line.split(" = ").next() == Some(key));
        found.ok_or_else(|| format!("`flavors/Cargo.toml` has no `{key}`, which `flavors/sdk/Cargo.toml` inherits"))
    };
    let mut manifest = String::new();
    for line in sdk.replace("[lints]\nworkspace = true\n", "").lines() {
        let line = match line.strip_suffix(".workspace = true") {
            Some(key) => inherited(key)?,
            None => line,
        };
        let _ = writeln!(manifest, "{line}");
    }
    Ok(manifest)
}

/// The file with the description of a built-in flavor, which saves running the component for it. Not beside the
/// flavor's sources: a change there builds all flavors. A component that was built elsewhere may have none.
fn description(name: &str) -> Result<Option<PathBuf>, String> {
    let directory = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("descriptions");
    println!("cargo::rerun-if-changed={}", directory.display());
    let file = directory.join(name).with_extension("json");
    Ok(file.is_file().then_some(file))
}

/// A variable that cargo sets for build scripts.
fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("`{name}` is not set: this is a build script of cargo"))
}

/// Compiles the flavors' workspace and gives the directory of its components.
fn build(out: &Path) -> Result<PathBuf, String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    for input in ["flavors/Cargo.toml", "flavors/Cargo.lock", "wit"] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    for directory in fs::read_dir(root.join("flavors")).into_iter().flatten().flatten() {
        if directory.file_name() != "target" {
            println!("cargo::rerun-if-changed={}", directory.path().display());
        }
    }
    let toolchain = Toolchain::find()?;
    let target = out.join("flavors");
    let mut cargo = Command::new(&toolchain.cargo);
    cargo
        .args(["build", "--quiet", "--release", "--locked", "--target", TARGET, "--manifest-path"])
        .arg(root.join("flavors/Cargo.toml"))
        .env("RUSTC", &toolchain.rustc)
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-component-ld");
    // What the outer build was told concerns the machine's own target.
    for inherited in [
        "CARGO_BUILD_TARGET",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
        "LD_LIBRARY_PATH",
    ] {
        cargo.env_remove(inherited);
    }
    // Such as those that map paths of this machine away.
    if let Some(flags) = env::var_os("CRHOST_FLAVORS_RUSTFLAGS") {
        cargo.env("RUSTFLAGS", flags);
    }
    let status =
        cargo.status().map_err(|error| format!("`{}` can't be started: {error}", toolchain.cargo.display()))?;
    if !status.success() {
        return Err(format!("the flavors in `flavors/` did not build for {TARGET}: {status}"));
    }
    Ok(target.join(TARGET).join("release"))
}

/// A compiler that has the target.
struct Toolchain {
    /// Its cargo.
    cargo: PathBuf,
    /// Its rustc.
    rustc: PathBuf,
}

impl Toolchain {
    /// The toolchain of this build where it has the target, otherwise the one that `cargo xtask setup` made.
    fn find() -> Result<Self, String> {
        let (cargo, rustc) = (PathBuf::from(variable("CARGO")?), PathBuf::from(variable("RUSTC")?));
        let sysroot = Command::new(&rustc).args(["--print", "sysroot"]).output().ok().filter(|o| o.status.success());
        let sysroot = sysroot.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        if sysroot.is_some_and(|root| root.join("lib/rustlib").join(TARGET).join("lib").is_dir()) {
            return Ok(Self { cargo, rustc });
        }
        let cache = env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
        if let Some(made) = cache.map(|cache| cache.join("crhost/wasm-toolchain"))
            && made.join("stamp").is_file()
        {
            println!("cargo::rerun-if-changed={}", made.join("stamp").display());
            expect_own(&made)?;
            return Ok(Self { cargo: made.join("bin/cargo"), rustc: made.join("bin/rustc") });
        }
        Err(format!(
            "the target {TARGET} is missing\n\nhint: run `cargo xtask setup`, or `rustup target add {TARGET}`, or set \
             CRHOST_FLAVORS_DIR to a directory of built flavors"
        ))
    }
}

/// Refuses a toolchain that another user could have put there or changed: its programs would run as this user. The
/// output directory of this build says who that is.
#[cfg(unix)]
fn expect_own(toolchain: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;

    let examine = |path: &Path| {
        fs::symlink_metadata(path).map_err(|error| format!("`{}` can't be examined: {error}", path.display()))
    };
    let user = examine(Path::new(&variable("OUT_DIR")?))?.uid();
    let inside = ["stamp", "bin", "bin/cargo", "bin/rustc"].map(|below| toolchain.join(below));
    let above = [toolchain.to_owned(), toolchain.join("..")];
    for path in above.iter().chain(&inside) {
        let found = examine(path)?;
        // The mode of a symbolic link means nothing; the directory that it is in keeps others out.
        if found.uid() != user || !found.is_symlink() && found.mode() & 0o022 != 0 {
            return Err(format!(
                "`{}` belongs to another user, or others can write to it\n\nhint: remove `{}` and run `cargo xtask setup`",
                path.display(),
                toolchain.display()
            ));
        }
    }
    Ok(())
}

/// On this system the place of the cache in the user's profile is protection enough.
#[cfg(not(unix))]
fn expect_own(_toolchain: &Path) -> Result<(), String> {
    Ok(())
}
