//! A cache of earlier pushes: the compressed blob of a layer, and the configuration of an image. All of it can be
//! computed again.

use rusqlite::OptionalExtension as _;

use super::database::Store;
use super::error::StoreError;
use crate::image::{Descriptor, Digest};

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
            let found: Option<(String, i64)> = connection
                .query_row(sql, [diff_id.as_str(), compression], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
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
        self.change(|transaction| {
            let sql = "INSERT OR REPLACE INTO compressed_layers (diff_id, compression, digest, size)
                       VALUES (?1, ?2, ?3, ?4)";
            let mut statement = transaction.prepare(sql)?;
            for (diff_id, blob) in layers {
                let size = i64::try_from(blob.size).unwrap_or(i64::MAX);
                statement.execute((diff_id.as_str(), compression, blob.digest.as_str(), size))?;
            }
            Ok(())
        })
    }

    /// The configuration of this digest, or of the image of this id in a daemon, verified by its digest.
    ///
    /// # Errors
    /// When the store can't be read.
    pub(crate) fn config(&self, id: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|connection| {
            let row = |digest: &Digest| {
                let sql = "SELECT bytes FROM configs WHERE digest = ?1";
                connection.query_row(sql, [digest.as_str()], |row| row.get::<_, Vec<u8>>(0)).optional()
            };
            let Some(bytes) = row(id)? else { return Ok(None) };
            let Some(digest) = std::str::from_utf8(&bytes).ok().and_then(|text| text.parse::<Digest>().ok()) else {
                return Ok(Some(bytes).filter(|bytes| Digest::of(bytes) == *id));
            };
            Ok(row(&digest)?.filter(|bytes| Digest::of(bytes) == digest))
        })
    }

    /// Stores a configuration. If the daemon's id of the image is another digest, a row of that id refers to the
    /// configuration.
    ///
    /// # Errors
    /// When the store can't be written.
    pub(crate) fn cache_config(&self, id: Option<&Digest>, bytes: &[u8]) -> Result<(), StoreError> {
        self.change(|transaction| {
            let digest = Digest::of(bytes);
            let sql = "INSERT OR REPLACE INTO configs (digest, bytes) VALUES (?1, ?2)";
            transaction.execute(sql, (digest.as_str(), bytes))?;
            if let Some(id) = id.filter(|id| **id != digest) {
                transaction.execute(sql, (id.as_str(), digest.as_str().as_bytes()))?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Home;
    use super::*;

    #[test]
    fn cached_layers_and_configurations_are_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(directory.path())).unwrap();
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
}
