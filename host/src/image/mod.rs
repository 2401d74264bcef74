//! The nouns of container images: references and their parts, digests, manifests, platforms.
//!
//! Everything here is parsed once, at the edge, into types that cannot be wrong; nothing here reads a file or opens a
//! connection.

mod digest;
mod host;
mod manifest;
mod platform;
mod reference;
mod registry_uri;

pub(crate) use digest::{Digest, DigestError, Hasher};
pub(crate) use host::Host;
pub(crate) use manifest::{Config, Descriptor, Index, Manifest, ManifestError, media_type};
pub(crate) use platform::Platform;
pub(crate) use reference::{Reference, ReferenceError, Repository, Tag};
pub(crate) use registry_uri::RegistryUri;
