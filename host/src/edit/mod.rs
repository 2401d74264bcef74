//! Changes what a registry has without a new image: tags, deletions, annotations, indexes.
//!
//! No blob is sent but those of images that a new index needs from another repository, which are copied. What a
//! registry answers to a change is read back, and nothing is deleted that was not told before.

mod annotate;
mod delete;
mod error;
mod index;
mod publish;
mod retag;

#[cfg(test)]
pub(crate) use annotate::Annotated;
pub(crate) use annotate::{Annotation, annotate};
pub(crate) use delete::{Deleted, Deletion, Planned, ensure_unused, plan, settle};
pub(crate) use error::EditError;
pub(crate) use index::{Created, IndexRequest, add, create, remove};
pub(crate) use publish::{Moved, TagOutcome, manifest as new_manifest, publish as move_tags};
#[cfg(test)]
pub(crate) use retag::Tagged;
pub(crate) use retag::{NewTag, tag};
