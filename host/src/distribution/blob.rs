//! Blobs that a registry has already.

use http::header::CONTENT_LENGTH;
use http::{Method, StatusCode};
use reqwest::Response;

use super::error::Error;
use super::repository::RepositoryClient;
use super::upload::Upload;
use crate::image::{Digest, Repository};

/// A blob that a registry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BlobHead {
    /// How many bytes, where the registry says so.
    pub(crate) size: Option<u64>,
}

/// What came of asking a registry to take a blob over from another repository.
pub(crate) enum Mount {
    /// The repository has the blob now.
    Mounted,
    /// The registry would rather have it uploaded, and opened this upload for it.
    Upload(Upload),
}

impl RepositoryClient {
    /// Asks whether the repository has a blob ("Checking if content exists in the registry").
    ///
    /// # Errors
    /// Any refusal but 404.
    pub(crate) async fn has_blob(&self, digest: &Digest) -> Result<Option<BlobHead>, Error> {
        let url = self.url(&format!("blobs/{digest}")).await?;
        let what = format!("the question for blob `{digest}` in `{}`", self.repository());
        let found = found(self.send(self.request(Method::HEAD, url, what)).await)?;
        Ok(found.map(|response| BlobHead { size: length(&response) }))
    }

    /// Asks the registry to take over a blob that `from`, a repository of the same registry, has ("Mounting a blob from
    /// another repository").
    ///
    /// # Errors
    /// Some registries refuse instead of opening an upload; that says nothing about the blob, and
    /// [`start_upload`](Self::start_upload) may well succeed.
    pub(crate) async fn mount_blob(&self, digest: &Digest, from: &Repository) -> Result<Mount, Error> {
        let mut url = self.url("blobs/uploads/").await?;
        url.query_pairs_mut().append_pair("mount", digest.as_str()).append_pair("from", from.as_str());
        let what = format!("the mount of blob `{digest}` from `{from}` into `{}`", self.repository());
        let mut request = self.request(Method::POST, url, what.clone());
        request.scopes.push(format!("repository:{from}:pull"));
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::CREATED => Ok(Mount::Mounted),
            _ => Ok(Mount::Upload(Upload::open(self.clone(), &response, what).await?)),
        }
    }
}

/// Turns "404" into "no".
pub(super) fn found(result: Result<Response, Error>) -> Result<Option<Response>, Error> {
    match result {
        Ok(response) => Ok(Some(response)),
        Err(Error::Status { status: StatusCode::NOT_FOUND, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// `Content-Length` as it was sent: of an answer to HEAD, the library knows only that no bytes came.
pub(super) fn length(response: &Response) -> Option<u64> {
    response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
