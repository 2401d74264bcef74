//! What kind of failure one of the database or of a file is.

use std::io;
use std::path::Path;

use super::StoreError;
use crate::files::trust::{Distrust, FileDistrust};
use crate::text::{Escaped, Foreign};

impl StoreError {
    /// Whether the store can't be made or written to, for a reason that is of the disk and not of what is stored.
    pub(in crate::store) fn is_unwritable(&self) -> bool {
        use io::ErrorKind::{
            NotADirectory, NotFound, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        match self {
            Self::Full(_) | Self::ReadOnly(_) | Self::Distrust(Distrust::NotDirectory(_)) => true,
            Self::File { reason, .. } => matches!(
                reason.0.kind(),
                NotADirectory | NotFound | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull
            ),
            _ => false,
        }
    }

    /// A failure of the database, as one of its file.
    pub(in crate::store) fn of_file(self, file: &Path) -> Self {
        use rusqlite::ErrorCode;
        let Self::Database(Foreign(error)) = &self else { return self };
        let path = || Escaped::from(file);
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path()),
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path()),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::NoDatabase(path()),
            _ => self,
        }
    }

    /// The failure of a check of a file that is no key.
    pub(in crate::store) fn from_distrust(path: &Path, reason: FileDistrust) -> Self {
        match reason {
            FileDistrust::Io(reason) => Self::File { path: path.into(), reason },
            reason => Self::Untrusted { path: path.into(), reason },
        }
    }
}
