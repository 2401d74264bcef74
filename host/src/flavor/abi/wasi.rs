//! The part of WASI 0.2 that standard libraries can't be linked without, over an empty context: clocks, random numbers,
//! closed standard streams, no environment, no files. No sockets and no HTTP: `crhost:flavor/http` is the only way out.

use wasmtime::component::Linker;
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, filesystem};

use crate::flavor::sandbox::SandboxState;

/// The interfaces that are offered.
pub(super) const IMPORTS: [&str; 20] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Whether a version of WASI is one that the host offers.
pub(super) fn speaks(version: &semver::Version) -> bool {
    (version.major, version.minor) == (0, 2)
}

/// Offers [`IMPORTS`].
///
/// # Errors
/// When the runtime refuses a definition, which no input can bring about.
pub(super) fn add_to_linker(linker: &mut Linker<SandboxState>) -> wasmtime::Result<()> {
    // Clocks, random numbers, streams and standard input and output.
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(linker)?;
    // The rest, interface by interface, so that nothing comes in with it.
    cli::environment::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    cli::exit::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    cli::terminal_input::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    cli::terminal_output::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    cli::terminal_stdin::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    cli::terminal_stdout::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    cli::terminal_stderr::add_to_linker::<SandboxState, WasiCli>(linker, SandboxState::cli)?;
    filesystem::types::add_to_linker::<SandboxState, WasiFilesystem>(linker, SandboxState::filesystem)?;
    filesystem::preopens::add_to_linker::<SandboxState, WasiFilesystem>(linker, SandboxState::filesystem)
}
