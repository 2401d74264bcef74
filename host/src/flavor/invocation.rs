//! One call of a flavor: its store, its time, and what it used.

use std::time::{Duration, Instant};

use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

use super::abi::{Answer, Outcome};
use super::error::Cause;
use super::limits::{self, Exceeded};
use super::model::Failure;
use super::sandbox::SandboxState;
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
    /// The most linear memory that the call had, in bytes.
    pub(crate) memory: usize,
    /// Requests, the refused ones included.
    pub(crate) requests: usize,
}

/// Why a call gave no value.
pub(super) enum NoValue {
    /// The flavor reports a failure.
    Refused(Failure),
    /// The flavor itself failed.
    Failed(Cause),
}

/// A call that has ended.
pub(super) struct Finished<T> {
    /// Its value.
    pub(super) result: Result<T, NoValue>,
    /// The resources that it used.
    pub(super) usage: Usage,
    /// The command that grants the first request that was denied, if one was.
    pub(super) grant: Option<String>,
}

/// Calls `function` of a flavor in a fresh store, which is gone afterwards, for at most `time`. `flavor` is the name
/// that the log repeats.
pub(super) async fn invoke<T>(
    mut store: Store<SandboxState>,
    flavor: &str,
    function: &'static str,
    time: Duration,
    call: impl AsyncFnOnce(&mut Store<SandboxState>) -> Answer<T>,
) -> Finished<T> {
    store.limiter(|state| &mut state.meter);
    store.set_hostcall_fuel(limits::LIFTED_BYTES);
    store.set_max_component_handles(limits::HANDLES);
    let start = Instant::now();
    let deadline = start + time;
    store.set_epoch_deadline(1);
    // A busy guest yields at each tick: one thread can serve others meanwhile, and the timeout below gets its turn.
    store.epoch_deadline_callback(move |_| {
        Ok(if Instant::now() >= deadline { UpdateDeadline::Interrupt } else { UpdateDeadline::Yield(1) })
    });
    // The timeout drops whatever the guest waits for in the host: no request can stretch the call.
    let answer = tokio::time::timeout(time, call(&mut store)).await;
    let state = store.data();
    let stderr = state.stderr();
    if !stderr.is_empty() {
        let stderr = printable(&stderr, limits::LOG_LINE_CHARS);
        tracing::debug!("flavor `{flavor}` wrote to its standard error: {stderr}");
    }
    let result = match answer {
        Err(_) => Err(NoValue::Failed(Cause::Time(time))),
        Ok(Ok(Outcome::Value(value))) => Ok(value),
        Ok(Ok(Outcome::Refused(failure))) => Err(NoValue::Refused(failure)),
        Ok(Ok(Outcome::Broken(output))) => Err(NoValue::Failed(Cause::Output(output))),
        Ok(Err(error)) => Err(NoValue::Failed(cause_of(&error, state.meter.exceeded(), time))),
    };
    let outcome = match &result {
        Ok(_) => CallOutcome::Done,
        Err(NoValue::Refused(_)) => CallOutcome::Refused,
        Err(NoValue::Failed(_)) => CallOutcome::Failed,
    };
    let (memory, requests) = (state.meter.memory(), state.egress.requests());
    let usage = Usage { function, outcome, time: start.elapsed(), memory, requests };
    Finished { result, usage, grant: state.egress.grant_hint().map(str::to_owned) }
}

/// The cause of a trap: a limit, if one was exceeded, since guests trap on their own when memory does not grow.
fn cause_of(error: &wasmtime::Error, exceeded: Option<Exceeded>, time: Duration) -> Cause {
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
