//! A key that wraps the data key of a database that many machines share: 32 bytes in a file that only its owner may
//! open.

use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::aead;
use super::error::StoreError;
use super::key::{self, Key};
use crate::text::Escaped;

/// The key that wraps the data key.
pub(super) struct WrappingKey {
    key: Key,
    file: PathBuf,
}

/// A key that is ready to wrap a data key.
pub(super) struct ReadyKey {
    /// The name of the wrapping key.
    pub(super) name: String,
    /// Where the wrapping key is kept.
    pub(super) kept_by: String,
    key: Key,
}

/// The first part of the context that a data key is wrapped for.
const TABLE: &str = "wrapped_keys";

/// Domain of the name of a wrapping key: its digest is no help to find it, as it is random.
const PURPOSE: &[u8] = b"crhost wrapping key 1";

/// Bytes of the digest that is the name.
const NAME_BYTES: usize = 8;

/// Where a key of a file is kept, in a word.
const FILE: &str = "file";

impl WrappingKey {
    /// The key in a file, which has to exist.
    pub(super) fn load(file: PathBuf) -> Result<Self, StoreError> {
        let unusable = |problem: Escaped| StoreError::WrappingKeyFile { path: file.as_path().into(), problem };
        let found = key::load(&file).map_err(|error| match error {
            StoreError::Damaged(problem) => unusable(problem),
            StoreError::Key { reason, .. } => unusable(reason.to_string().into()),
            error => error,
        })?;
        let key = found.ok_or_else(|| StoreError::NoWrappingKey(file.as_path().into()))?;
        Ok(Self { key, file })
    }

    /// A key that ends with this process.
    pub(super) fn of_this_process() -> Result<Self, StoreError> {
        Ok(Self { key: Key::random()?, file: PathBuf::from("memory") })
    }

    /// The file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// A short name of the key, by which its wrapping is found: another key is told from damage.
    pub(super) fn name(&self) -> String {
        let digest = digest(&SHA256, &[PURPOSE, self.key.bytes()].concat());
        digest.as_ref().iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    /// What wraps a data key.
    #[expect(clippy::unnecessary_wraps, reason = "a service has to be asked")]
    pub(super) fn ready(&self) -> Result<ReadyKey, StoreError> {
        Ok(ReadyKey { name: self.name(), kept_by: FILE.to_owned(), key: self.key.duplicate() })
    }

    /// A data key that it wrapped.
    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Result<Key, StoreError> {
        let plain = aead::open(&self.key, &[TABLE, &self.name()], wrapped)
            .ok_or_else(|| StoreError::Damaged("the data key does not open".into()))?;
        Key::parse(&plain)
    }
}

impl ReadyKey {
    /// A data key, wrapped.
    pub(super) fn wrap(&self, data_key: &Key) -> Result<Vec<u8>, StoreError> {
        let plain = Zeroizing::new(data_key.bytes().to_vec());
        aead::seal(&self.key, &[TABLE, &self.name], plain, "the data key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Explain as _;

    #[test]
    fn a_file_that_is_no_key_is_told_without_advice_that_loses_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("key");
        crate::files::atomic::create(&file, &[7; 31]).unwrap();
        let error = WrappingKey::load(file).err().unwrap();
        assert!(error.to_string().ends_with("can't be used: the key has 31 bytes, expected 32"), "{error}");
        assert!(!error.hint().unwrap().as_str().contains("remove"), "{error}");
    }
}
