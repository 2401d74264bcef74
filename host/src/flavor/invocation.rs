//! One call of a flavor: its store, its time, and its usage.

use std::time::{Duration, Instant};

use tracing::Instrument as _;
use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

use super::abi::{Answer, Outcome};
use super::cause::Cause;
use super::limits::{self, Exceeded};
use super::model::Failure;
use super::sandbox::SandboxState;
use super::stack;
use super::usage::{CallOutcome, Usage};
use crate::grant::Guest;
use crate::spans;
use crate::text::Escaped;

/// Why a call gave no value.
pub(super) enum NoValue {
    /// The flavor reports a failure.
    Refused(Failure),
    /// The flavor itself failed.
    Failed(Cause),
}

impl NoValue {
    /// The cause of a function that the contract has no failures for.
    pub(super) fn into_cause(self) -> Cause {
        match self {
            Self::Failed(cause) => cause,
            Self::Refused(failure) => Cause::Trap(failure.message),
        }
    }
}

/// A call that has ended.
pub(super) struct Finished<T> {
    /// Its value.
    pub(super) result: Result<T, NoValue>,
    /// The resources that it used.
    pub(super) usage: Usage,
    /// The command that grants the first request that was denied, if one was.
    pub(super) grant: Option<Escaped>,
}

/// Calls `function` of a component in a fresh store, which is gone afterwards, for at most `time`. The log names
/// `guest`.
pub(super) async fn invoke<T>(
    mut store: Store<SandboxState>,
    guest: &Guest,
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
    let span = spans::component_call(guest.kind().word(), guest.name(), function);
    let answer = tokio::time::timeout(time, call(&mut store).instrument(span.clone())).await;
    let state = store.data();
    let functions = match &answer {
        Ok(Err(error)) => stack::functions(error),
        _ => Vec::new(),
    };
    let stderr: Vec<Escaped> = state.stderr().lines().map(|line| Escaped::new(line, limits::LOG_LINE_CHARS)).collect();
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
    let failure = match outcome {
        CallOutcome::Done => None,
        CallOutcome::Refused => Some("refused"),
        CallOutcome::Failed => Some("failed"),
    };
    spans::component_call_ended(&span, memory, requests, failure);
    let usage = Usage { function, outcome, time: start.elapsed(), memory, requests };
    match &state.surroundings().observer {
        Some(observer) => observer.note(|observed| {
            observed.stderr.extend(stderr);
            observed.stack = functions;
            observed.usage.push(usage.clone());
        }),
        None => {
            stderr.iter().for_each(|line| tracing::debug!("{guest} wrote to its standard error: {line}"));
            functions.iter().for_each(|function| tracing::debug!("{guest} stopped in {function}"));
        }
    }
    Finished { result, usage, grant: state.egress.grant_hint().cloned() }
}

/// The cause of a trap: a limit, if one was exceeded, since guests trap on their own when memory does not grow.
fn cause_of(error: &wasmtime::Error, exceeded: Option<Exceeded>, time: Duration) -> Cause {
    match (error.downcast_ref::<Trap>(), exceeded) {
        (Some(Trap::Interrupt), _) => Cause::Time(time),
        (_, Some(Exceeded::Memory)) => Cause::Memory,
        (_, Some(Exceeded::Tables)) => Cause::Tables,
        (Some(Trap::StackOverflow), None) => Cause::Stack,
        // The stack of a language lies in memory, so that its overflow looks like this.
        (Some(Trap::MemoryOutOfBounds), None) if stack::recurses(error) => Cause::Stack,
        (Some(trap @ Trap::MemoryOutOfBounds), None) => Cause::Trap(format!("{trap}, or its stack is full").into()),
        (Some(trap), None) => Cause::Trap(Escaped::of(trap)),
        (None, None) => match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<ResourceTableError>()) {
            (Some(exit), _) => Cause::Trap(format!("it exited with status {}", exit.0).into()),
            (None, Some(ResourceTableError::Full)) => Cause::Handles,
            (None, _) => {
                let reason = error.root_cause().to_string();
                // The runtime has no type for this.
                if reason.contains("fuel allocated for hostcalls") {
                    return Cause::Exchange;
                }
                Cause::Trap(Escaped::new(&reason, 300))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::component::{Component, Linker};

    use super::*;
    use crate::flavor::Runtime;

    const TIME: Duration = Duration::from_millis(50);

    /// A component whose function `f` never returns.
    const LOOP: &str = r#"(component
        (core module $module (func (export "f") (loop (br 0))))
        (core instance $instance (instantiate $module))
        (func (export "f") (canon lift (core func $instance "f"))))"#;

    async fn finished(call: impl AsyncFnOnce(&mut Store<SandboxState>) -> Answer<()>) -> Finished<()> {
        let store = Runtime::new(None).unwrap().closed_store("test");
        invoke(store, &Guest::flavor("test"), "f", TIME, call).await
    }

    #[track_caller]
    fn assert_stopped_in_time(finished: &Finished<()>) {
        assert!(matches!(finished.result, Err(NoValue::Failed(Cause::Time(TIME)))));
        assert_eq!(finished.usage.outcome, CallOutcome::Failed);
        assert!(finished.usage.time >= TIME);
    }

    #[tokio::test]
    async fn a_guest_that_never_returns_is_stopped_when_its_time_is_up() {
        let finished = finished(async |store| {
            let component = Component::new(store.engine(), wat::parse_str(LOOP).unwrap())?;
            let instance = Linker::new(store.engine()).instantiate_async(&mut *store, &component).await?;
            instance.get_typed_func::<(), ()>(&mut *store, "f")?.call_async(&mut *store, ()).await?;
            Ok(Outcome::Value(()))
        });
        assert_stopped_in_time(&finished.await);
    }

    #[tokio::test]
    async fn a_call_that_waits_in_the_host_is_dropped_when_its_time_is_up() {
        assert_stopped_in_time(&finished(async |_| std::future::pending().await).await);
    }

    #[tokio::test]
    async fn each_answer_has_its_outcome() {
        let outcome = async |outcome| finished(async |_| Ok(outcome)).await.usage.outcome;
        assert_eq!(outcome(Outcome::Value(())).await, CallOutcome::Done);
        let kind = crate::flavor::FailureKind::Other;
        let failure = Failure { kind, message: "no".into(), hint: None, retry_after: None };
        assert_eq!(outcome(Outcome::Refused(failure)).await, CallOutcome::Refused);
        let broken = crate::flavor::cause::OutputError::password();
        assert_eq!(outcome(Outcome::Broken(broken)).await, CallOutcome::Failed);
    }
}
