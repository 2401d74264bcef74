//! The commands that change what a registry has: `tag`, `delete`, `index`, `annotate`.

mod annotate;
mod delete;
mod index;
mod tag;
mod told;

pub(super) use annotate::{Arguments as AnnotateArguments, run as annotate};
#[cfg(test)]
pub(super) use delete::Deletions;
pub(super) use delete::{Arguments as DeleteArguments, run as delete};
pub(super) use index::{Command as IndexCommand, run as index};
pub(super) use tag::{Arguments as TagArguments, run as tag};
