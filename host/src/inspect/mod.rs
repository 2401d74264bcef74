//! Looks at images, in registries and on this machine, and changes nothing: lists of repositories and tags, digests,
//! manifests, configurations, files, and what differs between two images.
//!
//! What is shown is verified first: a manifest by its digest, a configuration and a layer by theirs.

mod choose;
mod description;
mod diff;
mod digests;
mod error;
mod files;
mod inspector;
mod kind;
mod leaves;
mod lists;
mod opened;
mod settings;
mod subject;
mod tags;

pub(crate) use description::{Content, Description, describe};
pub(crate) use diff::{Change, Difference, State, Value, diff};
pub(crate) use digests::Named;
pub(crate) use error::InspectError;
pub(crate) use files::{Entry, Listing, list};
pub(crate) use inspector::{Inspector, tagged};
pub(crate) use kind::{Kind, artifact_type};
pub(crate) use lists::{Listed, digest_of, digests_of, heads_of, tags, tags_of_layout};
pub(crate) use opened::{Opened, Remote, kind_of};
pub(crate) use settings::Settings;
pub(crate) use subject::Subject;
pub(crate) use tags::{Filter, Order};
