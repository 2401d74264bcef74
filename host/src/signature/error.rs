//! Reasons why a key can't be used, or a signature does not count.

use crate::error::Explain;
use crate::image::Digest;
use crate::text::Escaped;

/// A key or a signature that can't be used. No variant holds a part of a key, a password, or the text of a key's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Explain)]
#[explain(kind = Verification)]
pub(crate) enum SignatureError {
    /// The key's file is no PEM text, or its content is cut off or changed.
    #[error("this is no key: {0}")]
    #[explain(kind = Usage, hint = "`crhost generate-key-pair` makes a key pair, as does `cosign generate-key-pair`")]
    NoKey(&'static str),
    /// A public key was given to sign with.
    #[error("this is a public key, and signing takes the private one")]
    #[explain(kind = Usage, hint = "sign with the private key of the pair, such as `cosign.key`")]
    PublicGiven,
    /// A private key was given to verify with.
    #[error("this is a private key, and verifying takes the public one")]
    #[explain(kind = Usage, hint = "verify with the public key of the pair, such as `cosign.pub`; the private one stays \
                                    where images are signed")]
    PrivateGiven,
    /// The key is of an algorithm that is not supported.
    #[error("keys of this kind can't be used: {0}")]
    #[explain(
        kind = Usage,
        hint = "images are signed with ECDSA on P-256 or P-384, or with Ed25519; RSA keys verify signatures, too"
    )]
    Algorithm(Escaped),
    /// The password does not open the key.
    #[error("the password does not open the private key")]
    #[explain(kind = Auth, hint = "the password is taken from `COSIGN_PASSWORD`, or asked for at a terminal")]
    Password,
    /// The parameters of the key's encryption are outside of what cosign writes.
    #[error("the private key is encrypted in a way that is not cosign's: {0}")]
    #[explain(kind = Usage, hint = "`cosign import-key-pair` seals a key in cosign's way")]
    Sealing(&'static str),
    /// Random numbers or a signature could not be made.
    #[error("the signature can't be made")]
    #[explain(kind = General)]
    Signing,
    /// The signature is not base64, or is not by this key for this payload.
    #[error("it was not made with this key for this content")]
    NotByKey,
    /// The payload is not what cosign signs.
    #[error("its payload is invalid: {0}")]
    Payload(&'static str),
    /// The payload is for another image.
    #[error("it is for another image: `{0}`")]
    OtherImage(Digest),
    /// The payload lacks an annotation that was asked for.
    #[error("its annotation `{name}` is {found}, expected `{expected}`")]
    Annotation {
        /// The annotation's name.
        name: Escaped,
        /// What it is instead.
        found: Escaped,
        /// What was asked for.
        expected: Escaped,
    },
}
