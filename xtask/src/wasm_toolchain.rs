//! The wasm targets that flavors and guests are built for: the active toolchain's own, or a toolchain kept in the
//! cache directory and made from Debian's packages.
//!
//! `host/build.rs` and the tests look in the same two places, in the same order.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::announce::say;
use crate::command::{answer, command, find, run_within};
use crate::debian_toolchain;
use crate::failure::{Failure, Result};
use crate::paths;
use crate::wasm_targets::{TARGETS, has_targets};

/// `debian` skips rustup, for machines where its downloads are known to fail.
const CHOICE: &str = "CRHOST_WASM_TOOLCHAIN";

const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

/// The name that authors type: `cargo +wasm build --target wasm32-wasip2`.
const LINK: &str = "wasm";

/// Sees to it that the targets are there.
pub(crate) fn provide() -> Result<()> {
    let ask_rustup = match env::var(CHOICE).as_deref() {
        Err(_) | Ok("" | "rustup") => true,
        Ok("debian") => false,
        Ok(other) => {
            return Err(Failure::new(format!("{CHOICE} is `{other}`; expected `rustup` or `debian`")));
        }
    };
    if active_toolchain_has_them() {
        return Ok(());
    }
    let directory = paths::cache()?.join("wasm-toolchain");
    let _lock = paths::lock("wasm-toolchain")?;
    if debian_toolchain::is_fresh(&directory) {
        say("wasm targets", format_args!("in {}", directory.display()));
        link(&directory);
        return Ok(());
    }
    if ask_rustup && find("rustup").is_some() {
        say("wasm targets", format_args!("asking rustup for {}", TARGETS.join(", ")));
        match run_within(RUSTUP_LIMIT, command("rustup", ["target", "add"]).args(TARGETS)) {
            Ok(()) if active_toolchain_has_them() => return Ok(()),
            Ok(()) => say("wasm targets", format_args!("rustup added them, but not to the active toolchain")),
            Err(failure) => say("wasm targets", format_args!("{}", failure.what())),
        }
    }
    if find("apt-get").is_none() {
        return Err(Failure::new("the active toolchain has no wasm targets")
            .hint(format!("install them, with rustup: `rustup target add {}`", TARGETS.join(" "))));
    }
    debian_toolchain::assemble(&directory)?;
    link(&directory);
    Ok(())
}

fn active_toolchain_has_them() -> bool {
    let sysroot =
        answer(&mut command("rustc", ["--print", "sysroot"])).filter(|sysroot| has_targets(Path::new(sysroot)));
    if let Some(sysroot) = &sysroot {
        say("wasm targets", format_args!("in the active toolchain, {sysroot}"));
    }
    sysroot.is_some()
}

/// Makes `cargo +wasm` mean that directory, unless it already means something else.
fn link(directory: &Path) {
    let home = env::var_os("RUSTUP_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".rustup")));
    let Some(linked) = home.map(|home| home.join("toolchains").join(LINK)).filter(|_| find("rustup").is_some()) else {
        return;
    };
    match (linked.canonicalize(), directory.canonicalize()) {
        (Ok(there), Ok(here)) if there == here => {}
        (Ok(there), _) => say("rustup", format_args!("`cargo +{LINK}` stays linked to {}", there.display())),
        (Err(_), _) => match answer(command("rustup", ["toolchain", "link", LINK]).arg(directory)) {
            Some(_) => say("rustup", format_args!("`cargo +{LINK}` is this toolchain")),
            // A convenience for authors; nothing here uses the name.
            None => say("rustup", format_args!("could not link `+{LINK}` to {}", directory.display())),
        },
    }
}
