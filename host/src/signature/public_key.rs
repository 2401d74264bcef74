//! Public keys: read from PEM, and what they verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pem::{EncodeConfig, LineEnding, Pem};
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::der::{BIT_STRING, OBJECT_IDENTIFIER, SEQUENCE, element, only, written};
use super::error::SignatureError;
use crate::image::Digest;
use crate::text::Escaped;

/// A label of PEM texts with a public key (RFC 7468, section 13).
const LABEL: &str = "PUBLIC KEY";

/// Object identifiers of keys and curves (RFC 5480, RFC 8410, RFC 8017), as DER has their content.
pub(super) const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
pub(super) const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
pub(super) const P384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];
const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    kind: Kind,
    /// The key as its algorithm has it.
    key: Vec<u8>,
    /// The whole `SubjectPublicKeyInfo` in DER (RFC 5280, section 4.1).
    info: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    P256,
    P384,
    Ed25519,
    Rsa,
}

impl PublicKey {
    /// Reads the PEM text of a public key.
    ///
    /// # Errors
    /// When it is none, or one of another algorithm.
    pub(crate) fn read(text: &[u8]) -> Result<Self, SignatureError> {
        let pem = pem::parse(text).map_err(|_| SignatureError::NoKey("it is no PEM text, or only a part of one"))?;
        match pem.tag() {
            LABEL => Self::of_info(pem.contents()),
            label if label.ends_with("PRIVATE KEY") => Err(SignatureError::PrivateGiven),
            "CERTIFICATE" => Err(SignatureError::Algorithm("a certificate".into())),
            "RSA PUBLIC KEY" => Err(SignatureError::Algorithm("the older form `RSA PUBLIC KEY`".into())),
            other => Err(SignatureError::Algorithm(Escaped::new(other, 40))),
        }
    }

    /// Reads a `SubjectPublicKeyInfo`.
    fn of_info(info: &[u8]) -> Result<Self, SignatureError> {
        let broken = SignatureError::NoKey("its content is cut off or changed");
        let parts = || {
            let (algorithm, rest) = element(SEQUENCE, only(SEQUENCE, info)?)?;
            let (identifier, parameters) = element(OBJECT_IDENTIFIER, algorithm)?;
            // The first byte counts the unused bits of the last one.
            let key = only(BIT_STRING, rest)?.strip_prefix(&[0])?;
            Some((identifier, parameters, key))
        };
        let (identifier, parameters, key) = parts().ok_or(broken.clone())?;
        let kind = match (identifier, only(OBJECT_IDENTIFIER, parameters)) {
            (EC, Some(P256)) => Kind::P256,
            (EC, Some(P384)) => Kind::P384,
            (EC, _) => return Err(SignatureError::Algorithm("ECDSA on another curve".into())),
            (ED25519, _) => Kind::Ed25519,
            (RSA, _) => Kind::Rsa,
            _ => return Err(SignatureError::Algorithm("an unknown algorithm".into())),
        };
        // Uncompressed points, and the key of Ed25519 itself.
        let length = match kind {
            Kind::P256 => Some(65),
            Kind::P384 => Some(97),
            Kind::Ed25519 => Some(32),
            Kind::Rsa => None,
        };
        if length.is_some_and(|length| length != key.len()) {
            return Err(broken);
        }
        Ok(Self { kind, key: key.to_vec(), info: info.to_vec() })
    }

    /// The key of an algorithm that crhost signs with.
    pub(super) fn new(kind: Kind, key: &[u8]) -> Option<Self> {
        let algorithm = match kind {
            Kind::P256 => [written(OBJECT_IDENTIFIER, EC)?, written(OBJECT_IDENTIFIER, P256)?].concat(),
            Kind::P384 => [written(OBJECT_IDENTIFIER, EC)?, written(OBJECT_IDENTIFIER, P384)?].concat(),
            Kind::Ed25519 => written(OBJECT_IDENTIFIER, ED25519)?,
            Kind::Rsa => return None,
        };
        let bits = written(BIT_STRING, &[&[0], key].concat())?;
        let info = written(SEQUENCE, &[written(SEQUENCE, &algorithm)?, bits].concat())?;
        Some(Self { kind, key: key.to_vec(), info })
    }

    /// The key as PEM text.
    #[must_use]
    pub(crate) fn to_pem(&self) -> String {
        let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
        pem::encode_config(&Pem::new(LABEL, self.info.clone()), config)
    }

    /// The digest of the key's `SubjectPublicKeyInfo`, by which it can be told from others.
    #[must_use]
    pub(crate) fn id(&self) -> Digest {
        Digest::of(&self.info)
    }

    /// Verifies a signature in base64.
    ///
    /// # Errors
    /// [`SignatureError::NotByKey`] where it is not by this key for this message.
    pub(crate) fn verify_base64(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        let signature = STANDARD.decode(signature.trim()).map_err(|_| SignatureError::NotByKey)?;
        self.verify(message, &signature)
    }

    /// Verifies a signature: of ECDSA in ASN.1, of Ed25519 as it is, of RSA in PKCS #1.
    ///
    /// # Errors
    /// [`SignatureError::NotByKey`] where it is not by this key for this message.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let algorithms: &[&'static dyn VerificationAlgorithm] = match self.kind {
            Kind::P256 => &[&signature::ECDSA_P256_SHA256_ASN1],
            // cosign 2 hashes with SHA-256 whatever the curve is, cosign 3 and crhost as the curve has it.
            Kind::P384 => &[&signature::ECDSA_P384_SHA384_ASN1, &signature::ECDSA_P384_SHA256_ASN1],
            Kind::Ed25519 => &[&signature::ED25519],
            Kind::Rsa => &[&signature::RSA_PKCS1_2048_8192_SHA256],
        };
        let is_valid = |algorithm: &&'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(*algorithm, &self.key).verify(message, signature).is_ok()
        };
        if algorithms.iter().any(is_valid) { Ok(()) } else { Err(SignatureError::NotByKey) }
    }
}
