//! How long credentials are cached, and when they are renewed.

use std::time::{Duration, Instant};

use crate::text::Moment;

/// Credentials are not used in the last two minutes before they expire: longer than a registry takes to accept a
/// request, and longer than two clocks with NTP ever differ.
const MARGIN: Duration = Duration::from_secs(120);

/// The longest time that credentials of the machine itself are cached, e.g. those of its cloud role: the machine may
/// get another role, and another machine may read the store from a shared disk.
const MAX_MACHINE_CACHE: Duration = Duration::from_secs(15 * 60);

/// The time that credentials without a known end are kept for other clients, which ask at each of their commands. They
/// may be a token that was revoked meanwhile: then the client fails for so long at most.
const LASTING_CACHE: Duration = Duration::from_secs(15 * 60);

/// Credentials with less life are not renewed before the registry refuses them: half of such a life would be a call of
/// the flavor for nearly every request.
const MIN_RENEWED_LIFE: Duration = Duration::from_secs(30);

/// The time that is left at `now` until `expires_at`, both Unix time in seconds.
#[must_use]
pub(crate) fn left(expires_at: u64, now: u64) -> Duration {
    Duration::from_secs(expires_at.saturating_sub(now))
}

/// The earliest expiry of credentials that are handed to others now.
#[must_use]
pub(crate) fn handed_out_until() -> u64 {
    usable_until(Moment::now().0)
}

/// The earliest expiry of cached credentials that are used at `now`.
pub(super) fn usable_until(now: u64) -> u64 {
    now.saturating_add(MARGIN.as_secs())
}

/// The expiry to cache credentials with that expire at `expires_at`; none where the cache would not use them again.
pub(super) fn cache_until(expires_at: u64, now: u64, depends_on_machine: bool) -> Option<u64> {
    let latest =
        if depends_on_machine { usable_until(now).saturating_add(MAX_MACHINE_CACHE.as_secs()) } else { u64::MAX };
    (left(expires_at, now) > MARGIN).then_some(expires_at.min(latest))
}

/// The expiry to cache credentials with that have no known end.
pub(super) fn keep_lasting_until(now: u64) -> u64 {
    usable_until(now).saturating_add(LASTING_CACHE.as_secs())
}

/// When to request new credentials. Never, where they don't expire, or have expired already: then the flavor can't give
/// better ones.
pub(super) fn renew_at(expires_at: Option<u64>) -> Option<Instant> {
    Instant::now().checked_add(renew_after(left(expires_at?, Moment::now().0))?)
}

/// The time after which credentials are renewed that have so much life left; short lives are used for half of it.
fn renew_after(left: Duration) -> Option<Duration> {
    (left >= MIN_RENEWED_LIFE).then(|| left.saturating_sub(MARGIN).max(left / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn credentials_are_renewed_before_they_expire() {
        assert_eq!(renew_after(seconds(3600)), Some(seconds(3480)));
        assert_eq!(renew_after(seconds(60)), Some(seconds(30)));
        assert_eq!(renew_after(seconds(30)), Some(seconds(15)));
        assert_eq!(renew_after(seconds(29)), None);
        assert!(renew_at(Some(1)).is_none() && renew_at(None).is_none());
    }

    #[test]
    fn credentials_that_expire_soon_are_not_cached() {
        assert_eq!(cache_until(1_120, 1_000, false), None);
        assert_eq!(cache_until(1_121, 1_000, false), Some(1_121));
        assert_eq!(cache_until(9, 1_000, false), None);
    }

    #[test]
    fn credentials_of_the_machine_are_cached_for_a_quarter_of_an_hour() {
        assert_eq!(cache_until(10_000, 1_000, true), Some(1_000 + 120 + 900));
        assert_eq!(cache_until(10_000, 1_000, false), Some(10_000));
        assert_eq!(cache_until(1_200, 1_000, true), Some(1_200));
    }
}
