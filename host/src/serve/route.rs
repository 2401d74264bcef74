//! Parses paths below `/v2/`.

use ferro_oci_server::{OciError, OciErrorCode};

use super::upload_id::UploadId;
use crate::image::{Digest, Repository};

/// The endpoints of the distribution specification ("Endpoints") that belong to one repository.
///
/// Repository, digest and upload id are parsed here, and only these types ever become file names: no text of a request
/// can lead out of the data directory.
#[derive(Debug)]
pub(super) enum Route {
    /// `<name>/blobs/<digest>`; blobs belong to no repository, but the name must be one.
    Blob(Digest),
    /// `<name>/blobs/uploads/`
    Uploads(Repository),
    /// `<name>/blobs/uploads/<id>`
    Upload(Repository, UploadId),
    /// `<name>/manifests/<reference>`
    Manifest(Repository, String),
    /// `<name>/tags/list`
    Tags(Repository),
    /// `<name>/referrers/<digest>`
    Referrers(Repository, String),
}

impl Route {
    /// Parses a path from its end, since a repository may have components named `blobs` or `manifests` itself.
    pub(super) fn parse(path: &str) -> Result<Self, OciError> {
        let unknown = || OciError::new(OciErrorCode::NameUnknown, format!("`{path}` is no path of a registry"));
        let rest = path.strip_prefix("/v2/").ok_or_else(unknown)?;
        if let Some(name) = rest.strip_suffix("/blobs/uploads/").or_else(|| rest.strip_suffix("/blobs/uploads")) {
            return Ok(Self::Uploads(repository(name)?));
        }
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Ok(Self::Tags(repository(name)?));
        }
        let (parent, last) = rest.rsplit_once('/').ok_or_else(unknown)?;
        if let Some(name) = parent.strip_suffix("/blobs/uploads") {
            return Ok(Self::Upload(repository(name)?, last.parse()?));
        }
        let (name, kind) = parent.rsplit_once('/').ok_or_else(unknown)?;
        match kind {
            "blobs" => repository(name).and_then(|_| digest(last)).map(Self::Blob),
            "manifests" => Ok(Self::Manifest(repository(name)?, last.to_owned())),
            "referrers" => Ok(Self::Referrers(repository(name)?, last.to_owned())),
            _ => Err(unknown()),
        }
    }
}

fn repository(name: &str) -> Result<Repository, OciError> {
    name.parse()
        .map_err(|error: crate::image::ReferenceError| OciError::new(OciErrorCode::NameInvalid, error.to_string()))
}

/// A digest, or the specification's error for a malformed one.
pub(super) fn digest(text: &str) -> Result<Digest, OciError> {
    text.parse()
        .map_err(|error: crate::image::DigestError| OciError::new(OciErrorCode::DigestInvalid, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_from_its_end() {
        let digest = Digest::of(b"");
        for (path, expected) in [
            (format!("/v2/a/b/blobs/{digest}"), "Blob"),
            (format!("/v2/blobs/blobs/blobs/{digest}"), "Blob"),
            ("/v2/a/blobs/uploads/".to_owned(), "Uploads"),
            ("/v2/a/blobs/uploads".to_owned(), "Uploads"),
            (format!("/v2/a/blobs/uploads/{}", "a".repeat(32)), "Upload("),
            ("/v2/blobs/manifests/latest".to_owned(), "Manifest"),
            ("/v2/a/blobs/manifests/latest".to_owned(), "Manifest"),
            ("/v2/a/manifests/tags/list".to_owned(), "Tags"),
            (format!("/v2/a/referrers/{digest}"), "Referrers"),
        ] {
            let route = format!("{:?}", Route::parse(&path).unwrap());
            assert!(route.starts_with(expected), "{path}: {route}");
        }
    }

    #[test]
    fn no_path_leads_out_of_the_data_directory() {
        for path in [
            "/v2/a/blobs/../../etc/passwd",
            "/v2/../blobs/uploads/",
            "/v2/a/blobs/sha256:..",
            "/v2/a/blobs/uploads/..",
            "/v2/a/blobs/uploads/%2e%2e",
            "/v2/a%2f..%2fb/manifests/latest",
            "/v2//manifests/latest",
            "/v2/A/tags/list",
            "/v2/a",
            "/v2/a/b/c",
            "/etc/passwd",
            "",
        ] {
            assert!(Route::parse(path).is_err(), "{path}");
        }
    }
}
