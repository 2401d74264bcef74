//! The connection's thread: the library is asynchronous, and the store's callers are not, or are in the middle of
//! another runtime. One thread for each open store has a runtime of its own and works through what it is asked.

use std::sync::mpsc as replies;
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::mpsc;

use super::address::Address;
use super::session::Session;
use super::work::{Answer, Work};
use crate::store::postgres_error::PostgresError;

type Reply = Result<Answer, PostgresError>;

/// The way to the thread. It ends when this is dropped.
pub(super) struct Connection(mpsc::UnboundedSender<(Work, Option<replies::Sender<Reply>>)>);

impl Connection {
    /// Starts the thread, which connects at the first transaction.
    pub(super) fn start(address: Address) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel::<(Work, Option<replies::Sender<Reply>>)>();
        let work = move || {
            let runtime = Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime.inspect_err(|error| tracing::error!("no runtime for the database: {error}"))
            else {
                return;
            };
            runtime.block_on(async move {
                let mut session = Session::new(address);
                while let Some((work, reply)) = receiver.recv().await {
                    let answer = session.work(work).await;
                    if let Some(reply) = reply {
                        // The asker may have gone.
                        drop(reply.send(answer));
                    }
                }
            });
        };
        if let Err(error) = thread::Builder::new().name("database".to_owned()).spawn(work) {
            tracing::error!("no thread for the database: {error}");
        }
        Self(sender)
    }

    /// Has something done and waits for it.
    pub(super) fn ask(&self, work: Work) -> Reply {
        let (sender, receiver) = replies::channel();
        // The thread is gone if it could not be started.
        self.0.send((work, Some(sender))).map_err(|_| PostgresError::stopped())?;
        receiver.recv().map_err(|_| PostgresError::stopped())?
    }

    /// Has something done, without waiting.
    pub(super) fn tell(&self, work: Work) {
        drop(self.0.send((work, None)));
    }
}
