//! Blobs that a registry has already.

use http::{Method, StatusCode};

use super::error::Error;
use super::repository::RepositoryClient;
use super::upload::Upload;
use super::wire::headers;
use crate::image::{Digest, Repository};

/// A blob that a registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BlobHead {
    /// Its size in bytes, where the registry says so.
    pub(crate) size: Option<u64>,
    /// Its digest, which few registries repeat.
    pub(crate) digest: Option<Digest>,
}

/// The answer of a registry that was asked to take a blob over from another repository.
pub(crate) enum Mount {
    /// The registry says that the repository has the blob now; [`RepositoryClient::confirm_blob`] asks for it.
    Mounted,
    /// The registry would rather have it uploaded, and opened this upload for it.
    Upload(Upload),
}

impl RepositoryClient {
    /// Asks whether the repository has a blob ("Checking if content exists in the registry"); `None` where it doesn't.
    ///
    /// # Errors
    /// Any refusal but 404.
    pub(crate) async fn has_blob(&self, digest: &Digest) -> Result<Option<BlobHead>, Error> {
        let place = self.place(&format!("blobs/{digest}")).await?;
        let name = format!("the question for blob `{digest}` in `{}`", self.repository());
        match self.send(self.request(Method::HEAD, place, name).succeeding_with(&[StatusCode::OK])).await {
            Ok(response) => Ok(Some(BlobHead {
                size: headers::content_length(response.headers()),
                digest: headers::content_digest(response.headers()),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Has the registry confirm that it has a blob which it took or mounted.
    ///
    /// # Errors
    /// [`Error::NotStored`] and [`Error::OtherDigest`] where it has not, and any refusal but 404.
    pub(crate) async fn confirm_blob(&self, digest: &Digest, size: u64) -> Result<(), Error> {
        let not_stored =
            |found: String| Error::NotStored { host: self.host().clone(), digest: digest.clone(), found: found.into() };
        let head = self.has_blob(digest).await?.ok_or_else(|| not_stored("nothing of it".to_owned()))?;
        match head {
            BlobHead { digest: Some(found), .. } if found != *digest => {
                let request = format!("blob `{digest}`").into();
                Err(Error::OtherDigest { host: self.host().clone(), request, expected: digest.clone(), found })
            }
            // Servers that drop the body of an answer to HEAD may count it then.
            BlobHead { size: None | Some(0), .. } => Ok(()),
            BlobHead { size: Some(found), .. } if found == size => Ok(()),
            BlobHead { size: Some(found), .. } => Err(not_stored(format!("{found} bytes of {size}"))),
        }
    }

    /// Asks the registry to take over a blob that `from`, a repository of the same registry, has ("Mounting a blob from
    /// another repository").
    ///
    /// # Errors
    /// Some registries refuse instead of opening an upload; that says nothing about the blob, and
    /// [`start_upload`](Self::start_upload) may well succeed.
    pub(crate) async fn mount_blob(&self, digest: &Digest, from: &Repository) -> Result<Mount, Error> {
        let place = self.place("blobs/uploads/").await?;
        let place = place.with_query("mount", digest.as_str()).with_query("from", from.as_str());
        let name = format!("the mount of blob `{digest}` from `{from}` into `{}`", self.repository());
        let mut request = self.request(Method::POST, place, name.clone());
        request.scopes.push(format!("repository:{from}:pull"));
        request.success = &[StatusCode::CREATED, StatusCode::ACCEPTED];
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::CREATED => Ok(Mount::Mounted),
            _ => Ok(Mount::Upload(Upload::open(self.clone(), &response, name).await?)),
        }
    }
}
