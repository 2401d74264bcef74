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
use crate::text::printable;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallOutcome {
    /// With a value.
    Done,
    /// With a failure that the flavor reports.
    Refused,
    /// Without an answer, or with one that breaks the contract.
    Failed,
}

/// The resources that one call used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    /// The function of the contract.
    pub(crate) function: &'static str,
    /// How the call ended.
    pub(crate) outcome: CallOutcome,
    /// Wall time.
    pub(crate) time: Duration,
    /// Linear memory in bytes, the most that there was.
    pub(crate) memory: usize,
    /// Requests, the refused ones included.
    pub(crate) requests: usize,
}

/// A finished call.
pub(super) struct Finished<T> {
    /// The value, the flavor's refusal, or the cause of a failure.
    pub(super) result: Result<Result<T, Failure>, Cause>,
    /// What the call used.
    pub(super) usage: Usage,
    /// The command that grants the first request that was denied, if one was.
    pub(super) grant: Option<String>,
}

/// One call in its fresh store, within its time. The store is gone after it.
pub(super) async fn run<T>(
    mut store: Store<State>,
    flavor: &str,
    function: &'static str,
    time: Duration,
    call: impl AsyncFnOnce(&mut Store<State>) -> Answer<T>,
) -> Finished<T> {
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
    let result = match outcome {
        Err(_) => Err(Cause::Time(time)),
        Ok(Ok(answer)) => answer.map_err(Cause::Output),
        Ok(Err(error)) => Err(cause(&error, state.meter.exceeded(), time)),
    };
    let outcome = match &result {
        Ok(Ok(_)) => CallOutcome::Done,
        Ok(Err(_)) => CallOutcome::Refused,
        Err(_) => CallOutcome::Failed,
    };
    let (memory, requests) = (state.meter.memory(), state.door.requests());
    let usage = Usage { function, outcome, time: start.elapsed(), memory, requests };
    let grant = state.door.denial().and_then(|denial| denial.hint()).map(str::to_owned);
    Finished { result, usage, grant }
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
