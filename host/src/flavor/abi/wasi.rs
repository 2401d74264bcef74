//! The part of WASI 0.2 that standard libraries can't be linked without, over an empty context: clocks, random numbers,
//! closed standard streams, no environment, no files. Sockets and HTTP are closed too, see [`super::closed`]:
//! `crhost:flavor/http` is the only way out.

use wasmtime::component::Linker;
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView as _};
use wasmtime_wasi::p2::bindings::{cli, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView as _};

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
    filesystem::preopens::add_to_linker::<SandboxState, WasiFilesystem>(linker, SandboxState::filesystem)?;
    // Rust's `HashMap` takes its keys from these.
    random::insecure::add_to_linker::<SandboxState, WasiRandom>(linker, SandboxState::random)?;
    random::insecure_seed::add_to_linker::<SandboxState, WasiRandom>(linker, SandboxState::random)
}

#[cfg(test)]
mod tests {
    use wasmtime::component::Component;

    use super::*;
    use crate::flavor::abi;
    use crate::flavor::runtime::Runtime;

    /// Resources that interfaces below use, by the interfaces that define them.
    const RESOURCES: &str = r#"
        (import "wasi:io/poll@0.2.6" (instance $poll (export "pollable" (type (sub resource)))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:io/streams@0.2.6" (instance $streams
            (export "input-stream" (type (sub resource))) (export "output-stream" (type (sub resource)))))
        (alias export $streams "input-stream" (type $input))
        (alias export $streams "output-stream" (type $output))
        (import "wasi:filesystem/types@0.2.6" (instance $files (export "descriptor" (type (sub resource)))))
        (alias export $files "descriptor" (type $descriptor))
        (import "wasi:cli/terminal-input@0.2.6" (instance $tty-in (export "terminal-input" (type (sub resource)))))
        (alias export $tty-in "terminal-input" (type $terminal-input))
        (import "wasi:cli/terminal-output@0.2.6" (instance $tty-out (export "terminal-output" (type (sub resource)))))
        (alias export $tty-out "terminal-output" (type $terminal-output))"#;

    /// An export of each interface, as WASI 0.2.6 defines it.
    const EXPORTS: [(&str, &str); 20] = [
        ("wasi:cli/environment", r#"(export "get-arguments" (func (result (list string))))"#),
        ("wasi:cli/exit", r#"(export "exit" (func (param "status" (result))))"#),
        ("wasi:cli/stderr", r#"(export "get-stderr" (func (result (own $output))))"#),
        ("wasi:cli/stdin", r#"(export "get-stdin" (func (result (own $input))))"#),
        ("wasi:cli/stdout", r#"(export "get-stdout" (func (result (own $output))))"#),
        ("wasi:cli/terminal-input", r#"(export "terminal-input" (type (sub resource)))"#),
        ("wasi:cli/terminal-output", r#"(export "terminal-output" (type (sub resource)))"#),
        (
            "wasi:cli/terminal-stderr",
            r#"(export "get-terminal-stderr" (func (result (option (own $terminal-output)))))"#,
        ),
        ("wasi:cli/terminal-stdin", r#"(export "get-terminal-stdin" (func (result (option (own $terminal-input)))))"#),
        (
            "wasi:cli/terminal-stdout",
            r#"(export "get-terminal-stdout" (func (result (option (own $terminal-output)))))"#,
        ),
        ("wasi:clocks/monotonic-clock", r#"(export "now" (func (result u64)))"#),
        (
            "wasi:clocks/wall-clock",
            r#"(type $time (record (field "seconds" u64) (field "nanoseconds" u32)))
               (export "datetime" (type $datetime (eq $time))) (export "now" (func (result $datetime)))"#,
        ),
        (
            "wasi:filesystem/preopens",
            r#"(export "get-directories" (func (result (list (tuple (own $descriptor) string)))))"#,
        ),
        (
            "wasi:filesystem/types",
            r#"(export "descriptor" (type $d (sub resource)))
               (export "[method]descriptor.is-same-object"
                   (func (param "self" (borrow $d)) (param "other" (borrow $d)) (result bool)))"#,
        ),
        (
            "wasi:io/error",
            r#"(export "error" (type $e (sub resource)))
               (export "[method]error.to-debug-string" (func (param "self" (borrow $e)) (result string)))"#,
        ),
        (
            "wasi:io/poll",
            r#"(export "pollable" (type $p (sub resource)))
               (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))"#,
        ),
        (
            "wasi:io/streams",
            r#"(export "input-stream" (type $i (sub resource)))
               (export "[method]input-stream.subscribe" (func (param "self" (borrow $i)) (result (own $pollable))))"#,
        ),
        (
            "wasi:random/insecure",
            r#"(export "get-insecure-random-u64" (func (result u64)))
               (export "get-insecure-random-bytes" (func (param "len" u64) (result (list u8))))"#,
        ),
        ("wasi:random/insecure-seed", r#"(export "insecure-seed" (func (result (tuple u64 u64))))"#),
        ("wasi:random/random", r#"(export "get-random-u64" (func (result u64)))"#),
    ];

    #[tokio::test]
    async fn each_interface_that_is_offered_is_there() {
        assert_eq!(EXPORTS.map(|(name, _)| name), IMPORTS);
        let runtime = Runtime::new(None).unwrap();
        for (name, export) in EXPORTS {
            // One that defines a resource above can't be imported twice under one name, but in another version.
            let text = format!(r#"(component {RESOURCES} (import "{name}@0.2.3" (instance {export})))"#);
            let mut store = runtime.closed_store("test");
            let component = Component::new(store.engine(), wat::parse_str(&text).unwrap()).unwrap();
            let linker = abi::linker(store.engine()).unwrap();
            let instance = linker.instantiate_async(&mut store, &component).await;
            instance.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }
}
