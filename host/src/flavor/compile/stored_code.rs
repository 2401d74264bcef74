//! The files of compiled code, each with its digest beside it.
//!
//! The runtime takes a file of its cache as it is: with a bit that flipped on the disk, the code would run as whatever
//! it has become, and the program would crash at every start. The directories are the user's alone; the digests are
//! against accidents.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use wasmtime::Engine;

use super::hashed::hashed;
use crate::files::private;
use crate::flavor::engine;
use crate::image::Digest;

/// The compiled code below the directory of the cache.
pub(in crate::flavor) struct StoredCode {
    /// The runtime's files, in a directory for each of its versions.
    code: PathBuf,
    /// The digests, in files of the same names.
    digests: PathBuf,
}

impl StoredCode {
    /// The code below the directory of the cache.
    pub(in crate::flavor) fn new(cache: &Path) -> Self {
        Self { code: engine::code_directory(cache).join("modules"), digests: cache.join("digests") }
    }

    /// What is stored of a component's code, as this engine compiles it.
    pub(in crate::flavor) fn code_of(&self, engine: &Engine, component: &[u8]) -> ComponentCode<'_> {
        ComponentCode { stored: self, name: name(engine, component) }
    }
}

/// The compiled code of one component.
pub(in crate::flavor) struct ComponentCode<'a> {
    stored: &'a StoredCode,
    /// The name of its file.
    name: String,
}

impl ComponentCode<'_> {
    /// Whether the code is as it was written, or absent. Otherwise, and where its digest is not known, it is removed,
    /// and has to be compiled again within the limits.
    pub(in crate::flavor) fn verify(&self) -> bool {
        let Some(file) = self.file() else { return true };
        let digest = self.digest();
        let written = fs::read_to_string(&digest).ok();
        let found = fs::read(&file).ok().map(|code| Digest::of(&code));
        if found.as_ref().is_some_and(|found| written.as_deref() == Some(found.hex())) {
            return true;
        }
        let removed = fs::remove_file(&file);
        let _ = fs::remove_file(&digest);
        tracing::debug!("compiled code is not as it was written, and is made anew: `{}` {removed:?}", file.display());
        false
    }

    /// Keeps the digest of the code, which was compiled or verified a moment ago. Without it, the next run compiles
    /// again.
    pub(in crate::flavor) fn seal(&self) {
        let digest = self.digest();
        if digest.exists() {
            return;
        }
        let Some(file) = self.file() else { return };
        let kept = private::create_directory(&self.stored.digests).and_then(|()| {
            let code = fs::read(&file)?;
            private::create_file(&digest)?;
            fs::write(&digest, Digest::of(&code).hex())
        });
        if let Err(reason) = kept {
            tracing::debug!("the digest of compiled code is not kept: {reason}");
        }
    }

    /// The file of the code, if there is one.
    fn file(&self) -> Option<PathBuf> {
        let versions = fs::read_dir(&self.stored.code).ok()?.flatten();
        versions.map(|version| version.path().join(&self.name)).find(|file| file.is_file())
    }

    /// The file of its digest.
    fn digest(&self) -> PathBuf {
        self.stored.digests.join(&self.name)
    }
}

/// The name of the file that the runtime keeps a component's code in: the digest of all that the code depends on, in
/// the order in which the runtime hashes it. A test fails when a version of the runtime hashes something else.
fn name(engine: &Engine, component: &[u8]) -> String {
    // No debug information beside it, and no imports that the compiler knows.
    let all = (engine.precompile_compatibility_hash(), component, None::<()>, None::<()>);
    URL_SAFE_NO_PAD.encode(hashed(all))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use wasmtime::component::Component;

    use super::*;

    /// The smallest component.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn code_in_which_a_bit_has_flipped_is_removed_and_made_anew() {
        let cache = TempDir::new().unwrap();
        let engine = engine::engine(Some(engine::cache(cache.path()).unwrap())).unwrap();
        let stored = StoredCode::new(cache.path());
        let code = stored.code_of(&engine, EMPTY);
        assert!(code.verify(), "there is none");
        let compile = || drop(Component::from_binary(&engine, EMPTY).unwrap());
        compile();
        let file = code.file().expect("the runtime names its files otherwise now");
        code.seal();
        assert!(code.verify());
        let good = fs::read(&file).unwrap();
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 1;
        fs::write(&file, flipped).unwrap();
        assert!(!code.verify() && !file.exists());
        compile();
        assert!(!code.verify(), "nothing is known of it");
        compile();
        code.seal();
        assert!(code.verify());
    }
}
