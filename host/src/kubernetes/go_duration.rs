//! Durations as Go writes them (`Duration.String` in its package `time`), which Kubernetes reads.

use std::time::Duration;

/// A duration in whole seconds: `0s`, `15m0s`, `1h0m0s`.
#[must_use]
pub(super) fn go_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_as_go_writes_it() {
        for (seconds, text) in
            [(0, "0s"), (59, "59s"), (60, "1m0s"), (900, "15m0s"), (43_141, "11h59m1s"), (86_400, "24h0m0s")]
        {
            assert_eq!(go_duration(Duration::from_secs(seconds)), text);
        }
    }
}
