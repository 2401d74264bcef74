//! Secrets that a flavor can use and never read.

use std::collections::HashSet;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, hmac, signature};
use secrecy::{ExposeSecret, SecretString};

/// A secret as a guest holds it: by handle. Deliberately without `Debug`; its memory is wiped when it goes.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Secret {
    value: SecretString,
    public_members: Arc<HashSet<String>>,
}

/// `-----BEGIN … PRIVATE KEY-----`: the labels of PKCS #8 (RFC 5958) and PKCS #1 (RFC 8017).
const PKCS8: &str = "PRIVATE KEY";
const PKCS1: &str = "RSA PRIVATE KEY";

impl Secret {
    /// A secret; `public_members` are the members of a JSON object that the guest may read.
    #[must_use]
    pub(crate) fn new(value: SecretString, public_members: impl IntoIterator<Item = String>) -> Self {
        Self { value, public_members: Arc::new(public_members.into_iter().collect()) }
    }

    /// The secret itself, for the host alone.
    pub(super) fn value(&self) -> &SecretString {
        &self.value
    }

    /// What would give it away: the whole, the lines of a text of several, and the strings of a JSON object that were not
    /// declared public.
    pub(super) fn pieces(&self) -> Vec<SecretString> {
        let whole = self.value.expose_secret();
        let mut pieces = vec![self.value.clone()];
        if whole.trim_end().contains('\n') {
            pieces.extend(whole.lines().map(SecretString::from));
        }
        if let Ok(value @ serde_json::Value::Object(_)) = serde_json::from_str(whole) {
            self.strings(&value, false, &mut pieces);
        }
        pieces
    }

    /// HMAC-SHA-256 (RFC 2104) of `message` under the key `prefix ++ secret`.
    #[must_use]
    pub(crate) fn hmac_sha256(&self, prefix: &[u8], message: &[u8]) -> Vec<u8> {
        let mut key = zeroize::Zeroizing::new(prefix.to_vec());
        key.extend_from_slice(self.value.expose_secret().as_bytes());
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), message).as_ref().to_vec()
    }

    /// SHA-256 (FIPS 180-4) of `prefix ++ secret ++ suffix`.
    #[must_use]
    pub(crate) fn sha256(&self, prefix: &[u8], suffix: &[u8]) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(prefix);
        context.update(self.value.expose_secret().as_bytes());
        context.update(suffix);
        context.finish().as_ref().to_vec()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017) of `message` under the secret, a PEM private key.
    ///
    /// # Errors
    /// In words that say nothing of the key's bytes, when the secret is no RSA private key of 2048 to 8192 bits.
    pub(crate) fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let key = self.rsa_key()?;
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256 as &dyn signature::RsaEncoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| "the key could not sign".to_owned())?;
        Ok(signature)
    }

    fn rsa_key(&self) -> Result<RsaKeyPair, String> {
        let pem = self.value.expose_secret();
        let parse = |label: &str| pem_body(pem, label).map(zeroize::Zeroizing::new);
        let key = match (parse(PKCS8), parse(PKCS1)) {
            (Some(der), _) => RsaKeyPair::from_pkcs8(&der),
            (None, Some(der)) => RsaKeyPair::from_der(&der),
            (None, None) => return Err("the secret is no PEM private key".to_owned()),
        };
        key.map_err(|reason| format!("the secret is no usable RSA private key: {reason}"))
    }

    /// A member of a secret JSON object that was declared public: a string as it is, anything else as JSON, without what in it
    /// was not declared public.
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

    /// A member of a secret JSON object, as a further secret: a string that was not declared public as it is, an object as JSON
    /// with the same names public in it.
    #[must_use]
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        match self.json_member(name)? {
            serde_json::Value::String(_) if self.public_members.contains(name) => None,
            serde_json::Value::String(text) => Some(Self::new(text.into(), [])),
            object @ serde_json::Value::Object(_) => {
                Some(Self { value: object.to_string().into(), public_members: Arc::clone(&self.public_members) })
            }
            _ => None,
        }
    }

    /// The strings of a JSON value, but those that were declared public by the name that they stand under.
    fn strings(&self, value: &serde_json::Value, is_public: bool, found: &mut Vec<SecretString>) {
        match value {
            serde_json::Value::String(text) if !is_public => found.push(text.as_str().into()),
            serde_json::Value::Array(list) => list.iter().for_each(|item| self.strings(item, is_public, found)),
            serde_json::Value::Object(members) => {
                let is_public = |name: &str| self.public_members.contains(name);
                members.iter().for_each(|(name, value)| self.strings(value, is_public(name), found));
            }
            _ => {}
        }
    }

    fn json_member(&self, name: &str) -> Option<serde_json::Value> {
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(self.value.expose_secret()).ok()?;
        object.get(name).cloned()
    }
}

/// The DER bytes between the two lines of a PEM block (RFC 7468).
fn pem_body(pem: &str, label: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let base64: String = body.split_ascii_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(base64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str, public: &[&str]) -> Secret {
        Secret::new(text.to_owned().into(), public.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn hmac_is_keyed_by_prefix_and_secret() {
        // RFC 4231, test case 2: key "Jefe", here as prefix "Je" and secret "fe".
        let mac = secret("fe", &[]).hmac_sha256(b"Je", b"what do ya want for nothing?");
        let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_digest_is_over_prefix_secret_and_suffix() {
        // FIPS 180-4's example "abc".
        let digest = secret("b", &[]).sha256(b"a", b"c");
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_public_name_makes_nothing_readable_that_has_none() {
        let text = r#"{"region":{"region":"eu","key":"k","list":["a",{"key":"k","region":"us"}]},"list":["a"]}"#;
        let file = secret(text, &["region", "list"]);
        assert_eq!(file.public_member("region").unwrap(), r#"{"list":["a",{"region":"us"}],"region":"eu"}"#);
        assert_eq!(file.public_member("list").unwrap(), r#"["a"]"#);
        let inner = file.member("region").unwrap();
        assert_eq!((inner.public_member("region").as_deref(), inner.public_member("key")), (Some("eu"), None));
        assert!(inner.member("key").is_some() && inner.member("region").is_none());
        // What is not readable is struck out of answers.
        let pieces: Vec<String> = file.pieces().iter().map(|piece| piece.expose_secret().to_owned()).collect();
        assert_eq!(pieces.iter().filter(|piece| *piece == "k").count(), 2, "{pieces:?}");
        assert!(!pieces.iter().any(|piece| piece == "eu" || piece == "a"));
    }

    #[test]
    fn only_public_members_are_readable() {
        let key = secret(r#"{"client_email":"a@b","private_key":"k","n":1}"#, &["client_email", "n"]);
        assert_eq!(key.public_member("client_email").as_deref(), Some("a@b"));
        assert_eq!(key.public_member("private_key"), None);
        assert_eq!(key.public_member("n").as_deref(), Some("1"));
        assert!(key.member("private_key").is_some());
        assert!(key.member("client_email").is_none());
        assert!(key.member("absent").is_none());
        assert!(key.member("n").is_none());
    }

    #[test]
    fn a_member_that_is_an_object_has_the_same_names_public() {
        let file = secret(r#"{"default":{"region":"eu-west-1","key":"k"},"list":["l"]}"#, &["region"]);
        assert!(file.public_member("default").is_none() && file.member("list").is_none());
        let section = file.member("default").unwrap();
        assert_eq!(section.public_member("region").as_deref(), Some("eu-west-1"));
        assert_eq!(section.member("key").unwrap().value().expose_secret(), "k");
        let pieces: Vec<_> = file.pieces().iter().skip(1).map(|piece| piece.expose_secret().to_owned()).collect();
        assert_eq!(pieces, ["k", "l"]);
    }

    #[test]
    fn a_secret_that_is_no_key_does_not_sign() {
        let message = secret("hunter2", &[]).sign_rs256(b"x").unwrap_err();
        assert!(!message.contains("hunter2"));
    }
}
