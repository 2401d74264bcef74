//! Lines, for logs: what became of each layer, and a sign of life while nothing ends.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration};

use super::tally::Tally;
use super::{Tick, line};
use crate::cli::output;
use crate::push::{Event, Progress};

/// Seldom enough for logs, often enough for watchdogs.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

pub(super) struct Lines(Mutex<State>);

struct State {
    tally: Tally,
    /// When the last line was written, and what had been read by then.
    last: (Instant, u64),
}

impl Default for Lines {
    fn default() -> Self {
        Self(Mutex::new(State { tally: Tally::default(), last: (Instant::now(), 0) }))
    }
}

impl Progress for Lines {
    fn event(&self, event: Event) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.tally.count(&event);
        if let Some(line) = line(&event) {
            output::say_line(&line);
        }
    }
}

impl Tick for Lines {
    fn tick(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = state.tally.standing().bytes_read;
        let (at, before) = std::mem::replace(&mut state.last, (Instant::now(), read));
        let millis = u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        output::say_line(&sign(&state.tally, read.saturating_sub(before).saturating_mul(1000) / millis));
    }
}

/// How far it is, at so many bytes a second by now.
fn sign(tally: &Tally, rate: u64) -> String {
    let standing = tally.standing();
    if standing.layers == 0 {
        return "no layer is on its way".to_owned();
    }
    let of = standing.bytes.map(|bytes| format!(" of {}", HumanBytes(bytes))).unwrap_or_default();
    let left = tally.left().map(|left| format!(", about {} left", HumanDuration(left))).unwrap_or_default();
    format!(
        "{} of {} layers done, {}{of} read, {}/s{left}",
        standing.layers_done,
        standing.layers,
        HumanBytes(standing.bytes_read),
        HumanBytes(rate)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_of_life_says_how_far_it_is() {
        let mut tally = Tally::default();
        assert_eq!(sign(&tally, 0), "no layer is on its way");
        tally.count(&Event::Planned { layers: 8, bytes: None });
        assert_eq!(sign(&tally, 0), "0 of 8 layers done, 0 B read, 0 B/s");
        tally.count(&Event::Planned { layers: 8, bytes: Some(4 << 20) });
        tally.count(&Event::Started { layer: 1, size: 2 << 20 });
        tally.count(&Event::Read { layer: 1, bytes: 1 << 20 });
        let sign = sign(&tally, 512 << 10);
        assert!(sign.starts_with("0 of 8 layers done, 1.00 MiB of 4.00 MiB read, 512.00 KiB/s"), "{sign}");
    }
}
