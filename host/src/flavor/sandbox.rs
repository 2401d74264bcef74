//! The host's side of one call: all that the guest has in its sandbox.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::limits::{self, Meter};
use super::surroundings::{LogLevel, LogLine, Numbers, StoppedClock, Surroundings, numbers};
use crate::egress::EgressClient;
use crate::grant::Guest;
use crate::text::Escaped;

/// The state of the store of one call, gone with it. All that a flavor has is here; each default is listed.
///
/// A flavor can't
///
/// * read or write files: no directory is preopened, `wasi:filesystem` opens nothing;
/// * open sockets or look up names: `wasi:sockets` and `wasi:http` are names without anything behind them, and the WASI
///   context denies TCP, UDP and lookups besides;
/// * send a request but through [`EgressClient`], to hosts that the user granted, [`limits`] and `egress` bounding
///   number, time and size;
/// * see environment variables, arguments, the working directory or a terminal: all are empty;
/// * read standard input, which is closed, or write to standard output, which is discarded; its standard error is kept
///   up to [`limits::STDERR_BYTES`] and goes to the log on the level `debug` alone;
/// * start processes or threads: there is no such interface, and shared memory is off in the engine;
/// * read a secret: it holds handles in `table`, at most [`limits::HANDLES`];
/// * keep anything for its next call: memory, table, log and WASI context are new for each call;
/// * run for longer than its call may, or use more memory than [`Meter`] allows.
///
/// It can read the clocks of WASI and of the contract, and take random numbers, at most [`limits::RANDOM_BYTES`] at
/// once.
pub(super) struct SandboxState {
    /// Counts memory and table elements.
    pub(super) meter: Meter,
    /// The handles that the guest holds.
    pub(super) table: ResourceTable,
    /// The only way out.
    pub(super) egress: EgressClient,
    wasi: WasiCtx,
    stderr: MemoryOutputPipe,
    guest: Guest,
    log_lines_left: usize,
    surroundings: Surroundings,
}

/// The seed of `wasi:random/insecure-seed`, which standard libraries order hash tables by. The same one for every call:
/// a flavor whose answer depends on that order is wrong each time, and not once in a hundred pushes. Inputs that
/// collide on purpose cost the call's own time and memory, which are limited.
const HASH_SEED: u128 = 0x6372_686f_7374_2066_6c61_766f_7273;

impl SandboxState {
    /// The state of a call of `guest`, which the log names.
    pub(super) fn new(guest: &Guest, egress: EgressClient, surroundings: &Surroundings) -> Self {
        let stderr = MemoryOutputPipe::new(limits::STDERR_BYTES);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stderr(stderr.clone())
            .insecure_random_seed(HASH_SEED)
            .max_random_size(limits::RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        if let Some(time) = surroundings.clock {
            wasi.wall_clock(StoppedClock(time));
        }
        if let Some(seed) = surroundings.seed {
            wasi.secure_random(numbers(seed, Numbers::Secure)).insecure_random(numbers(seed, Numbers::Insecure));
        }
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::HANDLES);
        Self {
            meter: Meter::default(),
            table,
            egress: egress.within(surroundings.of_requests()),
            wasi: wasi.build(),
            stderr,
            guest: guest.clone(),
            log_lines_left: limits::LOG_LINES,
            surroundings: surroundings.clone(),
        }
    }

    /// Logs a line of the component under its name; lines above [`limits::LOG_LINES`] are dropped.
    pub(super) fn log(&mut self, level: LogLevel, message: &str) {
        let observer = self.surroundings.observer.as_deref();
        if self.log_lines_left == 0 {
            return observer.into_iter().for_each(|observer| observer.note(|observed| observed.dropped_lines += 1));
        }
        self.log_lines_left -= 1;
        let line = Escaped::new(message, limits::LOG_LINE_CHARS);
        if let Some(observer) = observer {
            return observer.note(|observed| observed.log.push(LogLine { level, message: line }));
        }
        match level {
            LogLevel::Debug => tracing::debug!("{}: {line}", self.guest),
            LogLevel::Info => tracing::info!("{}: {line}", self.guest),
            LogLevel::Warn => tracing::warn!("{}: {line}", self.guest),
        }
    }

    /// The guest's standard error, for the log.
    pub(super) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.contents()).into_owned()
    }

    /// What stands around the call.
    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }
}

impl WasiView for SandboxState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
