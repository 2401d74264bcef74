//! Files as artifacts that belong to an image (OCI image specification 1.1, "Guidelines for Artifact Usage").

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::artifact_type::ArtifactType;
use super::error::SupplyChainError;
use super::upload::{measure, upload_bytes, upload_file};
use crate::distribution::{Error, RepositoryClient};
use crate::image::{Descriptor, Digest, media_type};
use crate::retrying::{ask, retry};
pub(crate) use crate::source::EMPTY;
use crate::text::{Escaped, Foreign};

/// The configuration of an artifact, which has none ("Guidance for an Empty Descriptor").
pub(crate) const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// The annotation with a file's name.
const TITLE: &str = "org.opencontainers.image.title";

/// A file that is to be attached, measured.
pub(crate) struct Attachment {
    path: PathBuf,
    file: File,
    blob: Descriptor,
    annotations: BTreeMap<String, String>,
}

/// An artifact that belongs to an image.
#[derive(Debug, Clone)]
pub(crate) struct Attached {
    /// The artifact's manifest.
    pub(crate) manifest: Descriptor,
    /// Its type.
    pub(crate) artifact_type: String,
    /// Whether it was there before.
    pub(crate) unchanged: bool,
}

/// The error of a directory, a pipe or a device.
fn no_file() -> std::io::Error {
    std::io::Error::other("it is no file")
}

impl Attachment {
    /// Opens and hashes a file. Without a type, its content has to tell what it is; `option` is what would say it. It
    /// blocks while it reads.
    ///
    /// # Errors
    /// When the file can't be read, is empty, or does not tell what it is.
    pub(crate) fn open(
        path: &Path,
        artifact_type: Option<ArtifactType>,
        annotations: BTreeMap<String, String>,
        option: Option<&'static str>,
    ) -> Result<Self, SupplyChainError> {
        let shown = || Escaped::from(path);
        let failed = |reason: std::io::Error| match reason.kind() {
            std::io::ErrorKind::NotFound => SupplyChainError::NoFile(shown()),
            _ => SupplyChainError::File { file: shown(), reason: Foreign(reason) },
        };
        // Asked before it is opened, too: opening a pipe waits for its writer.
        let is_file = std::fs::metadata(path).map_err(failed)?.is_file();
        let mut file = if is_file { File::open(path) } else { Err(no_file()) }.map_err(failed)?;
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(failed(no_file()));
        }
        let blob = described(&mut file, path, artifact_type, option)?;
        Ok(Self { path: path.to_owned(), file, blob, annotations })
    }

    /// Reads standard input to its end, into a temporary file: an upload begins with the digest. What is attached has
    /// no name.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub(crate) fn read(
        mut input: impl Read,
        artifact_type: Option<ArtifactType>,
        annotations: BTreeMap<String, String>,
        option: Option<&'static str>,
    ) -> Result<Self, SupplyChainError> {
        let path = Path::new("-");
        let failed = |reason| SupplyChainError::File { file: path.into(), reason: Foreign(reason) };
        let mut file = tempfile::tempfile().map_err(failed)?;
        std::io::copy(&mut input, &mut file).map_err(failed)?;
        file.rewind().map_err(failed)?;
        let mut blob = described(&mut file, path, artifact_type, option)?;
        blob.annotations.remove(TITLE);
        Ok(Self { path: path.to_owned(), file, blob, annotations })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The manifest: with `artifactType` and the empty configuration, or, for registries of before OCI 1.1, with the
    /// type as that of its configuration. The same file gives the same bytes.
    fn manifest(&self, subject: &Descriptor, is_older: bool) -> Bytes {
        let media_type = if is_older { self.blob.media_type.as_str() } else { EMPTY_TYPE };
        let config = json!({ "mediaType": media_type, "digest": Digest::of(EMPTY), "size": EMPTY.len() });
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": config,
            "layers": [self.blob],
            "subject": Descriptor::new(&subject.media_type, subject.digest.clone(), subject.size),
        });
        if let Value::Object(members) = &mut manifest {
            if !is_older {
                members.insert("artifactType".to_owned(), self.blob.media_type.as_str().into());
            }
            if !self.annotations.is_empty() {
                members.insert("annotations".to_owned(), json!(self.annotations));
            }
        }
        manifest.to_string().into()
    }
}

/// The blob of a file's bytes, which are hashed.
fn described(
    file: &mut File,
    path: &Path,
    artifact_type: Option<ArtifactType>,
    option: Option<&'static str>,
) -> Result<Descriptor, SupplyChainError> {
    let failed = |reason| SupplyChainError::File { file: path.into(), reason: Foreign(reason) };
    let artifact_type = match artifact_type {
        Some(artifact_type) => Some(artifact_type),
        None => ArtifactType::of_content(file).map_err(failed)?,
    };
    let (digest, size) = measure(file).map_err(failed)?;
    if size == 0 {
        return Err(SupplyChainError::EmptyFile(path.into()));
    }
    let artifact_type = artifact_type.ok_or_else(|| SupplyChainError::UnknownType { file: path.into(), option })?;
    let mut blob = Descriptor::new(artifact_type.as_str(), digest, size);
    if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
        blob.annotations.insert(TITLE.to_owned(), name.to_owned());
    }
    Ok(blob)
}

/// Attaches a file to an image.
///
/// # Errors
/// [`SupplyChainError::NoArtifacts`] where the registry takes it in no form, and any refusal.
pub(crate) async fn attach(
    repository: &RepositoryClient,
    subject: &Descriptor,
    attachment: &Attachment,
) -> Result<Attached, SupplyChainError> {
    let blob = &attachment.blob;
    let sent = upload_file(repository, &attachment.file, blob);
    let (sent, config) = tokio::join!(sent, upload_bytes(repository, Bytes::from_static(EMPTY)));
    sent?;
    config?;
    match put(repository, blob, attachment.manifest(subject, false)).await {
        Err(refused) if is_unknown_form(&refused) => {
            tracing::info!("the registry does not take `artifactType`, the older form is tried: {refused}");
            put(repository, blob, attachment.manifest(subject, true)).await.map_err(|error| match error {
                error if is_unknown_form(&error) => SupplyChainError::NoArtifacts(error.to_string().into()),
                error => error.into(),
            })
        }
        ended => Ok(ended?),
    }
}

/// Whether a registry refused the form of a manifest, and not its place or its sender.
fn is_unknown_form(error: &Error) -> bool {
    let forms = [StatusCode::BAD_REQUEST, StatusCode::UNSUPPORTED_MEDIA_TYPE, StatusCode::UNPROCESSABLE_ENTITY];
    matches!(error, Error::Status(error) if forms.contains(&error.status))
}

async fn put(repository: &RepositoryClient, blob: &Descriptor, bytes: Bytes) -> Result<Attached, Error> {
    let digest = Digest::of(&bytes);
    let unchanged = ask(|| repository.head_manifest(&digest)).await?.flatten().is_some();
    // Also where it is there: the list of referrers may lack it.
    retry(|| repository.put_manifest(&digest, media_type::OCI_MANIFEST, bytes.clone())).await?;
    let manifest = Descriptor::new(media_type::OCI_MANIFEST, digest, bytes.len() as u64);
    Ok(Attached { manifest, artifact_type: blob.media_type.clone(), unchanged })
}
