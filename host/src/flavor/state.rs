//! What one call of a flavor has: its limits, an empty WASI context, its log.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use super::limits::{self, Meter};
use crate::egress::Door;
use crate::text::printable;

/// The host's side of one store. A store lives for one call.
pub(super) struct State {
    pub(super) meter: Meter,
    pub(super) table: ResourceTable,
    pub(super) door: Door,
    wasi: WasiCtx,
    stderr: MemoryOutputPipe,
    flavor: String,
    lines_left: usize,
}

/// How loud a line of a flavor's log is.
pub(super) enum Level {
    Debug,
    Info,
    Warn,
}

impl State {
    /// The state of a call of the flavor that the user knows as `flavor`.
    pub(super) fn new(flavor: &str, door: Door) -> Self {
        let stderr = MemoryOutputPipe::new(limits::STDERR_BYTES);
        let mut wasi = WasiCtxBuilder::new();
        wasi.stderr(stderr.clone())
            .max_random_size(limits::RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::HANDLES);
        Self {
            meter: Meter::default(),
            table,
            door,
            wasi: wasi.build(),
            stderr,
            flavor: flavor.to_owned(),
            lines_left: limits::LOG_LINES,
        }
    }

    /// Shows a line that the flavor logged, under the flavor's name.
    pub(super) fn log(&mut self, level: &Level, message: &str) {
        if self.lines_left == 0 {
            return;
        }
        self.lines_left -= 1;
        let line = printable(message, limits::LOG_LINE_CHARS);
        match level {
            Level::Debug => tracing::debug!("flavor `{}`: {line}", self.flavor),
            Level::Info => tracing::info!("flavor `{}`: {line}", self.flavor),
            Level::Warn => tracing::warn!("flavor `{}`: {line}", self.flavor),
        }
    }

    /// What the flavor wrote to its standard error, for the person who debugs it.
    pub(super) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.contents()).into_owned()
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
