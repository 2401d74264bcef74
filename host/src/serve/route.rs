//! Parses paths below `/v2/`.

use percent_encoding::percent_decode_str;

use super::any_digest::AnyDigest;
use super::api_error::{ApiError, Code};
use super::upload_id::UploadId;
use crate::image::{ReferenceError, Repository};

/// The endpoints of the distribution specification ("Endpoints"), and the list of repositories.
///
/// Repository, digest and upload id are parsed here, and only these types ever become file names: no text of a request
/// can lead out of the data directory.
#[derive(Debug)]
pub(super) enum Route {
    /// The version check.
    Base,
    /// `_catalog`
    Catalog,
    /// `<name>/blobs/<digest>`; blobs belong to no repository, but the name must be one.
    Blob(AnyDigest),
    /// `<name>/blobs/uploads/`
    Uploads(Repository),
    /// `<name>/blobs/uploads/<id>`
    Upload(Repository, UploadId),
    /// `<name>/manifests/<reference>`
    Manifest(Repository, String),
    /// `<name>/tags/list`
    Tags(Repository),
    /// `<name>/referrers/<digest>`
    Referrers(Repository, AnyDigest),
}

impl Route {
    /// Parses a path from its end, since a repository may have components named `blobs` or `manifests` itself.
    pub(super) fn parse(path: &str) -> Result<Self, ApiError> {
        let unknown = || ApiError::new(Code::NameUnknown, format!("`{path}` is no path of a registry"));
        match path {
            "/v2" | "/v2/" => return Ok(Self::Base),
            "/v2/_catalog" => return Ok(Self::Catalog),
            _ => {}
        }
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
            "blobs" => repository(name).and_then(|_| decoded(last).parse()).map(Self::Blob),
            "manifests" => Ok(Self::Manifest(repository(name)?, decoded(last))),
            "referrers" => Ok(Self::Referrers(repository(name)?, decoded(last).parse()?)),
            _ => Err(unknown()),
        }
    }
}

fn repository(name: &str) -> Result<Repository, ApiError> {
    name.parse().map_err(|error: ReferenceError| ApiError::new(Code::NameInvalid, error.to_string()))
}

/// The last part of a path, whose colon some clients encode.
fn decoded(last: &str) -> String {
    percent_decode_str(last).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Digest;

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
            (format!("/v2/a/blobs/sha256%3A{}", digest.hex()), "Blob(Sha256"),
            ("/v2".to_owned(), "Base"),
            ("/v2/".to_owned(), "Base"),
            ("/v2/_catalog".to_owned(), "Catalog"),
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
            "/v2/a/blobs/x:%2e%2e%2fx",
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
