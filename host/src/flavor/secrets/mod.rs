//! Secrets that a flavor can use by handle, and never read; and values that are derived from them, which are as secret.

mod join;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, hmac, signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::egress::{EgressSecret, Encoding, LentSecret, Origin, Source};

/// A secret that a guest holds by handle. Without `Debug`, as every type that holds a secret; its memory is wiped when
/// the last clone is dropped.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Secret {
    value: Arc<Zeroizing<Vec<u8>>>,
    public_members: Arc<HashSet<String>>,
    origin: Arc<Origin>,
    used: Arc<AtomicBool>,
}

/// In the place of the field that a received secret is of: the name of no field.
const RECEIVED: &str = "(received)";

/// A piece of a message that is hashed or signed.
pub(crate) enum MessagePart {
    /// Bytes of the flavor's own.
    Bytes(Vec<u8>),
    /// A secret.
    Secret(Secret, Encoding),
}

/// How a value is escaped as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escaping {
    /// Not at all.
    None,
    /// For a URL.
    Percent,
}

impl Secret {
    /// The secret in a field; `public_members` are the members of a JSON object that the guest may read.
    #[must_use]
    pub(crate) fn new(field: &str, value: &SecretString, public_members: impl IntoIterator<Item = String>) -> Self {
        Self {
            value: Arc::new(Zeroizing::new(value.expose_secret().as_bytes().to_vec())),
            public_members: Arc::new(public_members.into_iter().collect()),
            origin: Arc::new(Origin::Itself(Source { field: field.to_owned(), member: None })),
            used: Arc::default(),
        }
    }

    /// A secret that a service answered with. No operation has a place for it: it goes nowhere.
    #[must_use]
    pub(crate) fn received(value: Zeroizing<Vec<u8>>) -> Self {
        let origin = Origin::Itself(Source { field: RECEIVED.to_owned(), member: None });
        Self { value: Arc::new(value), public_members: Arc::default(), origin: Arc::new(origin), used: Arc::default() }
    }

    /// Whether a service answered with it.
    #[must_use]
    pub(crate) fn is_received(&self) -> bool {
        matches!(&*self.origin, Origin::Itself(Source { field, member: None }) if field == RECEIVED)
    }

    /// Whether a call took it for a request, for a credential, or for something that was made of it.
    #[must_use]
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// The secret itself, for the host.
    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    /// The secret as the redaction of answers knows it.
    pub(super) fn lent(&self) -> LentSecret {
        LentSecret::new(Arc::clone(&self.value), Arc::clone(&self.public_members))
    }

    /// The secret as a request holds it.
    pub(super) fn for_egress(&self) -> EgressSecret {
        self.mark_used();
        EgressSecret::new(Arc::clone(&self.value), Arc::clone(&self.origin))
    }

    /// The secret as text, where it is text.
    pub(super) fn text(&self) -> Option<SecretString> {
        self.mark_used();
        str::from_utf8(&self.value).ok().map(SecretString::from)
    }

    /// A value that was computed: with `key`, if there was one, over `message`.
    fn derived(value: Zeroizing<Vec<u8>>, key: Option<&Self>, message: &[MessagePart]) -> Self {
        let key_source = key.and_then(|key| match &*key.origin {
            Origin::Itself(source) => Some(source.clone()),
            Origin::Derived { key, .. } => key.clone(),
            Origin::Joined(_) => None,
        });
        let mut messages: Vec<Source> = Vec::new();
        let parts = message.iter().filter_map(|part| match part {
            MessagePart::Secret(secret, _) => Some(secret),
            MessagePart::Bytes(_) => None,
        });
        let all = || parts.clone().chain(key);
        all().for_each(Self::mark_used);
        for source in all().flat_map(|secret| secret.origin.sources()) {
            if Some(source) != key_source.as_ref() && !messages.contains(source) {
                messages.push(source.clone());
            }
        }
        let origin = Origin::Derived { key: key_source, messages };
        let (origin, used) = (Arc::new(origin), Arc::default());
        Self { value: Arc::new(value), public_members: Arc::default(), origin, used }
    }

    /// HMAC-SHA-256 (RFC 2104) of `message` under the key `prefix ++ secret`.
    #[must_use]
    pub(crate) fn hmac_sha256(&self, prefix: &[u8], message: &[MessagePart]) -> Self {
        let mut key = Zeroizing::new(prefix.to_vec());
        key.extend_from_slice(&self.value);
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &key));
        each(message, |bytes| context.update(bytes));
        Self::derived(Zeroizing::new(context.sign().as_ref().to_vec()), Some(self), message)
    }

    /// SHA-256 (FIPS 180-4) of `message`.
    #[must_use]
    pub(crate) fn sha256(message: &[MessagePart]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        each(message, |bytes| context.update(bytes));
        Self::derived(Zeroizing::new(context.finish().as_ref().to_vec()), None, message)
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017) of `message` under the secret, a PEM private key.
    ///
    /// # Errors
    /// When the secret is no RSA private key of 2048 to 8192 bits. The text is for the guest and holds nothing of the
    /// key.
    pub(crate) fn sign_rs256(&self, message: &[MessagePart]) -> Result<Self, String> {
        let key = self.rsa_key()?;
        let mut bytes = Zeroizing::new(Vec::new());
        each(message, |part| bytes.extend_from_slice(part));
        let mut signature = Zeroizing::new(vec![0; key.public().modulus_len()]);
        key.sign(&RSA_PKCS1_SHA256 as &dyn signature::RsaEncoding, &SystemRandom::new(), &bytes, &mut signature)
            .map_err(|_| "the key could not sign".to_owned())?;
        Ok(Self::derived(signature, Some(self), message))
    }

    fn rsa_key(&self) -> Result<RsaKeyPair, String> {
        let pem = self.value.as_slice();
        // Another key may come first in the file, such as parameters of an elliptic curve: each form is searched for.
        let key = if let Ok(pkcs8) = PrivatePkcs8KeyDer::from_pem_slice(pem).map(Zeroizing::new) {
            RsaKeyPair::from_pkcs8(pkcs8.secret_pkcs8_der())
        } else if let Ok(pkcs1) = PrivatePkcs1KeyDer::from_pem_slice(pem).map(Zeroizing::new) {
            RsaKeyPair::from_der(pkcs1.secret_pkcs1_der())
        } else {
            return Err(no_key(pem).to_owned());
        };
        key.map_err(|reason| format!("the secret is no usable RSA private key: {reason}"))
    }

    /// A member of a secret JSON object that is declared public: a string as it is, any other value as JSON, without
    /// members inside of it that are not declared public.
    #[must_use]
    pub(crate) fn public_member(&self, name: &str) -> Option<String> {
        let value = if self.public_members.contains(name) { self.json_member(name)? } else { return None };
        match value {
            serde_json::Value::String(text) => Some(text),
            other => Some(self.public_part(other).to_string()),
        }
    }

    fn public_part(&self, value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(members) => {
                let public = members.into_iter().filter(|(name, _)| self.public_members.contains(name));
                public.map(|(name, value)| (name, self.public_part(value))).collect()
            }
            serde_json::Value::Array(items) => items.into_iter().map(|item| self.public_part(item)).collect(),
            other => other,
        }
    }

    /// A member of a secret JSON object, as a further secret: a string that is not declared public as it is, an object
    /// as JSON with the same public names.
    #[must_use]
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let Origin::Itself(Source { field, .. }) = &*self.origin else { return None };
        self.mark_used();
        let (text, public_members) = match self.json_member(name)? {
            serde_json::Value::String(_) if self.public_members.contains(name) => return None,
            serde_json::Value::String(text) => (text, Arc::default()),
            object @ serde_json::Value::Object(_) => (object.to_string(), Arc::clone(&self.public_members)),
            _ => return None,
        };
        let origin = Origin::Itself(Source { field: field.clone(), member: Some(name.to_owned()) });
        let (value, origin) = (Arc::new(Zeroizing::new(text.into_bytes())), Arc::new(origin));
        Some(Self { value, public_members, origin, used: Arc::default() })
    }

    fn json_member(&self, name: &str) -> Option<serde_json::Value> {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&self.value).ok()?;
        object.get(name).cloned()
    }
}

/// Why a text is no key that signs, as far as its first line tells.
fn no_key(pem: &[u8]) -> &'static str {
    let has = |words: &[u8]| pem.windows(words.len()).any(|window| window == words);
    match () {
        () if has(b"ENCRYPTED") => "the secret is a private key with a passphrase, which nobody is asked for",
        () if has(b"BEGIN EC PRIVATE KEY") => "the secret is a private key of an elliptic curve, expected RSA",
        () if has(b"BEGIN PUBLIC KEY") => "the secret is a public key, expected a private one",
        () => "the secret is no PEM private key",
    }
}

/// Hands out the bytes of a message, part by part.
fn each(message: &[MessagePart], mut take: impl FnMut(&[u8])) {
    for part in message {
        match part {
            MessagePart::Bytes(bytes) => take(bytes),
            MessagePart::Secret(secret, encoding) => take(&encoding.encode(&secret.value)),
        }
    }
}

#[cfg(test)]
mod tests;
