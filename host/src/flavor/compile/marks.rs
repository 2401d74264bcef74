//! Marks of components that were compiled within the limits, beside the cache of compiled code.

use std::fs;
use std::path::{Path, PathBuf};

use wasmtime::Engine;

use super::hashed::hashed;
use crate::files::private;
use crate::flavor::{engine, limits};
use crate::image::Digest;

/// One empty file for each component that was compiled within the limits.
pub(super) struct Marks {
    /// The marks. Not inside of the runtime's own directory, from which it removes files that it does not know.
    directory: PathBuf,
    /// The compiled code, which is emptied together with the marks.
    code: PathBuf,
}

impl Marks {
    /// The marks below the directory of the cache.
    pub(super) fn new(cache: &Path) -> Self {
        Self { directory: cache.join("tried"), code: engine::code_directory(cache) }
    }

    /// Whether a component was compiled within the limits, by this compiler with these settings.
    pub(super) fn contain(&self, engine: &Engine, digest: &Digest) -> bool {
        self.file(engine, digest).exists()
    }

    /// Adds a mark. A failure is logged: without the mark, the next run starts a child once more.
    pub(super) fn add(&self, engine: &Engine, digest: &Digest) {
        if let Err(reason) = private::create_file(&self.file(engine, digest)) {
            tracing::debug!("it is not kept that `{digest}` can be compiled: {reason}");
        }
    }

    /// Makes the directory, and empties the cache once it is full, all at once: code that is still needed is compiled
    /// again in seconds. The runtime cleans its cache too, but in a thread that a short process seldom waits for.
    pub(super) fn make_room(&self) {
        let is_full = fs::read_dir(&self.directory).is_ok_and(|marks| marks.count() >= limits::COMPILED_COMPONENTS);
        if is_full {
            let emptied = fs::remove_dir_all(&self.directory).and_then(|()| fs::remove_dir_all(&self.code));
            tracing::debug!("emptied the cache of compiled flavors: {emptied:?}");
        }
        if let Err(reason) = private::create_directory(&self.directory) {
            tracing::debug!("`{}` can't be made: {reason}", self.directory.display());
        }
    }

    fn file(&self, engine: &Engine, digest: &Digest) -> PathBuf {
        self.directory.join(key(engine, digest).hex())
    }
}

/// The digest of a component together with the compiler and its settings: another compiler may take longer.
fn key(engine: &Engine, digest: &Digest) -> Digest {
    let mut bytes = digest.as_str().as_bytes().to_vec();
    bytes.extend(hashed(engine.precompile_compatibility_hash()).as_ref());
    Digest::of(&bytes)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_mark_is_for_one_component_and_one_compiler() {
        let engine = engine::engine(None).unwrap();
        let other = Engine::default();
        let [one, two] = [b"one", b"two"].map(|bytes| Digest::of(bytes));
        assert_eq!(key(&engine, &one), key(&engine, &one));
        assert_ne!(key(&engine, &one), key(&engine, &two));
        assert_ne!(key(&engine, &one), key(&other, &one));
    }

    #[test]
    fn a_full_cache_is_emptied() {
        let cache = TempDir::new().unwrap();
        let marks = Marks::new(cache.path());
        private::create_directory(&marks.directory).unwrap();
        private::create_directory(&marks.code).unwrap();
        for number in 0..limits::COMPILED_COMPONENTS {
            marks.make_room();
            assert_eq!(fs::read_dir(&marks.directory).unwrap().count(), number);
            private::create_file(&marks.directory.join(number.to_string())).unwrap();
        }
        assert!(marks.code.exists());
        marks.make_room();
        assert_eq!(fs::read_dir(&marks.directory).unwrap().count(), 0);
        assert!(!marks.code.exists());
    }
}
