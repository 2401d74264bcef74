//! The data that policies and the host exchange, in the host's own types.

mod decision;
mod description;
mod evidence;
mod subject;

pub(crate) use decision::Decision;
pub(crate) use description::PolicyDescription;
pub(crate) use evidence::{
    BaseImage, Evidence, HistoryEntry, ImageEvidence, LayerEvidence, Removal, SignatureEvidence,
};
pub(crate) use subject::{Action, Subject};
