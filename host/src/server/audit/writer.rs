//! The writer: what queued while the last transaction ran is one transaction, so that a thousand callers at once wait
//! for a few of them. Nothing is handed out before its row is committed, and nothing without one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::interval;

use super::refusals::Refusals;
use crate::server::metrics::Metrics;
use crate::server::stores::Stores;
use crate::store::{AuditRecord, Store};

/// Rows that wait to be written. More callers than that are told to come again.
const QUEUE: usize = 4_096;

/// Most rows of one transaction.
const BATCH: usize = 512;

/// Refusals of so long are told apart by their kinds alone.
const MINUTE: Duration = Duration::from_secs(60);

/// A row could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoAudit;

/// A row, and who waits for it.
struct Entry {
    record: AuditRecord,
    waits: Option<oneshot::Sender<bool>>,
}

/// The way to the writer.
pub(crate) struct Audit {
    queue: mpsc::Sender<Entry>,
    refusals: Arc<Refusals>,
    metrics: Arc<Metrics>,
}

impl Audit {
    /// Starts the writer, which has these stores for itself.
    pub(crate) fn start(stores: Arc<Stores>, metrics: Arc<Metrics>) -> Self {
        let (queue, entries) = mpsc::channel(QUEUE);
        let refusals = Arc::new(Refusals::default());
        tokio::spawn(write(entries, stores, Arc::clone(&metrics)));
        let (summed_up, told) = (Arc::clone(&refusals), queue.downgrade());
        tokio::spawn(async move {
            let mut minutes = interval(MINUTE);
            minutes.tick().await;
            loop {
                minutes.tick().await;
                // It ends with the server.
                let Some(told) = told.upgrade() else { return };
                for record in summed_up.summaries() {
                    if told.send(Entry { record, waits: None }).await.is_err() {
                        return;
                    }
                }
            }
        });
        Self { queue, refusals, metrics }
    }

    /// Records something and waits until it is committed.
    ///
    /// # Errors
    /// When it can't be written, or too many wait already.
    pub(crate) async fn record(&self, record: AuditRecord) -> Result<(), NoAudit> {
        let (sender, done) = oneshot::channel();
        self.queue.try_send(Entry { record, waits: Some(sender) }).map_err(|_| NoAudit)?;
        self.metrics.audit.queued.set(QUEUE - self.queue.capacity());
        match done.await {
            Ok(true) => Ok(()),
            _ => Err(NoAudit),
        }
    }

    /// Records a refusal, without waiting for it.
    pub(crate) fn refused(&self, record: AuditRecord) {
        if let Some(record) = self.refusals.note(record)
            && let Err(full) = self.queue.try_send(Entry { record, waits: None })
        {
            // Counted again, it has a row at the end of the minute.
            let _noted: Option<AuditRecord> = self.refusals.note(full.into_inner().record);
        }
    }

    /// Writes what is left of the refusals, at the end of the server.
    pub(crate) async fn end(&self) {
        let mut last = None;
        for record in self.refusals.summaries() {
            let (sender, done) = oneshot::channel();
            if self.queue.send(Entry { record, waits: Some(sender) }).await.is_ok() {
                last = Some(done);
            }
        }
        if let Some(done) = last {
            drop(done.await);
        }
    }
}

async fn write(mut entries: mpsc::Receiver<Entry>, stores: Arc<Stores>, metrics: Arc<Metrics>) {
    let mut batch = Vec::new();
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        let (records, waiting): (Vec<_>, Vec<_>) = batch.drain(..).map(|entry| (entry.record, entry.waits)).unzip();
        let (start, rows) = (Instant::now(), records.len());
        let written = stores.with(move |store: &Store| store.append_to_audit(&records)).await;
        metrics.audit.batch(rows, start.elapsed(), written.as_ref().ok().map(|head| head.sequence));
        metrics.audit.queued.set(entries.len());
        match &written {
            // Whoever keeps the log elsewhere has heads of the chain there.
            Ok(head) => tracing::debug!("audit: {rows} rows, head {head}"),
            Err(error) => tracing::error!("no login is given, since the audit can't be written: {error}"),
        }
        for waits in waiting.into_iter().flatten() {
            // The caller may have gone.
            let _gone: Result<(), bool> = waits.send(written.is_ok());
        }
    }
}
