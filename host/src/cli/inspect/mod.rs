//! The commands that look at images: `repos`, `tags`, `inspect`, `digest`, `config`, `manifest`, `ls-files`, `diff`.

mod describe;
mod diff;
mod documents;
mod files;
mod lists;
mod tools;

pub(super) use describe::{Arguments as InspectArguments, run as inspect};
pub(super) use diff::{Arguments as DiffArguments, run as diff};
pub(super) use documents::{ConfigArguments, DigestArguments, ManifestArguments, config, digest, manifest};
#[cfg(test)]
pub(super) use documents::{Digests, Document};
pub(super) use files::{Arguments as LsFilesArguments, run as ls_files};
pub(super) use lists::{ReposArguments, TagsArguments, repos, tags};
#[cfg(test)]
pub(super) use lists::{Repositories, Tags};
pub(super) use tools::{InsecureArgument, Tools};
