//! Open stores that requests take turns with: each has a connection to the database, and one thread at a time.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::store::{Home, Store, StoreError};

/// Most that are open at the same time; a database has a hundred connections for all replicas.
const MAX: usize = 8;

/// The stores.
pub(crate) struct Stores {
    home: Home,
    idle: Mutex<Vec<Store>>,
    permits: Arc<Semaphore>,
}

impl Stores {
    /// Opens the first one, which makes or updates the tables.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub(crate) fn open(home: Home) -> Result<Self, StoreError> {
        let first = Store::open(&home)?;
        Ok(Self { home, idle: Mutex::new(vec![first]), permits: Arc::new(Semaphore::new(MAX)) })
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
                None => Store::open(&stores.home)?,
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
