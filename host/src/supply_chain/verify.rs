//! Verification: one valid signature by the user's key is enough.

use super::error::SupplyChainError;
use super::signatures::{Form, Found, among_referrers, under_tag};
use crate::distribution::{Error, RepositoryClient};
use crate::flavor::SignatureEvidence;
use crate::image::Digest;
use crate::retrying::retry;
use crate::signature::{Annotations, Claims, PublicKey, SignatureError, verify_bundle};
use crate::text::Escaped;

/// Largest payload or bundle in bytes. A payload has some hundred bytes, a bundle with a log's entry some thousand.
const MAX_PAYLOAD: u64 = 1 << 20;

/// Most signatures of an image that are looked at, the newest first: whoever may push can add as many as a manifest
/// holds.
const MAX_SIGNATURES: usize = 200;

/// Reasons that an error repeats.
const MAX_REASONS: usize = 5;

/// A signature that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    /// The tag, or the digest of the referrer, that has it.
    pub(crate) place: String,
    /// The digest of the payload, or of the bundle.
    pub(crate) payload: Digest,
    /// What it says, or why it does not count.
    pub(crate) claims: Result<Claims, Escaped>,
}

/// Verifies that an image is signed with this key, and that the signer added these annotations. Gives every signature
/// that was looked at, of which one at least is valid.
///
/// # Errors
/// [`SupplyChainError::NotSigned`] and [`SupplyChainError::NoneValid`]; any refusal.
pub(crate) async fn verify(
    repository: &RepositoryClient,
    digest: &Digest,
    key: &PublicKey,
    annotations: &Annotations,
) -> Result<Vec<Checked>, SupplyChainError> {
    let mut checked = check_all(repository, under_tag(repository, digest).await?, digest, key, annotations).await?;
    if !checked.iter().any(|signature| signature.claims.is_ok()) {
        let others = among_referrers(repository, digest).await?;
        checked.extend(check_all(repository, others, digest, key, annotations).await?);
    }
    if checked.iter().any(|signature| signature.claims.is_ok()) {
        return Ok(checked);
    }
    let image = Escaped::from(format!("{}/{}", repository.host(), repository.repository()));
    if checked.is_empty() {
        return Err(SupplyChainError::NotSigned { image, digest: digest.clone() });
    }
    let reason = |signature: &Checked| Some(format!("`{}`: {}", signature.place, signature.claims.as_ref().err()?));
    let mut reasons: Vec<String> = checked.iter().filter_map(reason).take(MAX_REASONS).collect();
    if checked.len() > MAX_REASONS {
        reasons.push(format!("and {} more", checked.len() - MAX_REASONS));
    }
    Err(SupplyChainError::NoneValid { image, digest: digest.clone(), reasons: reasons.join("; ").into() })
}

/// Signatures of an image that were looked at with a key, as policies see them. One that is not valid names no signer.
pub(crate) fn as_evidence<'a>(
    checked: &'a [Checked],
    image: &'a Digest,
    key: &'a PublicKey,
) -> impl Iterator<Item = SignatureEvidence> + 'a {
    checked.iter().map(|signature| {
        let verified = signature.claims.is_ok();
        SignatureEvidence { digest: image.clone(), verified, signer: verified.then(|| key.id().to_string()) }
    })
}

async fn check_all(
    repository: &RepositoryClient,
    found: Vec<Found>,
    image: &Digest,
    key: &PublicKey,
    annotations: &Annotations,
) -> Result<Vec<Checked>, SupplyChainError> {
    let mut checked = Vec::new();
    for Found { place, blob, form } in found.into_iter().rev().take(MAX_SIGNATURES) {
        let payload = blob.digest.clone();
        let claims = if blob.size > MAX_PAYLOAD {
            Err(format!("its payload has {} bytes, and a signature has at most {MAX_PAYLOAD}", blob.size).into())
        } else {
            match retry(|| repository.small_blob(&blob)).await {
                Ok(bytes) => check(&bytes, &form, image, key, annotations).map_err(Escaped::of),
                // The signature is broken, and another one may be there.
                Err(error @ (Error::OtherContent { .. } | Error::Protocol { .. })) => Err(Escaped::of(error)),
                Err(error) if error.is_not_found() => Err("its payload is missing".into()),
                Err(error) => return Err(error.into()),
            }
        };
        checked.push(Checked { place, payload, claims });
    }
    Ok(checked)
}

fn check(
    bytes: &[u8],
    form: &Form,
    image: &Digest,
    key: &PublicKey,
    annotations: &Annotations,
) -> Result<Claims, SignatureError> {
    let claims = match form {
        Form::Simple(signature) => {
            // The signature first: what an unknown key signed is not read.
            key.verify_base64(bytes, signature)?;
            Claims::read(bytes, image)?
        }
        Form::Bundle => verify_bundle(bytes, key, image)?,
    };
    claims.ensure(annotations)?;
    Ok(claims)
}
