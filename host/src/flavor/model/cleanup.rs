//! What the optional interface `cleanup` answers.

use crate::image::{Digest, Tag};
use crate::text::Escaped;

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// Its entries.
    pub(crate) entries: Vec<T>,
    /// What gives the next part; `None` after the last.
    pub(crate) next: Option<String>,
    /// Names that are none, which are left out.
    pub(crate) left_out: Vec<Escaped>,
}

/// A manifest as the registry lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedManifest {
    /// Its digest, where the list tells.
    pub(crate) digest: Option<Digest>,
    /// Its tags.
    pub(crate) tags: Vec<Tag>,
    /// Bytes of it and of all that it names, where the list tells.
    pub(crate) size: Option<u64>,
    /// When it was last pushed, in Unix seconds by the registry's clock, where the list tells.
    pub(crate) pushed_at: Option<u64>,
}

/// What became of something that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// It is deleted now.
    Now,
    /// It was gone already.
    Gone,
}

impl<T> Page<T> {
    /// A page of what `texts` are, without those that are none.
    pub(in crate::flavor) fn read(texts: Vec<String>, next: Option<String>) -> Self
    where
        T: std::str::FromStr,
    {
        let (mut entries, mut left_out) = (Vec::with_capacity(texts.len()), Vec::new());
        for text in texts {
            match text.parse() {
                Ok(entry) => entries.push(entry),
                Err(_) => left_out.push(Escaped::new(&text, 200)),
            }
        }
        Self { entries, next, left_out }
    }
}
