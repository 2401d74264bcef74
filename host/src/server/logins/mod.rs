//! Logins: given by flavors in their sandbox, once for all who ask at the same time, and kept until shortly before
//! their end, as long as nothing in the store changes.

mod failures;
mod giver;
mod login;
mod no_login;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::clock::Clock;
use super::metrics::Metrics;
use super::rules::Operation;
use super::stores::Stores;
use crate::access::handed_out_until;
use crate::environment::Environment;
use crate::flavor::Runtime;
use crate::store::{ClockDifference, Name, Store, StoreError};
use crate::text::Moment;
use giver::Giver;
pub(crate) use login::{Granted, LoginKey};
pub(crate) use no_login::NoLogin;

/// All logins of this process.
pub(crate) struct Logins {
    by: KeptBy,
    giver: Arc<Giver>,
    metrics: Arc<Metrics>,
    kept: Mutex<HashMap<LoginKey, Arc<tokio::sync::Mutex<Option<Kept>>>>>,
    /// Registries whose credentials have no end, by the number of changes of the store at which that was so.
    lasting: Mutex<HashMap<(Name, Operation), i64>>,
    /// Calls that each registry may have yet.
    calls: Mutex<HashMap<Name, Arc<Semaphore>>>,
}

/// What logins are found and kept with.
pub(crate) struct KeptBy {
    /// Stores for what is kept.
    pub(crate) stores: Arc<Stores>,
    /// Those that flavors work with.
    pub(crate) givers: Arc<Stores>,
    /// The server's clock.
    pub(crate) clock: Arc<Clock>,
}

/// Why there is no login.
pub(crate) enum LoginError {
    /// Its end could not be told by this server's clock.
    Clock(ClockDifference),
    /// There is none.
    None(NoLogin),
}

impl From<NoLogin> for LoginError {
    fn from(error: NoLogin) -> Self {
        Self::None(error)
    }
}

impl From<StoreError> for LoginError {
    fn from(error: StoreError) -> Self {
        Self::None(error.into())
    }
}

/// What came of asking, and at which number of changes of the store.
struct Kept {
    revision: i64,
    outcome: Result<Arc<Granted>, NoLogin>,
    /// Unix time in seconds until which it is good.
    until: u64,
}

/// Logins without a known end are asked for again after about this time.
const LASTING: u64 = 17 * 60;

/// A login that a registry refused is not younger than this, or others have had it renewed.
const RENEWED: Duration = Duration::from_secs(20);

/// Logins of one registry that flavors give at the same time: one whose provider hangs leaves stores for the others.
const OF_ONE: usize = 4;

/// Registries whose calls are counted. Names of registries that are not there are counted, too.
const MAX_COUNTED: usize = 1_000;

/// Logins that are kept; those that ended are removed first.
const MAX_KEPT: usize = 20_000;

impl Logins {
    /// None yet.
    pub(crate) fn new(by: KeptBy, runtime: Runtime, environment: Environment, metrics: Arc<Metrics>) -> Self {
        Self {
            by,
            giver: Arc::new(Giver { runtime, environment }),
            metrics,
            kept: Mutex::default(),
            lasting: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// A login. Of all that ask for the same at once, the flavor is called for one. `None` for one without a known end
    /// that `may_last` does not allow: only the flavor knows that, so that it is asked once for each registry.
    ///
    /// # Errors
    /// When there is no such registry, it does not own the repository, the flavor refuses or fails, or the server's
    /// clock is wrong.
    pub(crate) async fn login(
        &self,
        key: &LoginKey,
        fresh: bool,
        may_last: bool,
    ) -> Result<Option<Arc<Granted>>, LoginError> {
        let cell = self.cell(key);
        let sight = self.by.stores.with(Store::look).await?;
        self.by.clock.note(sight).map_err(LoginError::Clock)?;
        let revision = sight.revision;
        let place = (key.registry.clone(), key.operation);
        if !may_last && self.lasting.lock().get(&place) == Some(&revision) {
            return Ok(None);
        }
        let mut kept = cell.lock().await;
        let outcome = match &*kept {
            Some(kept) if kept.revision == revision && kept.is_good() && !kept.is_refused(fresh) => {
                kept.outcome.clone()
            }
            _ => {
                let (revision, outcome) = self.give(key, fresh).await?;
                let now = Moment::now().0;
                let until = match &outcome {
                    Ok(granted) => granted.expires_at.unwrap_or(now.saturating_add(LASTING)),
                    Err(error) => error.until(),
                };
                if outcome.as_ref().is_ok_and(|granted| granted.is_lasting()) {
                    self.note_lasting(place, revision);
                }
                *kept = Some(Kept { revision, outcome: outcome.clone(), until });
                outcome
            }
        };
        let granted = outcome?;
        Ok((may_last || !granted.is_lasting()).then_some(granted))
    }

    /// Has the flavor asked. Gives the number of changes of the store for which the outcome holds.
    async fn give(&self, key: &LoginKey, fresh: bool) -> Result<(i64, Result<Arc<Granted>, NoLogin>), NoLogin> {
        // It never fails: nobody closes it.
        let _call = self.calls_of(&key.registry).acquire_owned().await.ok();
        let (giver, wanted) = (Arc::clone(&self.giver), key.clone());
        let start = Instant::now();
        let given = self.by.givers.with(move |store| Ok::<_, StoreError>(giver.give(store, &wanted, fresh))).await;
        let (revision, outcome) = given?;
        self.metrics.call(start.elapsed(), outcome.is_ok());
        Ok((revision, outcome.map(Arc::new)))
    }

    fn note_lasting(&self, place: (Name, Operation), revision: i64) {
        let mut lasting = self.lasting.lock();
        if lasting.len() >= MAX_COUNTED {
            lasting.retain(|_, of| *of == revision);
        }
        lasting.insert(place, revision);
    }

    fn calls_of(&self, registry: &Name) -> Arc<Semaphore> {
        let mut all = self.calls.lock();
        if all.len() >= MAX_COUNTED {
            all.retain(|_, calls| calls.available_permits() < OF_ONE);
        }
        Arc::clone(all.entry(registry.clone()).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE))))
    }

    fn cell(&self, key: &LoginKey) -> Arc<tokio::sync::Mutex<Option<Kept>>> {
        let mut all = self.kept.lock();
        if all.len() >= MAX_KEPT {
            all.retain(|_, cell| cell.try_lock().is_ok_and(|kept| kept.as_ref().is_some_and(Kept::is_good)));
            // Those that were given are in the store, too.
            if all.len() >= MAX_KEPT {
                all.clear();
            }
        }
        Arc::clone(all.entry(key.clone()).or_default())
    }
}

impl Kept {
    /// Whether it is handed out, or told, to others.
    fn is_good(&self) -> bool {
        match &self.outcome {
            Ok(_) => self.until > handed_out_until(),
            Err(_) => self.until > Moment::now().0,
        }
    }

    /// Whether the caller was refused with it, and nobody has had it renewed since.
    fn is_refused(&self, fresh: bool) -> bool {
        fresh && self.outcome.as_ref().is_ok_and(|granted| granted.given.elapsed() >= RENEWED)
    }
}
