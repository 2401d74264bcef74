//! The values behind the handles of a test.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::bindings::crhost::flavor::secrets::{Encoding, Escaping, Part, Secret};
use crate::http::percent_encoded;

/// The values, by their handles.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Kept>);

/// The bytes of a text in an encoding; `None` if it is not written so.
pub(super) fn decoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let bytes = match encoding {
        Encoding::Raw => text.as_bytes().to_vec(),
        Encoding::Hex => {
            let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
            digits?.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
        }
        Encoding::Base64 => STANDARD.decode(text).ok()?,
        Encoding::Base64url => URL_SAFE_NO_PAD.decode(text).ok()?,
    };
    (!bytes.is_empty()).then_some(bytes)
}

/// A value.
struct Kept {
    bytes: Vec<u8>,
    /// Members that may be read, if it is a JSON object.
    public: Vec<String>,
}

impl Secrets {
    /// Keeps a value, and gives the handle on it.
    pub(super) fn keep(&mut self, bytes: Vec<u8>, public: &[&str]) -> Secret {
        let public = public.iter().map(|&name| name.to_owned()).collect();
        self.kept(Kept { bytes, public })
    }

    fn kept(&mut self, kept: Kept) -> Secret {
        self.0.push(kept);
        // The handle 0 is no resource.
        Secret::of_native_handle(u32::try_from(self.0.len()).unwrap_or(u32::MAX))
    }

    fn of(&self, secret: &Secret) -> &Kept {
        let index = (secret.handle() as usize).checked_sub(1);
        match index.and_then(|index| self.0.get(index)) {
            Some(kept) => kept,
            None => panic!("the secret is of another `testing::Host`"),
        }
    }

    /// A value as text.
    pub(super) fn text(&self, secret: &Secret) -> String {
        match String::from_utf8(self.of(secret).bytes.clone()) {
            Ok(text) => text,
            Err(_) => panic!("the secret is no text: it needs an encoding"),
        }
    }

    /// A value in an encoding.
    pub(super) fn encoded(&self, secret: &Secret, encoding: Encoding) -> String {
        let bytes = &self.of(secret).bytes;
        match encoding {
            Encoding::Raw => self.text(secret),
            Encoding::Hex => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Encoding::Base64 => STANDARD.encode(bytes),
            Encoding::Base64url => URL_SAFE_NO_PAD.encode(bytes),
        }
    }

    /// The bytes of a message.
    fn message(&self, parts: &[Part<'_>]) -> Vec<u8> {
        let mut message = Vec::new();
        for part in parts {
            match part {
                Part::Bytes(bytes) => message.extend(bytes),
                Part::Secret((secret, Encoding::Raw)) => message.extend(&self.of(secret).bytes),
                Part::Secret((secret, encoding)) => message.extend(self.encoded(secret, *encoding).bytes()),
            }
        }
        message
    }

    /// HMAC-SHA-256 under the key `prefix` followed by the secret.
    pub(crate) fn hmac_sha256(&mut self, key: &Secret, prefix: &[u8], message: &[Part<'_>]) -> Secret {
        let key = [prefix, &self.of(key).bytes].concat();
        // HMAC takes keys of every length (RFC 2104, section 2).
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { panic!("no key of HMAC") };
        mac.update(&self.message(message));
        let code = mac.finalize().into_bytes().to_vec();
        self.keep(code, &[])
    }

    /// SHA-256.
    pub(crate) fn sha256(&mut self, message: &[Part<'_>]) -> Secret {
        let hash = Sha256::digest(self.message(message)).to_vec();
        self.keep(hash, &[])
    }

    /// Text and secrets in one.
    pub(crate) fn join(&mut self, parts: &[Part<'_>], escaping: Escaping) -> Secret {
        let joined = self.message(parts);
        let joined = match (escaping, String::from_utf8(joined)) {
            (Escaping::None, joined) => joined.map_or_else(|error| error.into_bytes(), String::into_bytes),
            (Escaping::Percent, Ok(text)) => percent_encoded(&text).into_bytes(),
            (Escaping::Percent, Err(_)) => panic!("a secret is no text: it needs an encoding"),
        };
        self.keep(joined, &[])
    }

    /// What stands for a signature: the text `rs256(MESSAGE)`, so that a test sees what was signed. A real one would
    /// need a library that no flavor needs.
    pub(crate) fn sign_rs256(&mut self, key: &Secret, message: &[Part<'_>]) -> Secret {
        let _ = self.of(key);
        let message = self.message(message);
        self.keep([b"rs256(".as_slice(), &message, b")"].concat(), &[])
    }

    /// A member that may be read.
    pub(crate) fn public_member(&self, secret: &Secret, name: &str) -> Option<String> {
        let kept = self.of(secret);
        let value = self.value(secret, name).filter(|_| kept.public.iter().any(|public| public == name))?;
        Some(match value {
            Value::String(text) => text,
            // Of what is in it, only what is public may be read as well.
            Value::Object(mut object) => {
                object.retain(|name, _| kept.public.iter().any(|public| public == name));
                Value::Object(object).to_string()
            }
            other => other.to_string(),
        })
    }

    /// A member as a further secret.
    pub(crate) fn member(&mut self, secret: &Secret, name: &str) -> Option<Secret> {
        let value = self.value(secret, name)?;
        let public = self.of(secret).public.clone();
        let bytes = match value {
            Value::String(text) if !public.iter().any(|public| public == name) => text.into_bytes(),
            object @ Value::Object(_) => object.to_string().into_bytes(),
            _ => return None,
        };
        Some(self.kept(Kept { bytes, public }))
    }

    fn value(&self, secret: &Secret, name: &str) -> Option<Value> {
        serde_json::from_slice::<Value>(&self.of(secret).bytes).ok()?.get(name).cloned()
    }
}
