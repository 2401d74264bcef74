//! Whether a registry has what it took: it is asked for each blob and manifest, whatever it answered before. It may
//! take some seconds until it sees them, and it may not want to answer: its word is believed then. A clear answer that
//! it has something else is an error.

use tokio::time::sleep;

use super::error::PushError;
use crate::distribution::{ManifestHead, ManifestName, RepositoryClient};
use crate::image::{Descriptor, Digest};
use crate::retrying::{ask, concurrently, confirm_blob, unseen_waits};

/// The registry's answer about a manifest that it took.
enum Answer {
    /// It has the manifest with this digest.
    Digest(Digest),
    /// It has none by that name.
    Nothing,
    /// It doesn't want to say.
    Unknown,
}

/// How sure a manifest is that the registry took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    /// The registry has it.
    Confirmed,
    /// The registry does not show it, not even after some seconds.
    Unseen,
    /// The registry doesn't answer the question.
    Refused,
}

/// Has the registry confirm blobs that were sent, all at once: a manifest whose blobs are missing must not get a tag,
/// and few registries look for them.
pub(super) async fn confirm_blobs(
    repository: &RepositoryClient,
    blobs: impl IntoIterator<Item = &Descriptor>,
) -> Result<(), PushError> {
    Ok(concurrently(blobs.into_iter().map(|blob| confirm_blob(repository, blob))).await.map(drop)?)
}

/// Has the registry confirm a manifest or index that it took, by its tag or digest. `image` is its name in the error.
///
/// # Errors
/// Where the registry goes on to answer another manifest, or can't be reached any more.
pub(super) async fn confirm_manifest(
    repository: &RepositoryClient,
    image: &str,
    manifest: ManifestName<'_>,
    expected: &Digest,
) -> Result<Confirmation, PushError> {
    let mut waits = unseen_waits();
    loop {
        let answer = ask_for(repository, manifest).await?;
        if matches!(&answer, Answer::Digest(digest) if digest == expected) {
            return Ok(Confirmation::Confirmed);
        }
        // A tag that was moved may be answered with its old manifest for as long as a new one is not seen.
        match (answer, waits.next()) {
            (Answer::Unknown, _) => return Ok(Confirmation::Refused),
            (_, Some(time)) => sleep(time).await,
            (Answer::Nothing, None) => return Ok(Confirmation::Unseen),
            (Answer::Digest(actual), None) => return Err(other_digest(image, expected, &actual.to_string())),
        }
    }
}

async fn ask_for(repository: &RepositoryClient, manifest: ManifestName<'_>) -> Result<Answer, PushError> {
    let Some(head) = ask(|| repository.head_manifest(manifest)).await? else { return Ok(Answer::Unknown) };
    Ok(match (head, manifest) {
        (None, _) => Answer::Nothing,
        (Some(ManifestHead { digest: Some(digest), .. }), _) => Answer::Digest(digest),
        // A registry that tells no digest was asked by it.
        (Some(_), ManifestName::Digest(digest)) => Answer::Digest(digest.clone()),
        // Otherwise the bytes are read again.
        (Some(_), ManifestName::Tag(_)) => match ask(|| repository.get_manifest(manifest)).await? {
            Some((_, bytes)) => Answer::Digest(Digest::of(&bytes)),
            None => Answer::Unknown,
        },
    })
}

/// The error of a registry that has another manifest than the one that was sent, or none.
pub(super) fn other_digest(image: &str, expected: &Digest, actual: &str) -> PushError {
    PushError::OtherDigest { image: image.into(), expected: expected.clone(), actual: actual.into() }
}
