//! Names that users give images: with tags that are made to fit, and tags that are made of the time and the commit.

mod name;
mod template;

pub(crate) use name::TypedName;
pub(crate) use template::{Facts, TagTemplate};
