//! The vocabulary of container images: references and their parts, digests, manifests, platforms.
//!
//! Texts are parsed once, at input, into types that are always valid. This module reads no file and opens no
//! connection.

mod digest;
mod host;
mod manifest;
mod near;
mod platform;
mod reference;
mod registry_uri;
mod tag_role;

pub(crate) use digest::{Digest, DigestError, Hasher};
pub(crate) use host::Host;
pub(crate) use manifest::{ATTESTED, Config, Descriptor, DocumentKind, Index, Manifest, ManifestError, media_type};
pub(crate) use near::{near, near_hint};
pub(crate) use platform::Platform;
pub(crate) use reference::{Reference, ReferenceError, Repository, Tag};
pub(crate) use registry_uri::RegistryUri;
pub(crate) use tag_role::TagRole;
