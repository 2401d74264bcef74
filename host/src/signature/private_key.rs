//! Private keys: read from PEM, made, and what they sign. Without `Debug`: a private key has no printed form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pem::{EncodeConfig, LineEnding, Pem};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::der::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, element, only, written};
use super::error::SignatureError;
use super::public_key::{EC, Kind, P256, P384, PublicKey};
use super::sealed_key;

/// Labels of cosign's encrypted keys: since cosign 2, and before.
const SEALED: [&str; 2] = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"];

/// The algorithm of a new key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA on P-256, as cosign makes its keys.
    #[default]
    EcdsaP256,
    /// Ed25519.
    Ed25519,
}

/// A private key.
pub(crate) struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A new key pair, as files have it.
pub(crate) struct NewKeyPair {
    /// The private key in PEM, sealed with a password.
    pub(crate) private: Zeroizing<String>,
    /// The public key.
    pub(crate) public: PublicKey,
}

impl PrivateKey {
    /// Reads the PEM text of a private key: cosign's encrypted form, PKCS #8, or an `EC PRIVATE KEY` (RFC 5915).
    /// `password` is asked for where the key is encrypted.
    ///
    /// # Errors
    /// When it is no private key, one of another algorithm, or the password does not open it; and those of `password`.
    pub(crate) fn read<E: From<SignatureError>>(
        text: &[u8],
        password: impl FnOnce() -> Result<SecretString, E>,
    ) -> Result<Self, E> {
        let broken = |_| SignatureError::NoKey("it is no PEM text, or only a part of one");
        let pem = pem::parse(text).map_err(broken)?;
        let label = pem.tag().to_owned();
        let content = Zeroizing::new(pem.into_contents());
        match label.as_str() {
            sealed if SEALED.contains(&sealed) => {
                let opened = sealed_key::open(&content, &password()?)?;
                Ok(Self::of_pkcs8(&opened)?)
            }
            "PRIVATE KEY" => Ok(Self::of_pkcs8(&content)?),
            "EC PRIVATE KEY" => {
                let other = "its content is cut off or changed, or its curve is neither P-256 nor P-384";
                let wrapped = pkcs8_of_ec(&content).ok_or(SignatureError::NoKey(other))?;
                Ok(Self::of_pkcs8(&wrapped)?)
            }
            "PUBLIC KEY" => Err(SignatureError::PublicGiven.into()),
            "ENCRYPTED PRIVATE KEY" => Err(SignatureError::Sealing("it is PKCS #8 with a password").into()),
            "OPENSSH PRIVATE KEY" => Err(SignatureError::Algorithm("a key of OpenSSH".into()).into()),
            "RSA PRIVATE KEY" => Err(SignatureError::Algorithm("RSA".into()).into()),
            _ => Err(SignatureError::NoKey("it is another PEM text").into()),
        }
    }

    fn of_pkcs8(pkcs8: &[u8]) -> Result<Self, SignatureError> {
        let random = SystemRandom::new();
        let ecdsa = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &random);
        let (kind, pair) = if let Ok(pair) = ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING) {
            (Kind::P256, Pair::Ecdsa(pair))
        } else if let Ok(pair) = ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING) {
            (Kind::P384, Pair::Ecdsa(pair))
        } else if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8) {
            (Kind::Ed25519, Pair::Ed25519(pair))
        } else if only(SEQUENCE, pkcs8).is_some() {
            return Err(SignatureError::Algorithm("neither ECDSA on P-256 or P-384 nor Ed25519".into()));
        } else {
            return Err(SignatureError::NoKey("its content is cut off or changed"));
        };
        let public = match &pair {
            Pair::Ecdsa(pair) => PublicKey::new(kind, pair.public_key().as_ref()),
            Pair::Ed25519(pair) => PublicKey::new(kind, pair.public_key().as_ref()),
        };
        Ok(Self { pair, public: public.ok_or(SignatureError::Signing)? })
    }

    /// The public key of the pair.
    #[must_use]
    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message, and gives the signature in base64: of ECDSA in ASN.1, of Ed25519 as it is.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String, SignatureError> {
        let signature = match &self.pair {
            Pair::Ecdsa(pair) => pair.sign(&SystemRandom::new(), message).map_err(|_| SignatureError::Signing)?,
            Pair::Ed25519(pair) => pair.sign(message),
        };
        Ok(STANDARD.encode(signature))
    }

    /// Makes a key pair, and seals the private key with a password as cosign does.
    ///
    /// # Errors
    /// When there are no random numbers.
    pub(crate) fn generate(algorithm: Algorithm, password: &SecretString) -> Result<NewKeyPair, SignatureError> {
        let random = SystemRandom::new();
        let made = match algorithm {
            Algorithm::EcdsaP256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random),
            Algorithm::Ed25519 => Ed25519KeyPair::generate_pkcs8(&random),
        };
        let pkcs8 = Zeroizing::new(made.map_err(|_| SignatureError::Signing)?.as_ref().to_vec());
        let public = Self::of_pkcs8(&pkcs8)?.public;
        let sealed = Pem::new(SEALED.first().copied().unwrap_or_default(), sealed_key::seal(&pkcs8, password)?);
        let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
        Ok(NewKeyPair { private: Zeroizing::new(pem::encode_config(&sealed, config)), public })
    }
}

/// An `ECPrivateKey` (RFC 5915) as PKCS #8 has it, where the curve stands outside.
fn pkcs8_of_ec(key: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = element(INTEGER, only(SEQUENCE, key)?)?;
    let (_, rest) = element(OCTET_STRING, rest)?;
    let (parameters, _) = element(CONTEXT_0, rest)?;
    let curve = only(OBJECT_IDENTIFIER, parameters).filter(|curve| [P256, P384].contains(curve))?;
    let algorithm = [written(OBJECT_IDENTIFIER, EC)?, written(OBJECT_IDENTIFIER, curve)?].concat();
    let key = Zeroizing::new(written(OCTET_STRING, key)?);
    let parts = [written(INTEGER, &[0])?.as_slice(), &written(SEQUENCE, &algorithm)?, &key].concat();
    written(SEQUENCE, &Zeroizing::new(parts)).map(Zeroizing::new)
}
