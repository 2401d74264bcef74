//! The signals that ask this process to end.
//!
//! | signal | sent by | exit code |
//! |---|---|---|
//! | SIGINT | Ctrl-C | 130 |
//! | SIGTERM | `kill`, `timeout`, service managers, a CI system that cancels | 143 |
//! | SIGHUP | a terminal that closes | 129 |
//!
//! The exit codes are 128 and the signal's number, as a shell reports a process that the signal has killed: a caller
//! sees the same code whether crhost was there to handle the signal or not.
//!
//! Signals are waited for in a task of their own, which other threads can run: the thread that runs the command may be
//! computing, and looks at nothing until that is done.

#[cfg(unix)]
use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

/// Time within which a command has to notice a signal. Between two waits it computes for less: a host call of a flavor
/// ends within a second.
const NOTICE_TIME: Duration = Duration::from_secs(1);

/// A signal that asks the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    Hangup,
}

impl Signal {
    /// The exit code of a process that ended because of this signal.
    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::Hangup => 128 + 1,
            Self::Interrupt => 128 + 2,
            Self::Terminate => 128 + 15,
        }
    }

    /// The end of the process, in one word.
    pub(super) fn outcome(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupted",
            Self::Terminate => "terminated",
            Self::Hangup => "hung up",
        }
    }
}

/// Waits for a signal that asks the process to end, from the call on and not only once it is polled. A signal ends all
/// waits that are under way. Must be called in a runtime.
#[cfg(unix)]
pub(super) fn shutdown_signal() -> impl Future<Output = Signal> + Send + 'static {
    use tokio::signal::unix::SignalKind;
    let listener = |signal, kind| (!is_ignored(signal)).then(|| tokio::signal::unix::signal(kind).ok()).flatten();
    let interrupt = listener(Signal::Interrupt, SignalKind::interrupt());
    let terminate = tokio::signal::unix::signal(SignalKind::terminate()).ok();
    let hangup = listener(Signal::Hangup, SignalKind::hangup());
    async {
        tokio::select! {
            () = received(interrupt) => Signal::Interrupt,
            () = received(terminate) => Signal::Terminate,
            () = received(hangup) => Signal::Hangup,
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub(super) async fn shutdown_signal() -> Signal {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        Err(_) => std::future::pending().await,
    }
}

/// The signals that the process has received, for the command to notice.
pub(super) struct Signals(mpsc::UnboundedReceiver<(Signal, oneshot::Sender<()>)>);

impl Signals {
    /// Waits for signals from now on, on any thread of the runtime in which this is called. `end` is called when the
    /// command does not notice a signal within a second, and has to end the process.
    pub(super) fn watch(end: impl FnOnce(Signal) + Send + 'static) -> Self {
        Self::watch_for(shutdown_signal, NOTICE_TIME, end)
    }

    fn watch_for<N: Future<Output = Signal> + Send>(
        next: impl Fn() -> N + Send + 'static,
        time: Duration,
        end: impl FnOnce(Signal) + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut waiting = Box::pin(next());
            loop {
                let signal = waiting.await;
                // Before anybody acts on it: the next one may follow at once.
                waiting = Box::pin(next());
                let (notice, noticed) = oneshot::channel();
                if sender.send((signal, notice)).is_err() {
                    return;
                }
                if tokio::time::timeout(time, noticed).await.is_err() {
                    return end(signal);
                }
            }
        });
        Self(receiver)
    }

    /// Notices each signal, and returns the one that is the last of so many.
    pub(super) async fn last_of(&mut self, times: usize) -> Signal {
        for time in 1.. {
            let Some((signal, notice)) = self.0.recv().await else { break };
            // Without a receiver, the time is up.
            let _ = notice.send(());
            if time == times {
                return signal;
            }
        }
        std::future::pending().await
    }
}

/// Waits for a signal. Without a handler none comes: it is ignored, or the system's default holds, which kills the
/// process.
#[cfg(unix)]
async fn received(signals: Option<tokio::signal::unix::Signal>) {
    let received = match signals {
        Some(mut signals) => signals.recv().await,
        None => None,
    };
    if received.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Whether the process was started with a signal ignored, as `nohup` and `trap '' INT` do: a handler would undo
/// that. Systems without `/proc` do not show it; there SIGHUP keeps its default action.
#[cfg(unix)]
fn is_ignored(signal: Signal) -> bool {
    // Read once: the mask changes with the first handler.
    static IGNORED: OnceLock<Option<u64>> = OnceLock::new();
    let mask = *IGNORED.get_or_init(|| ignored_mask(&std::fs::read_to_string("/proc/self/status").unwrap_or_default()));
    let number = u32::from(signal.exit_code() - 128);
    match mask {
        Some(mask) => mask & (1_u64 << (number - 1)) != 0,
        None => signal == Signal::Hangup,
    }
}

/// The mask of ignored signals, of which signal 1 is the lowest bit (proc_pid_status(5)).
#[cfg(unix)]
fn ignored_mask(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use rustix::process::{Signal as Number, getpid, kill_process};
    use tokio::signal::unix::SignalKind;

    use super::*;

    #[tokio::test]
    async fn each_signal_that_asks_to_end_is_noticed() {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        // With handlers in place before the first signal, this process survives it.
        let _handlers = kinds.map(|kind| tokio::signal::unix::signal(kind).unwrap());
        for (number, expected) in
            [(Number::INT, Signal::Interrupt), (Number::TERM, Signal::Terminate), (Number::HUP, Signal::Hangup)]
        {
            if expected != Signal::Terminate && is_ignored(expected) {
                continue;
            }
            let waiting = tokio::spawn(shutdown_signal());
            while !waiting.is_finished() {
                kill_process(getpid(), number).unwrap();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let signal = waiting.await.unwrap();
            assert_eq!(signal, expected);
            assert_eq!(i32::from(signal.exit_code()), 128 + number.as_raw());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_command_that_computes_and_notices_no_signal_is_ended() {
        let (end, ended) = channel();
        let next = || std::future::ready(Signal::Terminate);
        let _signals = Signals::watch_for(next, Duration::from_millis(1), move |signal| end.send(signal).unwrap());
        // This thread waits for nothing that is asynchronous, as one that computes.
        assert_eq!(ended.recv().unwrap(), Signal::Terminate);
    }

    #[tokio::test]
    async fn a_command_that_notices_its_signals_ends_itself_at_the_last() {
        let next = || async {
            tokio::task::yield_now().await;
            Signal::Interrupt
        };
        let mut signals = Signals::watch_for(next, Duration::MAX, |_| panic!("the command noticed them"));
        assert_eq!(signals.last_of(3).await, Signal::Interrupt);
    }
}
