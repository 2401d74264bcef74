//! Lists that come in pages, each of which is asked for again where it fails for a while.

use super::backoff::retry;
use crate::distribution::{Error, Pages};

/// All entries of a list.
///
/// # Errors
/// Any refusal, also of a later page: a part of the list is no list.
pub(crate) async fn all_pages<T>(pages: &Pages<'_, T>) -> Result<Vec<T>, Error> {
    let mut found = Vec::new();
    while let Some(page) = retry(|| pages.next()).await? {
        found.extend(page);
    }
    Ok(found)
}
