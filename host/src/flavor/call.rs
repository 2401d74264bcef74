//! One call of a flavor: its store, its time, and what it used.

use std::time::{Duration, Instant};

use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

use super::abi::Answer;
use super::error::Cause;
use super::limits::{self, Exceeded};
use super::model::Failure;
use super::state::State;
use crate::store::Run;
use crate::text::printable;

/// What one call used, and what it was denied.
pub(super) struct Usage {
    time: Duration,
    memory: usize,
    requests: usize,
    /// How the user grants what was denied.
    pub(super) grant: Option<String>,
}

impl Usage {
    /// The call as it is remembered.
    pub(super) fn run(&self, function: &str, outcome: &str) -> Run {
        let [function, outcome] = [function, outcome].map(str::to_owned);
        Run { function, outcome, time: self.time, memory: self.memory, requests: self.requests }
    }
}

/// One call in its fresh store, within its time. The store is gone after it.
pub(super) async fn run<T>(
    mut store: Store<State>,
    flavor: &str,
    time: Duration,
    call: impl AsyncFnOnce(&mut Store<State>) -> Answer<T>,
) -> (Result<Result<T, Failure>, Cause>, Usage) {
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(limits::LIFTED_BYTES);
    store.set_max_component_handles(limits::HANDLES);
    let start = Instant::now();
    let deadline = start + time;
    store.set_epoch_deadline(1);
    // A busy guest yields at each tick, so that one thread can serve others and the time limit below can strike.
    store.epoch_deadline_callback(move |_| {
        Ok(if Instant::now() >= deadline { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
    });
    // Whatever the guest waits for in the host is dropped when its time is up: no request can stretch it.
    let outcome = tokio::time::timeout(time, call(&mut store)).await;
    let state = store.data();
    let stderr = state.stderr();
    if !stderr.is_empty() {
        tracing::debug!(
            "flavor `{flavor}` wrote to its standard error: {}",
            printable(&stderr, limits::LOG_LINE_CHARS)
        );
    }
    let usage = Usage {
        time: start.elapsed(),
        memory: state.meter.memory(),
        requests: state.door.requests(),
        grant: state.door.denial().and_then(|denial| denial.hint()).map(str::to_owned),
    };
    let outcome = match outcome {
        Err(_) => Err(Cause::Time(time)),
        Ok(Ok(answer)) => answer.map_err(Cause::Output),
        Ok(Err(error)) => Err(cause(&error, state.meter.exceeded(), time)),
    };
    (outcome, usage)
}

fn cause(error: &wasmtime::Error, exceeded: Option<Exceeded>, time: Duration) -> Cause {
    match (error.downcast_ref::<Trap>(), exceeded) {
        (Some(Trap::Interrupt), _) => Cause::Time(time),
        (_, Some(Exceeded::Memory)) => Cause::Memory,
        (_, Some(Exceeded::Tables)) => Cause::Tables,
        (Some(trap), None) => Cause::Trap(trap.to_string()),
        (None, None) => match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<ResourceTableError>()) {
            (Some(exit), _) => Cause::Trap(format!("it exited with status {}", exit.0)),
            (None, Some(ResourceTableError::Full)) => Cause::Handles,
            (None, _) => Cause::Trap(printable(&error.root_cause().to_string(), 300)),
        },
    }
}
