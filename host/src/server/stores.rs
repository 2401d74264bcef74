//! Open stores that requests take turns with: each has a connection to the database, and one thread at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::error::{Explain as _, Kind};
use crate::store::{Home, Store, StoreError};

/// Wait for a database that starts again.
const PATIENCE: Duration = Duration::from_secs(15);

/// Pause between two tries of that.
const PAUSE: Duration = Duration::from_millis(500);

/// The stores.
pub(crate) struct Stores {
    home: Home,
    idle: Mutex<Vec<Store>>,
    permits: Arc<Semaphore>,
}

impl Stores {
    /// Opens the first one, which makes or updates the tables, and checks that its key opens what is sealed. `most` are
    /// open at the same time.
    ///
    /// # Errors
    /// As for [`Store::open`], and when the key is another one. That the service which has it does not answer is none.
    pub(crate) fn open(home: Home, most: usize) -> Result<Self, StoreError> {
        let first = Store::open(&home)?;
        match first.has_key() {
            // It is asked again for each request, and `/readyz` says so as long as it does not answer.
            Err(error @ StoreError::KeyService(_)) if error.kind() == Kind::Network => {
                tracing::warn!("no login is given until the key service answers: {error}");
            }
            opened => drop(opened?),
        }
        Ok(Self { home, idle: Mutex::new(vec![first]), permits: Arc::new(Semaphore::new(most)) })
    }

    /// Opens one more, patiently: the database was there before.
    fn open_one(&self) -> Result<Store, StoreError> {
        let since = Instant::now();
        loop {
            match Store::open(&self.home) {
                Err(error) if error.kind() == Kind::Network && since.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                opened => return opened,
            }
        }
    }

    /// Works with a store, on a thread that may wait.
    ///
    /// # Errors
    /// Those of the work, and when no store can be opened.
    pub(crate) async fn with<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| stopped())?;
        let stores = Arc::clone(self);
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let _span = span.entered();
            let idle = stores.idle.lock().pop();
            let store = match idle {
                Some(store) => store,
                None => stores.open_one()?,
            };
            let outcome = work(&store);
            stores.idle.lock().push(store);
            outcome
        });
        done.await.map_err(|_| stopped())?
    }
}

fn stopped() -> StoreError {
    StoreError::Damaged("the work on it stopped".into())
}
