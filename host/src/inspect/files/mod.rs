//! The files in an image: read layer by layer from the stream of each, in bounded memory.

mod entry;
mod layer;
mod links;
mod list;
mod merge;
mod oddities;
mod pipe;
mod record;

pub(crate) use entry::{Entry, EntryKind};
pub(crate) use layer::{Numbered, read};
pub(crate) use list::{Listing, list};
pub(crate) use merge::{Merge, TooMany};
pub(crate) use record::Record;
