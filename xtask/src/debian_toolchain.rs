//! A wasm toolchain from Debian's packages, for machines where rustup cannot download: Debian's compiler and sources,
//! the standard library built once per target, and a directory that `rustc` accepts as its sysroot.
//!
//! Whoever uses it needs neither nightly nor `-Zbuild-std`: `<directory>/bin/cargo` and `<directory>/bin/rustc` are
//! ordinary ones. It is built aside and renamed into place, so that it is either whole or not there.

use std::fs::{self, DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::announce::say;
use crate::command::{answer, command, is_executable, run_quietly};
use crate::failure::{Failure, Result};
use crate::packages;
use crate::wasm_targets::{TARGETS, has_targets};

const PACKAGES: [&str; 7] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "wasi-libc", "gcc", "libc6-dev"];

// Debian's files, never what PATH finds: rustup's compiler would not fit Debian's sources.
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LLD: &str = "/usr/bin/rust-lld";
const RUSTLIB: &str = "/usr/lib/rustlib";
const LIBRARY_SOURCES: &str = "/usr/lib/rustlib/src/rust/library";
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi";

/// Raise it when the directory's contents change for another reason than new packages.
const RECIPE: u32 = 1;

/// What a user's cargo settings could do to the standard library, or to Debian's compiler.
const FOREIGN_SETTINGS: [&str; 7] = [
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    // `cargo run` puts the active toolchain's libraries there.
    "LD_LIBRARY_PATH",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTUP_TOOLCHAIN",
];

/// A sysroot is chosen by the caller, or is the directory that this wrapper lies in: so it may be renamed and linked.
const WRAPPER: &str = r#"#!/bin/sh
for argument; do case $argument in --sysroot|--sysroot=*) exec /usr/bin/TOOL "$@";; esac; done
exec /usr/bin/TOOL --sysroot "${0%/bin/*}" "$@"
"#;

/// Enough of the standard library to show that a guest links.
const SMOKE: &str = r#"#[unsafe(no_mangle)]
pub extern "C" fn smoke(n: u32) -> usize { (0..n).map(|i| format!("{i}")).collect::<Vec<_>>().concat().len() }
"#;

/// Whether the directory holds what the packages installed now would give.
pub(crate) fn is_fresh(directory: &Path) -> bool {
    let stamp = fs::read_to_string(directory.join("stamp")).ok();
    stamp.is_some() && stamp == wanted_stamp() && has_targets(directory)
}

/// Installs what is missing and puts the toolchain at that place.
pub(crate) fn assemble(directory: &Path) -> Result<()> {
    if directory.exists() && !directory.join("stamp").exists() {
        return Err(Failure::new(format!("`{}` is not a toolchain made here", directory.display()))
            .hint("move it away, then run `cargo xtask setup` again"));
    }
    install()?;
    let stamp = wanted_stamp()
        .ok_or_else(|| Failure::new("Debian's Rust is incomplete although its packages are installed"))?;
    // The caller's lock makes it ours. An interrupted run may have left its pieces there.
    let aside = directory.with_extension("new");
    clear(&aside)?;
    make_directory(&aside)?;
    let outcome = assemble_aside(&aside, &stamp).and_then(|new| replace(directory, &new, &aside.join("old")));
    clear(&aside)?;
    outcome?;
    say("wasm targets", format_args!("in {}, made from Debian's packages", directory.display()));
    Ok(())
}

fn assemble_aside(aside: &Path, stamp: &str) -> Result<PathBuf> {
    say("wasm targets", format_args!("building the standard library (about four minutes of processor time, once)"));
    build_library(aside)?;
    let toolchain = aside.join("toolchain");
    collect(aside, &toolchain)?;
    link_something(aside, &toolchain)?;
    write(&toolchain.join("stamp"), stamp)?;
    Ok(toolchain)
}

fn install() -> Result<()> {
    let complete = [CARGO, "/usr/bin/cc"].iter().all(|program| is_executable(Path::new(program)))
        && Path::new(LIBRARY_SOURCES).join("sysroot/Cargo.toml").exists();
    if complete && wanted_stamp().is_some() {
        return Ok(());
    }
    packages::install(&PACKAGES)?;
    // rust-web-llvm brings only a link, whose target has the name of the package that it is in: `lld-22`.
    let missing = fs::read_link(LLD).ok().filter(|_| !Path::new(LLD).exists());
    match missing.as_deref().and_then(Path::file_name).and_then(|name| name.to_str()) {
        Some(package) => packages::install(&[package]),
        None => Ok(()),
    }
}

/// Names everything that the contents depend on; nothing if a part is not installed.
fn wanted_stamp() -> Option<String> {
    let compiler = answer(&mut command(RUSTC, ["-vV"]))?;
    let lld = fs::canonicalize(LLD).ok()?;
    let libc = File::open(Path::new(WASI_LIBC).join("libc.a")).ok()?;
    let checksum = answer(Command::new("cksum").stdin(Stdio::from(libc)))?;
    Path::new(&linker_wrapper(&compiler)?).exists().then_some(())?;
    Some(format!("recipe {RECIPE}\n{compiler}\n{}\n{checksum}\n", lld.display()))
}

/// wasm-component-ld, in the compiler's own directory of tools.
fn linker_wrapper(compiler: &str) -> Option<String> {
    let host = compiler.lines().find_map(|line| line.strip_prefix("host: "))?;
    Some(format!("{RUSTLIB}/{host}/bin/wasm-component-ld"))
}

fn build_library(aside: &Path) -> Result<()> {
    let sources = fs::canonicalize(LIBRARY_SOURCES).map_err(Failure::io("find", Path::new(LIBRARY_SOURCES)))?;
    // `dist` embeds bitcode, so that a guest's own profile may use LTO.
    let arguments =
        ["build", "--quiet", "--locked", "--profile=dist", "--config=profile.dist.debug=0", "--manifest-path"];
    let mut build = command(CARGO, arguments);
    build.arg(sources.join("sysroot/Cargo.toml")).args(TARGETS.iter().flat_map(|target| ["--target", target]));
    for name in FOREIGN_SETTINGS {
        build.env_remove(name);
    }
    // Away from any project's settings; the environment is for this one build, users of the result need none of it.
    build
        .current_dir(aside)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", aside.join("target"))
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            "RUSTFLAGS",
            format!("-Zforce-unstable-if-unmarked --remap-path-prefix={}=/rustc/library", sources.display()),
        )
        .env("__CARGO_DEFAULT_LIB_METADATA", format!("wasm-toolchain-{RECIPE}"));
    run_quietly(&mut build)
}

/// Lays out a sysroot: libraries built just now, everything else linked to where Debian has it.
fn collect(aside: &Path, toolchain: &Path) -> Result<()> {
    let compiler = answer(&mut command(RUSTC, ["-vV"])).unwrap_or_default();
    let host = compiler.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let rustlib = toolchain.join("lib/rustlib");
    let (bin, tools) = (toolchain.join("bin"), rustlib.join(host).join("bin"));
    make_directory(&bin)?;
    make_directory(&tools)?;
    for target in TARGETS {
        let library = rustlib.join(target).join("lib");
        make_directory(&library)?;
        copy_matching(&aside.join("target").join(target).join("dist/deps"), &library, |name| name.ends_with(".rlib"))?;
        if target.contains("-wasi") {
            let own = library.join("self-contained");
            make_directory(&own)?;
            copy_matching(Path::new(WASI_LIBC), &own, |name| {
                matches!(name, "crt1-command.o" | "crt1-reactor.o") || name.starts_with("lib") && name.ends_with(".a")
            })?;
        }
    }
    let lld = fs::canonicalize(LLD).map_err(Failure::io("find", Path::new(LLD)))?;
    let debian = PathBuf::from(RUSTLIB);
    for (original, link) in [
        (debian.join(host).join("lib"), rustlib.join(host).join("lib")),
        (debian.join("src"), rustlib.join("src")),
        (debian.join(host).join("bin/wasm-component-ld"), tools.join("wasm-component-ld")),
        (lld.clone(), tools.join("rust-lld")),
        (lld, tools.join("wasm-ld")),
        (PathBuf::from(CARGO), bin.join("cargo")),
    ] {
        symlink(original, &link).map_err(Failure::io("create", &link))?;
    }
    for tool in ["rustc", "rustdoc"] {
        let wrapper = bin.join(tool);
        write(&wrapper, &WRAPPER.replace("TOOL", tool))?;
        fs::set_permissions(&wrapper, Permissions::from_mode(0o755)).map_err(Failure::io("change", &wrapper))?;
    }
    // Formatting does not depend on the compiler's version: the active toolchain lends its own.
    for tool in ["rustfmt", "cargo-fmt"] {
        if let Some(path) = answer(&mut command("rustup", ["which", tool])) {
            let link = bin.join(tool);
            symlink(path, &link).map_err(Failure::io("create", &link))?;
        }
    }
    Ok(())
}

/// Builds a guest for each target, and one with the linker that makes components without WASI.
fn link_something(aside: &Path, toolchain: &Path) -> Result<()> {
    let source = aside.join("smoke.rs");
    write(&source, SMOKE)?;
    let component = ("wasm32-unknown-unknown", Some("-Clinker=wasm-component-ld"));
    for (target, linker) in TARGETS.map(|target| (target, None)).into_iter().chain([component]) {
        let mut rustc =
            command(toolchain.join("bin/rustc"), ["--edition=2024", "--crate-type=cdylib", "-Copt-level=s", "-Clto"]);
        rustc.args(["--target", target, "-o", "smoke.wasm"]).args(linker).arg(&source).current_dir(aside);
        run_quietly(rustc.env_remove("LD_LIBRARY_PATH")).map_err(|failure| {
            Failure::new(format!("the new toolchain does not link for {target}: {}", failure.what()))
        })?;
    }
    Ok(())
}

/// Moves the new one in, so that at every moment the whole of one or the other is there, or nothing.
fn replace(directory: &Path, new: &Path, old: &Path) -> Result<()> {
    if directory.exists() {
        fs::rename(directory, old).map_err(Failure::io("move", directory))?;
    }
    fs::rename(new, directory).map_err(Failure::io("move", new))
}

fn clear(directory: &Path) -> Result<()> {
    if directory.exists() { fs::remove_dir_all(directory).map_err(Failure::io("remove", directory)) } else { Ok(()) }
}

/// Under any umask, nobody else may write to it: `host/build.rs` runs what is in it.
fn make_directory(path: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(Failure::io("create", path))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Failure::io("write", path))?;
    fs::set_permissions(path, Permissions::from_mode(0o644)).map_err(Failure::io("change", path))
}

fn copy_matching(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(from).map_err(Failure::io("read", from))? {
        let name = entry.map_err(Failure::io("read", from))?.file_name();
        if wanted(&name.to_string_lossy()) {
            let source = from.join(&name);
            fs::copy(&source, to.join(&name)).map_err(Failure::io("copy", &source))?;
        }
    }
    Ok(())
}
