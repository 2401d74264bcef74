//! Secrets that a flavor can use by handle, and never read.

use std::collections::HashSet;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{digest, hmac, signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{PrivatePkcs1KeyDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::egress::EgressSecret;

/// A secret that a guest holds by handle. Without `Debug`, as every type that holds a secret; its memory is wiped when
/// it is dropped.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Secret {
    value: SecretString,
    public_members: Arc<HashSet<String>>,
}

impl Secret {
    /// A secret; `public_members` are the members of a JSON object that the guest may read.
    #[must_use]
    pub(crate) fn new(value: SecretString, public_members: impl IntoIterator<Item = String>) -> Self {
        Self { value, public_members: Arc::new(public_members.into_iter().collect()) }
    }

    /// The secret itself, for the host.
    pub(super) fn value(&self) -> &SecretString {
        &self.value
    }

    /// The secret as a request holds it.
    pub(super) fn for_egress(&self) -> EgressSecret {
        EgressSecret::new(self.value.clone(), self.fragments())
    }

    /// Parts that are as secret as the whole: the lines of a text of several, and the strings of a JSON object that are
    /// not declared public.
    fn fragments(&self) -> Vec<SecretString> {
        let whole = self.value.expose_secret();
        let mut fragments = Vec::new();
        if whole.trim_end().contains('\n') {
            fragments.extend(whole.lines().map(SecretString::from));
        }
        if let Ok(value @ serde_json::Value::Object(_)) = serde_json::from_str(whole) {
            self.strings(&value, false, &mut fragments);
        }
        fragments
    }

    /// HMAC-SHA-256 (RFC 2104) of `message` under the key `prefix ++ secret`.
    #[must_use]
    pub(crate) fn hmac_sha256(&self, prefix: &[u8], message: &[u8]) -> Vec<u8> {
        let mut key = Zeroizing::new(prefix.to_vec());
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
    /// When the secret is no RSA private key of 2048 to 8192 bits. The text is for the guest and holds nothing of the
    /// key.
    pub(crate) fn sign_rs256(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let key = self.rsa_key()?;
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256 as &dyn signature::RsaEncoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| "the key could not sign".to_owned())?;
        Ok(signature)
    }

    fn rsa_key(&self) -> Result<RsaKeyPair, String> {
        let pem = self.value.expose_secret().as_bytes();
        // Another key may come first in the file, such as parameters of an elliptic curve: each form is searched for.
        let key = if let Ok(pkcs8) = PrivatePkcs8KeyDer::from_pem_slice(pem).map(Zeroizing::new) {
            RsaKeyPair::from_pkcs8(pkcs8.secret_pkcs8_der())
        } else if let Ok(pkcs1) = PrivatePkcs1KeyDer::from_pem_slice(pem).map(Zeroizing::new) {
            RsaKeyPair::from_der(pkcs1.secret_pkcs1_der())
        } else {
            return Err("the secret is no PEM private key".to_owned());
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
        match self.json_member(name)? {
            serde_json::Value::String(_) if self.public_members.contains(name) => None,
            serde_json::Value::String(text) => Some(Self::new(text.into(), [])),
            object @ serde_json::Value::Object(_) => {
                Some(Self { value: object.to_string().into(), public_members: Arc::clone(&self.public_members) })
            }
            _ => None,
        }
    }

    /// The strings of a JSON value, except those under a public name.
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
        // Every string that can't be read is redacted.
        let fragments: Vec<String> =
            file.fragments().iter().map(|fragment| fragment.expose_secret().to_owned()).collect();
        assert_eq!(fragments.iter().filter(|fragment| *fragment == "k").count(), 2, "{fragments:?}");
        assert!(!fragments.iter().any(|fragment| fragment == "eu" || fragment == "a"));
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
        let fragments: Vec<_> = file.fragments().iter().map(|fragment| fragment.expose_secret().to_owned()).collect();
        assert_eq!(fragments, ["k", "l"]);
    }

    #[test]
    fn the_lines_of_a_secret_text_are_as_secret_as_the_whole() {
        let texts = |text: &str| {
            let fragments = secret(text, &[]).fragments();
            fragments.iter().map(|fragment| fragment.expose_secret().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("-----\nhunter2hunter2\n-----\n"), ["-----", "hunter2hunter2", "-----"]);
        assert_eq!(texts("hunter2hunter2\n"), [""; 0]);
    }

    #[test]
    fn a_secret_that_is_not_a_key_does_not_sign() {
        let message = secret("hunter2", &[]).sign_rs256(b"x").unwrap_err();
        assert!(!message.contains("hunter2"));
    }
}
