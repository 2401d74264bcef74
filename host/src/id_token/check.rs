//! Whether a token can be of use, before it is sent to anybody.

use super::claims::Claims;
use super::error::IdTokenError;
use crate::text::{Escaped, Moment};

/// Seconds by which clocks of machines that keep time may differ, and more than services allow.
const LEEWAY: u64 = 300;

/// Checks that a token is for an audience, and holds now. One that was issued a moment ago and does not hold tells of
/// this machine's clock.
pub(super) fn usable(
    claims: &Claims,
    audience: &str,
    issued_now: bool,
    now: u64,
    platform: &Escaped,
    advice: Escaped,
) -> Result<(), IdTokenError> {
    let platform = || platform.clone();
    if !claims.audiences.iter().any(|found| found == audience) {
        let found = claims.audience_shown();
        return Err(IdTokenError::Audience { platform: platform(), found, expected: audience.into(), advice });
    }
    let has_ended = claims.expires_at.is_some_and(|end| end <= now);
    let not_yet = claims.not_before.is_some_and(|start| start > now.saturating_add(LEEWAY));
    if !has_ended && !not_yet {
        return Ok(());
    }
    if issued_now && let Some(issued) = claims.issued_at.or(claims.not_before) {
        if now.abs_diff(issued) > LEEWAY {
            let ahead = if now > issued { "ahead" } else { "behind" };
            let (by, issued) = (distance(now.abs_diff(issued)), Moment(issued).to_string().into());
            return Err(IdTokenError::Clock { platform: platform(), issued, by, ahead });
        }
        if !not_yet && claims.expires_at.is_some_and(|end| now.saturating_sub(end) <= LEEWAY) {
            // Its end is sooner than the difference of two clocks: whoever is shown it knows.
            return Ok(());
        }
    }
    match (has_ended, claims.expires_at, claims.not_before) {
        (true, Some(end), _) => {
            Err(IdTokenError::Ended { platform: platform(), ago: distance(now.saturating_sub(end)) })
        }
        (_, _, start) => {
            let start = start.unwrap_or_default();
            let wait = distance(start.saturating_sub(now));
            Err(IdTokenError::NotYet { platform: platform(), start: Moment(start).to_string().into(), wait })
        }
    }
}

/// A length of time in words.
fn distance(seconds: u64) -> Escaped {
    match seconds {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 2 * 3600 => format!("{} min", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / (24 * 3600)),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::claims::tests::token;
    use super::*;

    const NOW: u64 = 1_796_000_000;

    fn checked(claims: &Value, issued_now: bool) -> Result<(), String> {
        let claims = Claims::of(&token(claims)).unwrap();
        usable(&claims, "b", issued_now, NOW, &"GitHub Actions".into(), "do better".into())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_for_this_audience_and_this_time_is_of_use() {
        for claims in [
            json!({"aud": "b"}),
            json!({"aud": ["a", "b"], "exp": NOW + 1, "nbf": NOW}),
            json!({"aud": "b", "nbf": NOW + 200, "exp": NOW + 900}),
        ] {
            assert_eq!(checked(&claims, false), Ok(()), "{claims}");
        }
        // Three seconds of life, by a clock that is ten seconds behind.
        assert_eq!(checked(&json!({"aud": "b", "iat": NOW - 10, "exp": NOW - 7}), true), Ok(()));
    }

    #[test]
    fn one_that_is_of_no_use_is_told_in_one_line() {
        for (claims, issued_now, words) in [
            (json!({"aud": "a"}), true, "the id token of GitHub Actions is for audience `a`, expected `b`"),
            (json!({}), false, "the id token of GitHub Actions is for audience ``, expected `b`"),
            (json!({"aud": "b", "exp": NOW - 300}), false, "the id token of GitHub Actions has ended 5 min ago"),
            (
                json!({"aud": "b", "nbf": NOW + 3600}),
                false,
                "the id token of GitHub Actions is not valid yet, but in 60 min, from 2026-11-30T01:53:20Z on",
            ),
            // No difference of clocks explains these.
            (
                json!({"aud": "b", "iat": NOW, "exp": NOW - 3600}),
                true,
                "the id token of GitHub Actions has ended 60 min ago",
            ),
            (
                json!({"aud": "b", "iat": NOW, "nbf": NOW + 7200}),
                true,
                "the id token of GitHub Actions is not valid yet, but in 2 h, from 2026-11-30T02:53:20Z on",
            ),
            (
                json!({"aud": "b", "iat": NOW - 3600, "exp": NOW - 3300}),
                true,
                "the clock of this machine is 60 min ahead: GitHub Actions issued an id token at \
                 2026-11-29T23:53:20Z just now",
            ),
            (
                json!({"aud": "b", "iat": NOW + 3600, "nbf": NOW + 3600, "exp": NOW + 4000}),
                true,
                "the clock of this machine is 60 min behind: GitHub Actions issued an id token at \
                 2026-11-30T01:53:20Z just now",
            ),
        ] {
            assert_eq!(checked(&claims, issued_now), Err(words.to_owned()), "{claims}");
        }
    }
}
