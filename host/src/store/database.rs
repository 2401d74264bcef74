//! The open store and its transactions. The other files of this module give it its operations.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;

use super::audit::{self, AuditRecord, AuditTime};
use super::component_place::Components;
use super::data_key::DataKey;
use super::error::StoreError;
use super::home::Home;
use super::key::Key;
use super::revision;
use super::shared_database::SharedDatabase;
use super::sql::{Begin, Counted, Database, Engine, Transaction};
use super::together_state::Together;
use crate::error::Explain;
use crate::text::Escaped;

/// The open store.
pub(crate) struct Store {
    pub(super) database: Box<dyn Database + Send>,
    /// Whether a failure of what is only remembered was told already.
    pub(super) warned: Cell<bool>,
    /// Why nothing can be changed, and the hint, where only a copy in memory is open.
    pub(super) fixed: Option<(Escaped, Escaped)>,
    /// Where components are.
    pub(super) components: Components,
    /// The directory of what belongs to this machine alone.
    pub(super) directory: PathBuf,
    /// The key from the keyring, with the name of its entry, once it was read.
    pub(super) keyring_key: RefCell<Option<(String, Key)>>,
    /// The way to the data key of a shared database.
    pub(super) data_key: Option<DataKey>,
    /// The one transaction that changes belong to, while there is one.
    pub(super) together: Together,
    /// Whether changes are recorded in the audit: those of a store that lasts.
    pub(super) is_audited: bool,
}

impl Store {
    /// Opens the store: the database that many machines share if the environment names one, otherwise this machine's
    /// file, which is made if it is missing. Where none can be made, because the disk is full or read-only or the
    /// directory is another's, it is empty and can't be changed: much works without it.
    ///
    /// # Errors
    /// When its directory is not the user's alone, or holds a store that can't be read, or one of a newer crhost, or
    /// the shared database can't be used.
    pub(crate) fn open(home: &Home) -> Result<Self, StoreError> {
        match home.shared() {
            Some(database) => Self::open_shared(home, database),
            None => Self::open_local(home),
        }
    }

    /// Opens what is stored to read its audit: of a shared database without a key, and without making tables. `None`
    /// where nothing is stored yet.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub(crate) fn open_audit(home: &Home) -> Result<Option<Self>, StoreError> {
        match home.shared() {
            Some(database) => Self::examine_shared(home, &SharedDatabase { key_file: None, ..database.clone() }),
            None if home.data().exists() => Self::open_local(home).map(Some),
            None => Ok(None),
        }
    }

    /// What is stored, in a copy or a view that can't be changed: nothing is made or changed. `None` where nothing is
    /// stored yet.
    ///
    /// # Errors
    /// As for [`Store::open`], and where a page of the database is damaged.
    pub(crate) fn examine(home: &Home) -> Result<Option<Self>, StoreError> {
        match home.shared() {
            Some(database) => Self::examine_shared(home, database),
            None => Self::examine_local(home),
        }
    }

    /// The same store, which can't be changed, for this reason.
    pub(crate) fn fixed(self, reason: &impl Explain) -> Self {
        let hint = reason.hint().unwrap_or_else(|| "set CRHOST_HOME to a directory that you may write to".into());
        Self { fixed: Some((Escaped::of(reason), hint)), ..self }
    }

    /// The same store, which is only looked at.
    pub(super) fn looked_at(self) -> Self {
        let fixed = Some(("it is only looked at".into(), "run another command to change it".into()));
        Self { fixed, ..self }
    }

    /// The outcome of an operation on what is only remembered, such as compressed layers and credentials that end: its
    /// failure is a warning, once, since everything works without.
    pub(crate) fn as_cache<T>(&self, outcome: Result<T, StoreError>) -> Option<T> {
        outcome.inspect_err(|error| self.warn(error)).ok()
    }

    fn warn(&self, error: &StoreError) {
        // A store that can't be written to is the user's choice, and so are many runs with it.
        if self.warned.replace(true) || matches!(error, StoreError::ReadOnly(_) | StoreError::Unusable { .. }) {
            tracing::debug!("nothing is remembered: {error}");
        } else {
            tracing::warn!("nothing is remembered for later pushes: {error}");
        }
    }

    /// Why nothing can be changed, if that is so.
    pub(super) fn why_fixed(&self) -> Option<StoreError> {
        self.fixed.clone().map(|(reason, hint)| StoreError::Unusable { reason, hint })
    }

    /// Whether more than a copy in memory is open.
    pub(super) fn can_be_changed(&self) -> bool {
        self.fixed.is_none()
    }

    /// Reads in one consistent view.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let view = || -> Result<T, StoreError> {
            if self.together.is_running() {
                return read(&Transaction(self.database.engine()));
            }
            let view = self.database.begin(Begin::Read)?;
            read(&Transaction(view.engine()))
        };
        view().map_err(|error| self.database.explain(error))
    }

    /// Changes in one transaction, and records it in the audit, if anything did change. The write lock is taken first,
    /// so that reads in it are still true when it writes.
    pub(super) fn change<T>(
        &self,
        record: AuditRecord,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.change_told(record, |transaction, _| change(transaction))
    }

    /// As [`Store::change`], which adds to the record what it found.
    pub(super) fn change_told<T>(
        &self,
        mut record: AuditRecord,
        change: impl FnOnce(&Transaction<'_>, &mut AuditRecord) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let recorded = |transaction: &Transaction<'_>| {
            let counted = Counted::of(transaction.0);
            let value = change(&Transaction(&counted), &mut record)?;
            if counted.has_changed() {
                revision::bump(transaction)?;
                self.record(transaction, record)?;
            }
            Ok(value)
        };
        self.remember(recorded)
    }

    /// Records a change in the audit: now, or with the others that it belongs to.
    fn record(&self, transaction: &Transaction<'_>, record: AuditRecord) -> Result<(), StoreError> {
        if !self.is_audited {
            return Ok(());
        }
        let record = AuditRecord { time: AuditTime::now(), actor: audit::local(), ..record };
        match self.together.record(record) {
            Some(record) => self.add_to_audit(transaction.0, &[record]),
            None => Ok(()),
        }
    }

    /// Adds records to the audit, at the end of a transaction that writes.
    pub(super) fn add_to_audit(&self, engine: &dyn Engine, records: &[AuditRecord]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        engine.lock_audit()?;
        audit::append(&Transaction(engine), records).map(drop)
    }

    /// As [`Store::change`], for what is only remembered: whoever has read the store need not read it again for it.
    pub(super) fn remember<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transact(std::convert::identity, change).map_err(|error| self.database.explain(error))
    }

    /// As [`Store::remember`], for work that has errors of its own.
    pub(super) fn change_with<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact(|error| self.database.explain(error).into(), change)
    }

    fn transact<T, E>(
        &self,
        failed: impl Fn(StoreError) -> E,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(reason) = self.why_fixed() {
            return Err(failed(reason));
        }
        if self.together.is_running() {
            return change(&Transaction(self.database.engine()));
        }
        let running = self.database.begin(Begin::Write).map_err(&failed)?;
        let value = change(&Transaction(running.engine()))?;
        running.commit().map_err(failed)?;
        Ok(value)
    }
}
