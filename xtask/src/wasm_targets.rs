//! The wasm targets that flavors and guests are built for.

use std::fs;
use std::path::Path;

/// What a flavor may be built for: today's standard, what cargo-component builds, and what has no WASI at all.
pub(crate) const TARGETS: [&str; 3] = ["wasm32-wasip2", "wasm32-wasip1", "wasm32-unknown-unknown"];

/// Whether a sysroot has the standard library for every target.
pub(crate) fn has_targets(sysroot: &Path) -> bool {
    TARGETS.iter().all(|target| {
        let libraries = fs::read_dir(sysroot.join("lib/rustlib").join(target).join("lib"));
        libraries.into_iter().flatten().flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}
