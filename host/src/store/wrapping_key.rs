//! A key that wraps the data key of a database that many machines share: 32 bytes in a file that only its owner may
//! open, or a key of a service, which a file in TOML names.
//!
//! A service never sees the data key: it makes a key for each wrapping, which seals the data key here, and is asked for
//! that key again when a process starts.

use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::aead;
use super::error::StoreError;
use super::key::{self, Key};
use super::key_service::{KeyService, KeyServices, MadeKey};
use crate::text::Escaped;

/// The key that wraps the data key.
pub(super) struct WrappingKey {
    source: Source,
    file: PathBuf,
}

/// Where it is.
enum Source {
    /// In a file.
    File(Key),
    /// At a service.
    Service(Box<dyn KeyService>),
}

/// A key that is ready to wrap a data key.
pub(super) struct ReadyKey {
    /// The name of the wrapping key.
    pub(super) name: String,
    /// Where the wrapping key is kept.
    pub(super) kept_by: String,
    key: Key,
    /// What gives the key again, of a service.
    wrapped: Option<String>,
}

/// The first part of the context that a data key is wrapped for.
const TABLE: &str = "wrapped_keys";

/// Domain of the name of a wrapping key: its digest is no help to find it, as it is random.
const PURPOSE: &[u8] = b"crhost wrapping key 1";

/// Bytes of the digest that is the name.
const NAME_BYTES: usize = 8;

/// Where a key of a file is kept, in a word.
pub(super) const FILE: &str = "file";

/// The end of the name of a file that names a service.
const OF_SERVICE: &str = "toml";

/// What stands between the key of a service, wrapped, and the data key.
const SEPARATOR: u8 = b'\n';

impl WrappingKey {
    /// The key in a file, which has to exist, or that of the service that it names.
    pub(super) fn load(file: PathBuf, services: &KeyServices) -> Result<Self, StoreError> {
        if file.extension().is_some_and(|end| end == OF_SERVICE) {
            return Ok(Self { source: Source::Service(services.open(&file)?), file });
        }
        let unusable = |problem: Escaped| StoreError::WrappingKeyFile {
            path: file.as_path().into(),
            problem,
            hint: "name the file that the other servers use: 32 bytes, for its owner alone (`chmod 600`)",
        };
        let found = key::load_named(&file).map_err(|error| match error {
            StoreError::Damaged(problem) => unusable(problem),
            StoreError::Key { reason, .. } => unusable(reason.to_string().into()),
            error => error,
        })?;
        let key = found.ok_or_else(|| StoreError::NoWrappingKey(file.as_path().into()))?;
        // An empty device or a cleared file: anybody could have it.
        if key.bytes().iter().all(|byte| key.bytes().first() == Some(byte)) {
            return Err(unusable("all of its bytes are the same, which is no random key".into()));
        }
        Ok(Self { source: Source::File(key), file })
    }

    /// A key that ends with this process.
    pub(super) fn of_this_process() -> Result<Self, StoreError> {
        Ok(Self { source: Source::File(Key::random()?), file: PathBuf::from("memory") })
    }

    /// The file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Whether a service has it.
    pub(super) fn is_of_service(&self) -> bool {
        matches!(self.source, Source::Service(_))
    }

    /// A short name of the key, by which its wrapping is found: another key is told from damage.
    pub(super) fn name(&self) -> String {
        match &self.source {
            Source::File(key) => {
                let digest = digest(&SHA256, &[PURPOSE, key.bytes()].concat());
                digest.as_ref().iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect()
            }
            Source::Service(service) => service.name().to_owned(),
        }
    }

    /// What wraps a data key. A service is asked.
    pub(super) fn ready(&self) -> Result<ReadyKey, StoreError> {
        let name = self.name();
        match &self.source {
            Source::File(key) => Ok(ReadyKey { name, kept_by: FILE.to_owned(), key: key.duplicate(), wrapped: None }),
            Source::Service(service) => {
                let MadeKey { key, wrapped, by } = service.make()?;
                // Who may not unwrap it would lose the data key.
                if *service.unwrap(&wrapped)? != *key {
                    return Err(StoreError::OtherServiceKey(name.into()));
                }
                Ok(ReadyKey { name, kept_by: by, key: Key::parse(&*key)?, wrapped: Some(wrapped) })
            }
        }
    }

    /// A data key that it wrapped. A service is asked.
    pub(super) fn unwrap(&self, wrapped: &[u8]) -> Result<Key, StoreError> {
        let name = self.name();
        let context = [TABLE, name.as_str()];
        let damaged = || StoreError::Damaged("the data key does not open".into());
        let plain = match &self.source {
            Source::File(key) => aead::open(key, &context, wrapped).ok_or_else(damaged)?,
            Source::Service(service) => {
                let at = wrapped.iter().position(|byte| *byte == SEPARATOR).ok_or_else(damaged)?;
                let (of_service, sealed) = wrapped.split_at_checked(at).ok_or_else(damaged)?;
                let sealed = sealed.get(1..).unwrap_or_default();
                let of_service = str::from_utf8(of_service).map_err(|_| damaged())?;
                let key = Key::parse(&*service.unwrap(of_service)?)?;
                aead::open(&key, &context, sealed).ok_or_else(|| StoreError::OtherServiceKey(name.as_str().into()))?
            }
        };
        Key::parse(&plain)
    }
}

impl ReadyKey {
    /// A data key, wrapped.
    pub(super) fn wrap(&self, data_key: &Key) -> Result<Vec<u8>, StoreError> {
        let plain = Zeroizing::new(data_key.bytes().to_vec());
        let sealed = aead::seal(&self.key, &[TABLE, &self.name], plain, "the data key")?;
        Ok(match &self.wrapped {
            None => sealed,
            Some(wrapped) => [wrapped.as_bytes(), &[SEPARATOR], &sealed].concat(),
        })
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
        let error = WrappingKey::load(file, &KeyServices::default()).err().unwrap();
        assert!(error.to_string().ends_with("can't be used: the key has 31 bytes, expected 32"), "{error}");
        assert!(!error.hint().unwrap().as_str().contains("remove"), "{error}");
    }
}
