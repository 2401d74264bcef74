//! Issuers and their keys: kept, and read again when a token names a key that is not known, but not as often as anybody
//! sends one.

mod error;
mod source;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::rules::{IssuerSpec, Rules};
use super::token::{Caller, Keys, TokenError, Unverified};
use crate::text::{Escaped, Moment};
pub(crate) use error::CallerError;
pub(super) use source::MAX_DOCUMENT;

/// Keys are read again after this time at the latest, so that one that was withdrawn does not hold.
const FRESH: Duration = Duration::from_secs(600);

/// Keys of an issuer that does not answer are used for so long.
const STALE: Duration = Duration::from_secs(6 * 3600);

/// Keys are read again for unknown ones so often at once, and once more after each pause.
const BURST: u32 = 3;

/// The pause.
const REFILL: Duration = Duration::from_secs(20);

/// An issuer that did not answer is left alone for so long: many callers may wait for its keys.
const UNANSWERED: Duration = Duration::from_secs(5);

/// The keys of all issuers that were asked. An issuer of which anything changes in the rules is another one.
#[derive(Default)]
pub(crate) struct Issuers(Mutex<HashMap<IssuerSpec, Arc<Issuer>>>);

struct Issuer {
    spec: IssuerSpec,
    keys: Mutex<Kept>,
    /// One reads them at a time.
    reading: tokio::sync::Mutex<()>,
}

struct Kept {
    keys: Arc<Keys>,
    read_at: Option<Instant>,
    /// The same as Unix time in seconds.
    read_time: u64,
    /// When they could not be read the last time, and why.
    failed: Option<(Instant, Escaped)>,
    /// Reads that are left for unknown keys, and since when.
    left: (u32, Instant),
}

impl Issuers {
    /// The caller of a token, by the issuers of these rules.
    ///
    /// # Errors
    /// When the token proves nobody, or the keys of its issuer can't be had.
    pub(crate) async fn caller(&self, rules: &Rules, token: &str) -> Result<Caller, CallerError> {
        let unverified = Unverified::parse(token)?;
        // Several of one URL differ in their audience.
        let specs: Vec<&IssuerSpec> = rules.issuers.iter().filter(|issuer| issuer.url == unverified.issuer()).collect();
        let mut refused = TokenError::Issuer(Escaped::new(unverified.issuer(), 200));
        for spec in specs {
            let issuer = self.of(spec);
            let keys = issuer.keys_for(&unverified).await?;
            let now = Moment::now().0;
            match unverified.verify(&keys, &spec.name, &spec.audience, now) {
                Ok(caller) => return Ok(caller),
                Err(reason) => refused = reason,
            }
        }
        Err(refused.into())
    }

    fn of(&self, spec: &IssuerSpec) -> Arc<Issuer> {
        let new = || {
            let kept =
                Kept { keys: Arc::default(), read_at: None, read_time: 0, failed: None, left: (BURST, Instant::now()) };
            Arc::new(Issuer { spec: spec.clone(), keys: Mutex::new(kept), reading: tokio::sync::Mutex::default() })
        };
        Arc::clone(self.0.lock().entry(spec.clone()).or_insert_with(new))
    }
}

impl Issuer {
    /// Keys, among them the token's if the issuer has it.
    async fn keys_for(&self, token: &Unverified<'_>) -> Result<Arc<Keys>, CallerError> {
        if let Some(keys) = self.young(token) {
            return Ok(keys);
        }
        let arrived = Instant::now();
        let _one = match self.reading.try_lock() {
            Ok(one) => one,
            // Those of before serve while somebody else waits for the issuer.
            Err(_) => match self.stale(token) {
                Some(keys) => return Ok(keys),
                None => self.reading.lock().await,
            },
        };
        if let Some(keys) = self.young(token) {
            return Ok(keys);
        }
        if let Some(keys) = self.without_reading(token, arrived)? {
            return Ok(keys);
        }
        let unanswered = self.keys.lock().failed.clone().filter(|(at, _)| at.elapsed() < UNANSWERED);
        let reason = match unanswered {
            Some((_, reason)) => reason,
            None => match source::read(&self.spec).await {
                Ok(keys) => {
                    let keys = Arc::new(keys);
                    let mut kept = self.keys.lock();
                    (kept.keys, kept.read_at, kept.failed) = (Arc::clone(&keys), Some(Instant::now()), None);
                    kept.read_time = Moment::now().0;
                    return Ok(keys);
                }
                Err(reason) => {
                    tracing::warn!("the keys of `{}` can't be read: {reason}", self.shown());
                    self.keys.lock().failed = Some((Instant::now(), reason.clone()));
                    reason
                }
            },
        };
        // Those of before say nothing of a token that names another one.
        self.stale(token).ok_or_else(|| CallerError::Unreachable { issuer: self.shown(), reason })
    }

    /// Kept keys that are young, and have the token's.
    fn young(&self, token: &Unverified<'_>) -> Option<Arc<Keys>> {
        let kept = self.keys.lock();
        (kept.is_young() && kept.keys.has(token.algorithm(), token.key_id())).then(|| Arc::clone(&kept.keys))
    }

    /// Kept keys that are young, but have none of the token's; `None` where they are to be read again, for which one of
    /// the reads that are left is taken.
    ///
    /// # Errors
    /// When the token may be of a newer key, and no read is left.
    fn without_reading(&self, token: &Unverified<'_>, arrived: Instant) -> Result<Option<Arc<Keys>>, CallerError> {
        let mut kept = self.keys.lock();
        if !kept.is_young() {
            return Ok(None);
        }
        // Another request has read them meanwhile.
        if kept.read_at.is_some_and(|read_at| read_at >= arrived) {
            return Ok(Some(Arc::clone(&kept.keys)));
        }
        match kept.take_read() {
            Ok(()) => Ok(None),
            // Keys that were read since the token was issued would have its own.
            Err(_) if token.issued_before(kept.read_time) => Ok(Some(Arc::clone(&kept.keys))),
            Err(wait) => Err(CallerError::Soon { issuer: self.shown(), seconds: wait.as_secs().saturating_add(1) }),
        }
    }

    /// Kept keys that are not too old, with the token's among them.
    fn stale(&self, token: &Unverified<'_>) -> Option<Arc<Keys>> {
        let kept = self.keys.lock();
        let is_usable = kept.read_at.is_some_and(|read_at| read_at.elapsed() < STALE);
        (is_usable && kept.keys.has(token.algorithm(), token.key_id())).then(|| Arc::clone(&kept.keys))
    }

    /// Its URL, for users.
    fn shown(&self) -> Escaped {
        Escaped::new(&self.spec.url, 200)
    }
}

impl Kept {
    fn is_young(&self) -> bool {
        self.read_at.is_some_and(|read_at| read_at.elapsed() < FRESH)
    }

    /// Takes one of the reads that are left, or says when there is one again.
    fn take_read(&mut self) -> Result<(), Duration> {
        let refilled = u32::try_from(self.left.1.elapsed().as_secs() / REFILL.as_secs()).unwrap_or(u32::MAX);
        if refilled > 0 {
            self.left = (self.left.0.saturating_add(refilled).min(BURST), Instant::now());
        }
        if self.left.0 == 0 {
            return Err(REFILL.saturating_sub(self.left.1.elapsed()));
        }
        self.left.0 -= 1;
        Ok(())
    }
}
