//! What belongs to an image in its registry: signatures, SBOMs, provenance, reports. Attached, listed, made, verified.
//!
//! Everything works with an open repository and an image's digest, so that a push does it before any tag moves.

mod artifact_type;
mod attach;
mod belonging;
mod cosign_tags;
mod error;
mod list;
mod sign;
mod signatures;
mod subject;
mod tree;
mod types;
mod upload;
mod verify;

pub(crate) use artifact_type::ArtifactType;
pub(crate) use attach::{Attached, Attachment, EMPTY, EMPTY_TYPE, attach};
pub(crate) use belonging::{Belonging, Bounds, walk};
pub(crate) use cosign_tags::under_cosign_tags;
pub(crate) use error::SupplyChainError;
pub(crate) use list::{ListedBy, referrers};
pub(crate) use sign::{Signed, sign};
pub(crate) use subject::{Subject, images_below, resolve};
pub(crate) use tree::{Node, TREE, tree};
pub(crate) use types::with_types;
pub(crate) use upload::{upload_bytes, upload_content};
pub(crate) use verify::{Checked, as_evidence, verify};
