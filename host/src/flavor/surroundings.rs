//! The surroundings of calls that an author makes to try a component: what answers its requests, its clock and its
//! random numbers, and an observer. A call of a user has none of these.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use wasmtime_wasi::HostWallClock;

use super::limits;
use super::usage::Usage;
use crate::egress::{self, Answers, Exchange, Witness};
use crate::grant::Guest;
use crate::text::{Escaped, Moment};

/// What stands around the calls of a component. The usual surroundings are the network and the machine's clock.
#[derive(Clone, Default)]
pub(crate) struct Surroundings {
    /// What answers requests in place of the network.
    pub(crate) answers: Option<Arc<dyn Answers>>,
    /// Unix time in seconds at which the component's clocks stand still.
    pub(crate) clock: Option<u64>,
    /// The seed of the component's random numbers.
    pub(crate) seed: Option<u64>,
    /// What is told of all that a call does. A call that is observed is made once, whatever it answers, and its log
    /// goes to the observer alone.
    pub(crate) observer: Option<Arc<Observer>>,
}

/// A level of a component's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    /// For the author of the component.
    Debug,
    /// For the user, with `CRHOST_LOG=info`.
    Info,
    /// For the user.
    Warn,
}

/// A line of a component's log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LogLine {
    /// Its level.
    pub(crate) level: LogLevel,
    /// The line, safe to print.
    pub(crate) message: Escaped,
}

/// All that was seen of calls.
#[derive(Default)]
pub(crate) struct Observed {
    /// The lines of the log.
    pub(crate) log: Vec<LogLine>,
    /// Lines of the log that were too many.
    pub(crate) dropped_lines: usize,
    /// The lines on standard error, each safe to print.
    pub(crate) stderr: Vec<Escaped>,
    /// The requests, the refused ones included.
    pub(crate) requests: Vec<Exchange>,
    /// Bytes of the answers' bodies that are kept.
    body_bytes: usize,
    /// Answers whose bodies are left out, as they would be more than [`limits::OBSERVED_BYTES`] in all.
    pub(crate) left_out_bodies: usize,
    /// The functions that were running when the component stopped, the innermost first.
    pub(crate) stack: Vec<Escaped>,
    /// What each call used.
    pub(crate) usage: Vec<Usage>,
}

/// Keeps what is seen of calls.
#[derive(Default)]
pub(crate) struct Observer(Mutex<Observed>);

impl Observer {
    /// All that was seen since the last time.
    #[must_use]
    pub(crate) fn take(&self) -> Observed {
        std::mem::take(&mut *self.0.lock())
    }

    /// Notes something.
    pub(super) fn note(&self, note: impl FnOnce(&mut Observed)) {
        note(&mut self.0.lock());
    }
}

impl Witness for Observer {
    fn exchanged(&self, mut exchange: Exchange) {
        self.note(|observed| {
            if let Ok(response) = &mut exchange.answer {
                let after = observed.body_bytes + response.body.len();
                if after > limits::OBSERVED_BYTES {
                    observed.left_out_bodies += 1;
                    response.body = Vec::new();
                } else {
                    observed.body_bytes = after;
                }
            }
            observed.requests.push(exchange);
        });
    }
}

impl Surroundings {
    /// Those of the call's requests.
    pub(super) fn of_requests(&self) -> egress::Surroundings {
        let witness = self.observer.clone().map(|observer| observer as Arc<dyn Witness>);
        egress::Surroundings { answers: self.answers.clone(), witness }
    }

    /// A component as messages of a call in these surroundings name it.
    pub(super) fn guest(&self, guest: Guest) -> Guest {
        if self.observer.is_some() { guest.tried() } else { guest }
    }

    /// The time on the component's clock: Unix time in seconds. A clock that stands before 1970 is read as 1970, when
    /// no credential is valid.
    pub(super) fn now(&self) -> u64 {
        self.clock.unwrap_or_else(|| Moment::now().0)
    }
}

/// The interface that random numbers are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Numbers {
    /// `wasi:random/random`.
    Secure,
    /// `wasi:random/insecure`.
    Insecure,
}

/// The random numbers of a seed, the same ones in each version of crhost: recordings hold what was made of them.
pub(super) fn numbers(seed: u64, of: Numbers) -> ChaCha20Rng {
    let mut key = [0; 32];
    let parts = seed.to_le_bytes().into_iter().chain([of as u8]);
    key.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    ChaCha20Rng::from_seed(key)
}

/// A wall clock that stands still at a Unix time in seconds.
pub(super) struct StoppedClock(pub(super) u64);

impl HostWallClock for StoppedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(self.0)
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;

    use super::*;

    #[test]
    fn a_seed_has_the_same_numbers_in_every_version() {
        let first = |seed, of| numbers(seed, of).next_u64();
        assert_eq!(first(7, Numbers::Secure), 0x4498_4265_b9e3_9ef1);
        assert_eq!(first(7, Numbers::Insecure), 0x45d8_38d0_b93d_2ea6);
        assert_ne!(first(7, Numbers::Secure), first(8, Numbers::Secure));
    }
}
