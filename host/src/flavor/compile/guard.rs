//! Which components may be compiled in this process.

use std::path::{Path, PathBuf};

use wasmtime::Engine;

use super::child::{Bounds, Compiler, History};
use super::marks::Marks;
use super::worker::CompileOutcome;
use crate::flavor::error::AdmissionError;
use crate::flavor::{builtin, limits, raised};
use crate::image::Digest;

/// Lets a component be compiled in this process only after a child process compiled it within the limits.
pub(in crate::flavor) struct CompileGuard {
    compiler: Compiler,
    marks: Option<Marks>,
    announce: Option<Announce>,
}

/// Tells the user that a component is compiled, which takes seconds: its label and its size in bytes.
pub(crate) type Announce = fn(&str, usize);

impl CompileGuard {
    /// A guard whose children run `program`, a `crhost` of this very build, and leave their results in the directory
    /// `cache`. Components above [`limits::ANNOUNCED_BYTES`] are announced.
    pub(in crate::flavor) fn new(program: PathBuf, cache: Option<&Path>, announce: Option<Announce>) -> Self {
        Self { compiler: Compiler::new(program, cache), marks: cache.map(Marks::new), announce }
    }

    /// Waits until a component may be compiled here; `label` is the name that it is announced by. Built-in components
    /// and those that a child has compiled before need no child, unless their code is `lost`.
    ///
    /// # Errors
    /// When it is not valid, or can't be compiled within the limits.
    pub(in crate::flavor) async fn admit(
        &self,
        engine: &Engine,
        label: &str,
        digest: &Digest,
        bytes: &[u8],
        history: History,
        lost: bool,
    ) -> Result<(), AdmissionError> {
        let is_marked = || self.marks.as_ref().is_some_and(|marks| marks.contain(engine, digest));
        if builtin::is_built_in(bytes) || (!lost && is_marked()) {
            return Ok(());
        }
        tracing::debug!("compiling `{digest}` in a process of its own");
        if let Some(marks) = &self.marks {
            marks.make_room();
        }
        if let Some(announce) = self.announce.filter(|_| bytes.len() >= limits::ANNOUNCED_BYTES) {
            announce(label, bytes.len());
        }
        self.compile(bytes, history).await?;
        if let Some(marks) = &self.marks {
            marks.add(engine, digest);
        }
        Ok(())
    }

    async fn compile(&self, bytes: &[u8], history: History) -> Result<(), AdmissionError> {
        let bounds = |memory| Bounds { memory, history };
        if self.compiler.run(bytes, bounds(raised::compile_memory())).await? == CompileOutcome::Cached {
            // This process loads the code next, for which it has less memory. A few KB can describe millions
            // of items that compile soon, and each takes memory when it is loaded.
            let loaded = self.compiler.run(bytes, bounds(raised::load_memory())).await;
            loaded.map_err(|error| match error {
                AdmissionError::CompileMemory => AdmissionError::LoadMemory,
                other => other,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::flavor::engine;

    /// The smallest component.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[tokio::test]
    async fn a_child_is_started_for_unknown_components_alone() {
        let cache = TempDir::new().unwrap();
        let guard = CompileGuard::new(cache.path().join("no such program"), Some(cache.path()), None);
        let engine = engine::engine(None).unwrap();
        let admit =
            async |bytes: &[u8]| guard.admit(&engine, "it", &Digest::of(bytes), bytes, History::New, false).await;
        for built_in in builtin::BUILTIN {
            assert!(admit(built_in.component).await.is_ok(), "{}", built_in.name);
        }
        assert!(matches!(admit(EMPTY).await, Err(AdmissionError::Runtime(_))));
        Marks::new(cache.path()).add(&engine, &Digest::of(EMPTY));
        assert!(admit(EMPTY).await.is_ok());
        assert!(admit(b"\0asm\x0d\0\x01\0\0\x02\x01x").await.is_err());
    }
}
