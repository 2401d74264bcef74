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

/// Waits for a signal that asks the process to end. A signal ends all waits that are under way.
pub(super) async fn shutdown_signal() -> Signal {
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        tokio::select! {
            () = received(SignalKind::interrupt()) => Signal::Interrupt,
            () = received(SignalKind::terminate()) => Signal::Terminate,
            () = received(SignalKind::hangup()), if !hangup_is_ignored() => Signal::Hangup,
        }
    }
    #[cfg(not(unix))]
    match tokio::signal::ctrl_c().await {
        Ok(()) => Signal::Interrupt,
        Err(_) => std::future::pending().await,
    }
}

/// Waits for the given number of signals, and returns the last one.
pub(super) async fn shutdown_signals(times: usize) -> Signal {
    for _ in 1..times {
        shutdown_signal().await;
    }
    shutdown_signal().await
}

#[cfg(unix)]
async fn received(kind: tokio::signal::unix::SignalKind) {
    let received = match tokio::signal::unix::signal(kind) {
        Ok(mut signals) => signals.recv().await,
        // Without a handler the system's default holds: the signal kills the process.
        Err(_) => None,
    };
    if received.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Whether the process was started with SIGHUP ignored, as `nohup` does: a handler would undo that. Systems without
/// `/proc` do not show it, so there the signal keeps its default action.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    // proc_pid_status(5): a hexadecimal mask; signal 1 is its lowest bit.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 != 0)
}

#[cfg(all(test, unix))]
mod tests {
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
            if expected == Signal::Hangup && hangup_is_ignored() {
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
}
