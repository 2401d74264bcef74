//! New credentials during a push, from the same origin as the first ones.
//!
//! Requests run in tasks of their own, and the origin of credentials can't be shared between tasks. So a request that
//! needs new ones asks over a channel, and the owner of the push answers while it waits for the tasks.

use std::convert::Infallible;

use tokio::sync::{mpsc, oneshot};

use crate::credential::Login;

/// Takes the new credentials, or `None` where there are none.
type RenewalRequest = oneshot::Sender<Option<Login>>;

/// Asks for new credentials; clones ask the same owner.
#[derive(Clone)]
pub(crate) struct Renewer(mpsc::Sender<RenewalRequest>);

/// Receives what the [`Renewer`]s ask for.
pub(crate) struct Renewals(mpsc::Receiver<RenewalRequest>);

/// A connected pair of [`Renewer`] and [`Renewals`].
#[must_use]
pub(crate) fn renewals() -> (Renewer, Renewals) {
    // Requests ask one at a time, as the lock around the credential makes them.
    let (sender, receiver) = mpsc::channel(1);
    (Renewer(sender), Renewals(receiver))
}

impl Renewer {
    /// New credentials; `None` where there are none, or no push any more that could give some.
    pub(crate) async fn renew(&self) -> Option<Login> {
        let (sender, receiver) = oneshot::channel();
        self.0.send(sender).await.ok()?;
        receiver.await.ok()?
    }
}

impl Renewals {
    /// Answers each request with the result of `fresh`. It never ends by itself: run it beside the work, in a
    /// `select!`.
    pub(crate) async fn serve<F>(&mut self, mut fresh: impl FnMut() -> F) -> Infallible
    where
        F: Future<Output = Option<Login>>,
    {
        while let Some(request) = self.0.recv().await {
            // Fails where the request has been dropped meanwhile, because another one failed for good.
            let _ = request.send(fresh().await);
        }
        std::future::pending().await
    }
}
