//! Small configurations that many images of one repository share, as artifacts do: each is read once.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest};
use crate::retrying::retry;

/// Bytes of a configuration that is kept at most; those of images are larger, and each image has its own.
const LARGEST: u64 = 1 << 10;

/// Most configurations that are kept, of at most a MiB together.
const MOST: usize = 1_000;

/// The configurations of one repository that are kept.
#[derive(Default)]
pub(crate) struct Configs(Mutex<HashMap<Digest, Arc<OnceCell<Bytes>>>>);

impl Configs {
    /// A configuration's bytes.
    ///
    /// # Errors
    /// If it is missing or too large, and any refusal.
    pub(super) async fn read(&self, repository: &RepositoryClient, config: &Descriptor) -> Result<Bytes, Error> {
        let read = async || retry(|| repository.small_blob(config)).await;
        match self.cell(config) {
            Some(cell) => cell.get_or_try_init(read).await.cloned(),
            None => read().await,
        }
    }

    /// The place where a configuration is kept, if it is.
    fn cell(&self, config: &Descriptor) -> Option<Arc<OnceCell<Bytes>>> {
        let mut all = self.0.lock();
        if let Some(cell) = all.get(&config.digest) {
            return Some(Arc::clone(cell));
        }
        if config.size > LARGEST || all.len() == MOST {
            return None;
        }
        Some(Arc::clone(all.entry(config.digest.clone()).or_default()))
    }
}
