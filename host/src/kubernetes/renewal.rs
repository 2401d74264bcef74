//! When credentials in a cluster are renewed.

use std::time::Duration;

use crate::access::left;

/// Half of its life is left when a credential is renewed, so that as much time as it was good for remains for a
/// failure. It is never renewed sooner than this: what lives shorter can't be kept alive in a cluster anyway.
const SOONEST: Duration = Duration::from_secs(5);

/// Credentials without a known end are asked for again after this: the connector or the registry may have changed.
const LASTING: Duration = Duration::from_secs(60 * 60);

/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// The longest wait after a failure: short beside the hour that cloud providers' credentials live.
const MAX_WAIT: Duration = Duration::from_secs(5 * 60);

/// The next renewal of one registry's credentials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Renewal {
    /// Unix time in seconds at which it is due. The wall clock, as a machine that sleeps meanwhile is late otherwise.
    pub(crate) due: u64,
    failures: u32,
}

impl Renewal {
    /// The renewal of credentials that were just given.
    #[must_use]
    pub(crate) fn of(expires_at: Option<u64>, now: u64) -> Self {
        let wait = match expires_at {
            Some(end) => (left(end, now) / 2).max(SOONEST),
            None => LASTING,
        };
        Self { due: now.saturating_add(wait.as_secs()), failures: 0 }
    }

    /// The next try after one that failed.
    #[must_use]
    pub(crate) fn after_failure(self, now: u64) -> Self {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let wait = FIRST_WAIT.saturating_mul(factor).min(MAX_WAIT);
        Self { due: now.saturating_add(wait.as_secs()), failures: self.failures.saturating_add(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_renewed_at_half_of_their_life() {
        for (expires_at, due) in [
            (Some(1_000 + 43_200), 1_000 + 21_600),
            (Some(1_060), 1_030),
            (Some(1_001), 1_005),
            (Some(9), 1_005),
            (None, 4_600),
        ] {
            assert_eq!(Renewal::of(expires_at, 1_000).due, due, "{expires_at:?}");
        }
    }

    #[test]
    fn after_a_failure_the_waits_grow_to_five_minutes_and_no_further() {
        let mut renewal = Renewal::of(Some(0), 0);
        let mut waits = Vec::new();
        for _ in 0..40 {
            renewal = renewal.after_failure(0);
            waits.push(renewal.due);
        }
        assert_eq!(waits[..8], [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(waits[39], 300);
        assert_eq!(Renewal::of(None, 0).after_failure(0).due, 5);
    }
}
