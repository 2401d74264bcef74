//! Signatures of cosign 3: a bundle of Sigstore with a DSSE envelope around a statement of in-toto, whose subject is
//! the image. Of its verification material only the user's key counts: certificates and entries of transparency logs
//! are not looked at.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::error::SignatureError;
use super::payload::Claims;
use super::public_key::PublicKey;
use crate::image::Digest;

/// The media type of a bundle, and the artifact type of its manifest.
pub(crate) const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The type of the envelope's payload.
const STATEMENT: &str = "application/vnd.in-toto+json";

/// The type of a statement that says nothing but that the image is signed.
const SIGNED: &str = "https://sigstore.dev/cosign/sign/v1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Option<Envelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    subject: Vec<Subject>,
    predicate_type: String,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, Value>>,
}

/// Verifies a bundle, and gives what it says about `image`.
///
/// # Errors
/// When it is none, not signed with this key, or about other images.
pub(crate) fn verify_bundle(bytes: &[u8], key: &PublicKey, image: &Digest) -> Result<Claims, SignatureError> {
    let broken = |_| SignatureError::Payload("it is no bundle of Sigstore");
    let bundle: Bundle = serde_json::from_slice(bytes).map_err(broken)?;
    let envelope = bundle.dsse_envelope.ok_or(SignatureError::Payload("its bundle has no signed statement"))?;
    let payload = STANDARD.decode(&envelope.payload);
    let payload = payload.map_err(|_| SignatureError::Payload("its statement is no base64"))?;
    let message = authenticated(&envelope.payload_type, &payload);
    if !envelope.signatures.iter().any(|signature| key.verify_base64(&message, &signature.sig).is_ok()) {
        return Err(SignatureError::NotByKey);
    }
    if envelope.payload_type != STATEMENT {
        return Err(SignatureError::Payload("its statement is not of in-toto"));
    }
    let statement: Statement = serde_json::from_slice(&payload)
        .map_err(|_| SignatureError::Payload("it is not the JSON of a statement, or more than that"))?;
    // An attestation of anything else, such as an SBOM, is no signature of the image.
    if statement.predicate_type != SIGNED {
        return Err(SignatureError::Payload("its statement is about the image, and does not sign it"));
    }
    let digest_of = |subject: &Subject| Digest::from_hex(subject.digest.get("sha256")?).ok();
    let found = statement.subject.iter().find(|subject| digest_of(subject).as_ref() == Some(image));
    match (found, statement.subject.iter().find_map(digest_of)) {
        (Some(subject), _) => Ok(Claims {
            digest: image.clone(),
            reference: subject.name.clone(),
            annotations: subject.annotations.clone().unwrap_or_default(),
        }),
        (None, Some(other)) => Err(SignatureError::OtherImage(other)),
        (None, None) => Err(SignatureError::Payload("it has no digest of an image")),
    }
}

/// The bytes that are signed of an envelope: DSSE's "pre-authentication encoding".
fn authenticated(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}
