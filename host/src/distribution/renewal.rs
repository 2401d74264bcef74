//! New credentials in the middle of the work, from whoever gave the old ones.
//!
//! Requests run in tasks of their own, and who gives credentials can't be shared between tasks. So a request that needs new
//! ones asks over a channel, and the work's owner answers while it waits for the work.

use tokio::sync::{mpsc, oneshot};

use crate::credential::Login;

type Question = oneshot::Sender<Option<Login>>;

/// The asking side.
#[derive(Clone)]
pub(crate) struct Renewer(mpsc::Sender<Question>);

/// The answering side.
pub(crate) struct Renewals(mpsc::Receiver<Question>);

/// Both sides.
#[must_use]
pub(crate) fn renewals() -> (Renewer, Renewals) {
    // The credential's lock lets one ask at a time.
    let (ask, answer) = mpsc::channel(1);
    (Renewer(ask), Renewals(answer))
}

impl Renewer {
    /// New credentials; none if there are none to be had.
    pub(super) async fn renew(&self) -> Option<Login> {
        let (answer, answered) = oneshot::channel();
        self.0.send(answer).await.ok()?;
        answered.await.ok()?
    }
}

impl Renewals {
    /// Answers with what `fresh` gives, for as long as it is waited for: it never ends by itself.
    pub(crate) async fn serve<F: Future<Output = Option<Login>>>(mut self, mut fresh: impl FnMut() -> F) {
        while let Some(question) = self.0.recv().await {
            // Who asked may be gone: another request failed for good.
            let _ = question.send(fresh().await);
        }
        std::future::pending().await
    }
}
