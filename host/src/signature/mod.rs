//! Signatures of images as cosign makes them with keys of the user's own: key files, the signed payload, and the
//! signature itself. There is no authority here, no certificate and no transparency log.
//!
//! Sources: cosign's `specs/SIGNATURE_SPEC.md`; the payload "Simple Signing" of containers-signature(5); key files as
//! `cosign generate-key-pair` writes them; bundles as Sigstore's "bundle v0.3" has them, with a DSSE envelope.
//!
//! This module opens no connection and no file. The algorithms are those of maintained crates: ECDSA, Ed25519 and RSA
//! of `ring`, scrypt and NaCl's secretbox around private keys of RustCrypto.

mod bundle;
mod der;
mod error;
mod payload;
mod private_key;
mod public_key;
mod sealed_key;

pub(crate) use bundle::{BUNDLE_TYPE, verify_bundle};
pub(crate) use error::SignatureError;
pub(crate) use payload::{Annotations, Claims, PAYLOAD_TYPE, payload};
pub(crate) use private_key::{Algorithm, PrivateKey};
pub(crate) use public_key::PublicKey;

/// Longest key file in bytes: an RSA key of 16,384 bits in PEM is less than a third of this.
pub(crate) const MAX_KEY_FILE: usize = 64 << 10;

#[cfg(test)]
mod tests;
