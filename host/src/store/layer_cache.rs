//! A cache of earlier pushes: the compressed blob of a layer, and the configuration of an image. All of it can be
//! computed again.

use zeroize::Zeroizing;

use super::aead;
use super::database::Store;
use super::error::StoreError;
use super::key::Key;
use super::sql::Transaction;
use crate::image::{Descriptor, Digest};

/// The first part of the context that a configuration is sealed for.
const TABLE: &str = "configs";

impl Store {
    /// The blob of an uncompressed layer, compressed by the method `compression`.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn compressed_layer(
        &self,
        diff_id: &Digest,
        compression: &str,
        media_type: &str,
    ) -> Result<Option<Descriptor>, StoreError> {
        self.read(|connection| {
            let sql = "SELECT digest, size FROM compressed_layers WHERE diff_id = ?1 AND compression = ?2";
            let found: Option<(String, i64)> = connection.first(sql, [diff_id.as_str(), compression])?;
            // A damaged row counts as absent.
            Ok(found.and_then(|(digest, size)| {
                Some(Descriptor::new(media_type, digest.parse().ok()?, size.try_into().ok()?))
            }))
        })
    }

    /// Stores the blobs of uncompressed layers.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn cache_layers<'a>(
        &self,
        compression: &str,
        layers: impl IntoIterator<Item = (&'a Digest, &'a Descriptor)>,
    ) -> Result<(), StoreError> {
        self.remember(|transaction| {
            let sql = "INSERT INTO compressed_layers (diff_id, compression, digest, size) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (diff_id, compression) DO UPDATE SET digest = excluded.digest, size = excluded.size";
            for (diff_id, blob) in layers {
                let size = i64::try_from(blob.size).unwrap_or(i64::MAX);
                transaction.execute(sql, (diff_id.as_str(), compression, blob.digest.as_str(), size))?;
            }
            Ok(())
        })
    }

    /// The configuration of this digest, or of the image of this id in a daemon, verified by its digest. One that does
    /// not open, or whose key can't be had, counts as absent.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn config(&self, id: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(key) = self.key_for_cache(Self::key_if_any) else { return Ok(None) };
        self.read(|connection| {
            let row = |digest: &Digest| -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
                let sql = "SELECT sealed FROM configs WHERE digest = ?1";
                let sealed: Option<Vec<u8>> = connection.first(sql, [digest.as_str()])?;
                Ok(sealed.and_then(|sealed| aead::open(&key, &[TABLE, digest.as_str()], &sealed)))
            };
            let Some(bytes) = row(id)? else { return Ok(None) };
            let Some(digest) = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<Digest>().ok()) else {
                return Ok(Some(bytes.to_vec()).filter(|bytes| Digest::of(bytes) == *id));
            };
            Ok(row(&digest)?.filter(|bytes| Digest::of(bytes) == digest).map(|bytes| bytes.to_vec()))
        })
    }

    /// Stores a configuration, sealed: its environment often holds secrets. If the daemon's id of the image is another
    /// digest, a row of that id refers to the configuration. Without a key, nothing is stored.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn cache_config(&self, id: Option<&Digest>, bytes: &[u8]) -> Result<(), StoreError> {
        let key = self.key_for_cache(|store, view| match store.data_key {
            // It is made in a transaction that writes.
            Some(_) => store.key_if_any(view),
            None => store.key_to_seal(view).map(Some),
        });
        let made = || self.data_key.as_ref().and_then(|_| self.remember(|made| self.key_to_seal(made)).ok());
        let Some(key) = key.or_else(made) else { return Ok(()) };
        let digest = Digest::of(bytes);
        let reference = id.filter(|id| **id != digest).map(|id| (id, digest.as_str().as_bytes()));
        self.remember(|transaction| {
            let sql = "INSERT INTO configs (digest, sealed) VALUES (?1, ?2)
                       ON CONFLICT (digest) DO UPDATE SET sealed = excluded.sealed";
            for (name, plain) in [(&digest, bytes)].into_iter().chain(reference) {
                let context = [TABLE, name.as_str()];
                let sealed = aead::seal(&key, &context, Zeroizing::new(plain.to_vec()), "a configuration")?;
                transaction.execute(sql, (name.as_str(), sealed))?;
            }
            Ok(())
        })
    }

    /// The key for what can be computed again; `None` if there is none. That it can't be used is no failure of a push
    /// that needs no secret of the store.
    fn key_for_cache(
        &self,
        get: impl FnOnce(&Self, &Transaction<'_>) -> Result<Option<Key>, StoreError>,
    ) -> Option<Key> {
        let key = self.unlock().and_then(|()| self.read(|connection| get(self, connection)));
        key.inspect_err(|error| tracing::debug!("no configuration is kept without the key: {error}")).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Home, KeyStorage};
    use super::*;

    fn cached_layers_and_configurations_are_found_again(home: &Home) {
        let store = Store::open(home).unwrap();
        let (diff_id, blob) = (Digest::of(b"tar"), Descriptor::new("m", Digest::of(b"gzip"), 4));
        assert_eq!(store.compressed_layer(&diff_id, "gzip", "m").unwrap(), None);
        store.cache_layers("gzip", [(&diff_id, &blob)]).unwrap();
        assert_eq!(store.compressed_layer(&diff_id, "gzip", "m").unwrap(), Some(blob));
        assert_eq!(store.compressed_layer(&diff_id, "zstd", "m").unwrap(), None);
        let (manifest, config) = (Digest::of(b"manifest"), Digest::of(b"{}"));
        store.cache_config(Some(&config), b"{}").unwrap();
        assert_eq!(store.config(&config).unwrap().as_deref(), Some(&b"{}"[..]));
        assert_eq!(store.config(&manifest).unwrap(), None);
        store.cache_config(Some(&manifest), b"{}").unwrap();
        assert_eq!(store.config(&manifest).unwrap().as_deref(), Some(&b"{}"[..]));
    }

    #[test]
    fn a_configuration_is_nowhere_in_the_store_in_plain_text() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let config = br#"{"config":{"Env":["TOKEN=canary-in-an-image"]}}"#;
        store.cache_config(Some(&Digest::of(b"id")), config).unwrap();
        assert_eq!(store.config(&Digest::of(b"id")).unwrap().as_deref(), Some(&config[..]));
        for entry in std::fs::read_dir(directory.path()).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert!(memchr::memmem::find(&bytes, b"canary-in-an-image").is_none(), "{:?}", entry.path());
            }
        }
    }

    #[test]
    fn a_configuration_that_does_not_open_is_absent_and_no_failure() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
        let digest = Digest::of(b"{}");
        store.cache_config(None, b"{}").unwrap();
        store.rotate_key(KeyStorage::File).unwrap();
        assert_eq!(store.config(&digest).unwrap(), None);
        store.cache_config(None, b"{}").unwrap();
        assert!(store.config(&digest).unwrap().is_some());
        // A key that can't be used.
        std::fs::write(store.key_location().unwrap().1, b"short").unwrap();
        assert_eq!(store.config(&digest).unwrap(), None);
        store.cache_config(None, b"{}").unwrap();
    }

    crate::store::homes::in_both_homes! {
        cached_layers_and_configurations_are_found_again,
    }
}
