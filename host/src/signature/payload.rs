//! What is signed of an image: cosign's form of "Simple Signing" (containers-signature(5)).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::SignatureError;
use crate::image::Digest;
use crate::text::Escaped;

/// The media type of a signature's layer, which is the payload.
pub(crate) const PAYLOAD_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";

/// The value of `critical.type` in payloads of cosign.
const TYPE: &str = "cosign container image signature";

/// Values that a signer adds, by their names.
pub(crate) type Annotations = BTreeMap<String, String>;

/// What a signature says about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// The digest of the signed manifest or index.
    pub(crate) digest: Digest,
    /// The name under which it was signed. It decides nothing, here as in cosign: an image keeps its signatures
    /// wherever it is copied to.
    pub(crate) reference: String,
    /// What the signer added.
    pub(crate) annotations: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    critical: Critical,
    optional: Option<BTreeMap<String, Value>>,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Serialize, Deserialize)]
struct Identity {
    #[serde(rename = "docker-reference")]
    docker_reference: String,
}

#[derive(Serialize, Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    docker_manifest_digest: String,
}

/// The payload for an image. `reference` is its name without a tag, as cosign has it.
#[must_use]
pub(crate) fn payload(digest: &Digest, reference: &str, annotations: &Annotations) -> Vec<u8> {
    let optional = annotations.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let payload = Payload {
        critical: Critical {
            identity: Identity { docker_reference: reference.to_owned() },
            image: Image { docker_manifest_digest: digest.to_string() },
            kind: TYPE.to_owned(),
        },
        optional: (!annotations.is_empty()).then(|| optional.collect()),
    };
    // Strings alone, which JSON can always represent.
    serde_json::to_vec(&payload).unwrap_or_default()
}

impl Claims {
    /// Reads a payload whose signature was verified. The reader is strict: what was signed has one meaning.
    ///
    /// # Errors
    /// When it is no such payload, has anything behind it, or is for another image than `image`.
    pub(crate) fn read(payload: &[u8], image: &Digest) -> Result<Self, SignatureError> {
        let payload: Payload = serde_json::from_slice(payload)
            .map_err(|_| SignatureError::Payload("it is not the JSON of a signed image, or more than that"))?;
        let Critical { identity, image: signed, kind } = payload.critical;
        if kind != TYPE {
            return Err(SignatureError::Payload("its type is another one than cosign's"));
        }
        let digest = signed.docker_manifest_digest.parse::<Digest>();
        let digest = digest.map_err(|_| SignatureError::Payload("it has no digest of an image"))?;
        if digest != *image {
            return Err(SignatureError::OtherImage(digest));
        }
        let annotations = payload.optional.unwrap_or_default();
        Ok(Self { digest, reference: identity.docker_reference, annotations })
    }

    /// Checks that the signer added these values.
    ///
    /// # Errors
    /// [`SignatureError::Annotation`] for the first that is missing or another one.
    pub(crate) fn ensure(&self, wanted: &Annotations) -> Result<(), SignatureError> {
        for (name, expected) in wanted {
            let found = match self.annotations.get(name) {
                Some(Value::String(found)) if found == expected => continue,
                Some(Value::String(found)) => format!("`{found}`"),
                Some(_) => "no text".to_owned(),
                None => "missing".to_owned(),
            };
            let (name, expected) = (Escaped::new(name, 80), Escaped::new(expected, 200));
            return Err(SignatureError::Annotation { name, found: Escaped::new(&found, 200), expected });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_what_cosign_writes_and_is_read_again() {
        let digest = Digest::of(b"image");
        let bytes = payload(&digest, "ghcr.io/acme/train", &Annotations::new());
        let expected = format!(
            r#"{{"critical":{{"identity":{{"docker-reference":"ghcr.io/acme/train"}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":null}}"#
        );
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
        let claims = Claims::read(&bytes, &digest).unwrap();
        assert_eq!((claims.reference.as_str(), claims.annotations.len()), ("ghcr.io/acme/train", 0));
    }

    #[test]
    fn a_payload_for_another_image_or_with_anything_behind_it_does_not_count() {
        let (digest, other) = (Digest::of(b"image"), Digest::of(b"other"));
        let bytes = payload(&digest, "a/b", &Annotations::new());
        assert_eq!(Claims::read(&bytes, &other).unwrap_err(), SignatureError::OtherImage(digest.clone()));
        let text = String::from_utf8(bytes).unwrap();
        for invalid in [
            format!("{text}{{}}"),
            format!("{text}\n garbage"),
            text.replace("cosign container", "atomic container"),
            text.replace("docker-manifest-digest", "manifest-digest"),
            text.replace(&format!("\"{digest}\""), "\"latest\""),
            text.replace("{\"identity", &format!("{{\"image\":{{\"docker-manifest-digest\":\"{other}\"}},\"identity")),
            String::new(),
        ] {
            let error = Claims::read(invalid.as_bytes(), &digest).unwrap_err();
            assert!(matches!(error, SignatureError::Payload(_)), "{invalid}: {error}");
        }
    }

    #[test]
    fn annotations_are_compared_as_text() {
        let digest = Digest::of(b"image");
        let wanted = |name: &str, value: &str| Annotations::from([(name.to_owned(), value.to_owned())]);
        let claims = Claims::read(&payload(&digest, "a/b", &wanted("env", "prod")), &digest).unwrap();
        claims.ensure(&wanted("env", "prod")).unwrap();
        assert!(claims.ensure(&wanted("env", "dev")).unwrap_err().to_string().contains("`prod`"));
        assert!(claims.ensure(&wanted("team", "x")).unwrap_err().to_string().contains("missing"));
    }
}
