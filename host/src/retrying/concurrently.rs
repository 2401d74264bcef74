//! Small requests side by side.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

/// Small requests that are open at once: questions, mounts, configurations, manifests. Registries limit the requests of
/// one client per second, and more at once gain little.
pub(crate) const CONCURRENT_REQUESTS: usize = 16;

/// The results of all requests in the order in which they end, or the first failure.
pub(crate) async fn concurrently<T, E>(
    requests: impl IntoIterator<Item = impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    stream::iter(requests).buffer_unordered(CONCURRENT_REQUESTS).try_collect().await
}
