//! Logins: given by flavors in their sandbox, once for all who ask at the same time, and kept until shortly before
//! their end, as long as nothing in the store changes.

mod giver;
mod login;
mod no_login;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::metrics::Metrics;
use super::rules::Operation;
use super::stores::Stores;
use crate::access::handed_out_until;
use crate::environment::Environment;
use crate::flavor::Runtime;
use crate::store::{Name, Store, StoreError};
use crate::text::Moment;
use giver::Giver;
pub(crate) use login::{Granted, LoginKey};
pub(crate) use no_login::NoLogin;

/// All logins of this process.
pub(crate) struct Logins {
    stores: Arc<Stores>,
    /// Those that flavors work with.
    givers: Arc<Stores>,
    giver: Arc<Giver>,
    metrics: Arc<Metrics>,
    kept: Mutex<HashMap<LoginKey, Arc<tokio::sync::Mutex<Option<Kept>>>>>,
    /// Registries whose credentials have no end, by the number of changes of the store at which that was so.
    lasting: Mutex<HashMap<(Name, Operation), i64>>,
    /// Calls that each registry may have yet.
    calls: Mutex<HashMap<Name, Arc<Semaphore>>>,
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

/// A failure is told to others for so long: a provider that throttles is not asked by each of a thousand callers.
const FAILED: u64 = 2;

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
    pub(crate) fn new(
        stores: Arc<Stores>,
        givers: Arc<Stores>,
        runtime: Runtime,
        environment: Environment,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            stores,
            givers,
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
    /// When there is no such registry, it does not own the repository, or the flavor refuses or fails.
    pub(crate) async fn login(
        &self,
        key: &LoginKey,
        fresh: bool,
        may_last: bool,
    ) -> Result<Option<Arc<Granted>>, NoLogin> {
        let cell = self.cell(key);
        let revision = self.stores.with(Store::revision).await?;
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
                    Err(_) => now.saturating_add(FAILED),
                };
                if outcome.as_ref().is_ok_and(|granted| granted.is_lasting()) {
                    self.note_lasting(place, revision);
                }
                *kept = Some(Kept { revision, outcome: outcome.clone(), until });
                outcome
            }
        };
        outcome.map(|granted| (may_last || !granted.is_lasting()).then_some(granted))
    }

    /// Has the flavor asked. Gives the number of changes of the store for which the outcome holds.
    async fn give(&self, key: &LoginKey, fresh: bool) -> Result<(i64, Result<Arc<Granted>, NoLogin>), NoLogin> {
        // It never fails: nobody closes it.
        let _call = self.calls_of(&key.registry).acquire_owned().await.ok();
        let (giver, wanted) = (Arc::clone(&self.giver), key.clone());
        let start = Instant::now();
        let given = self.givers.with(move |store| Ok::<_, StoreError>(giver.give(store, &wanted, fresh))).await;
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
