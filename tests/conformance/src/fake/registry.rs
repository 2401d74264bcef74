//! The usual answers: a registry as the OCI distribution specification 1.1 has it, without deletion and pulls in parts.

use std::collections::BTreeMap;

use serde_json::json;

use crate::fake::http::{Request, Response};
use crate::image::digest;

/// What a registry has.
#[derive(Default)]
pub(crate) struct Content {
    /// By digest; repositories share them.
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    /// By tag and by digest: media type and bytes.
    pub(crate) manifests: BTreeMap<String, (String, Vec<u8>)>,
    uploads: BTreeMap<String, Vec<u8>>,
    started: usize,
}

/// A request as the specification sees it.
pub(crate) struct Operation {
    /// For rules: `ping`, `blob-head`, `blob-get`, `upload-start`, `mount`, `upload-patch`, `upload-put`,
    /// `upload-status`, `upload-cancel`, `manifest-put`, `manifest-head`, `manifest-get`, or `other`.
    pub(crate) name: &'static str,
    /// The repository.
    repository: String,
    /// Digest, tag or upload.
    subject: String,
}

impl Operation {
    /// What is asked for.
    pub(crate) fn of(request: &Request, path: &str) -> Self {
        let new = |name, repository: &str, subject: &str| Self {
            name,
            repository: repository.to_owned(),
            subject: subject.to_owned(),
        };
        let method = request.method.as_str();
        let Some(rest) = path.strip_prefix("/v2/") else { return new("other", "", "") };
        if rest.is_empty() {
            return new("ping", "", "");
        }
        if let Some((repository, upload)) = rest.split_once("/blobs/uploads/") {
            let name = match method {
                "POST" if request.parameter("mount").is_some() => "mount",
                "POST" => "upload-start",
                "PATCH" => "upload-patch",
                "PUT" => "upload-put",
                "GET" => "upload-status",
                "DELETE" => "upload-cancel",
                _ => "other",
            };
            return new(name, repository, upload);
        }
        if let Some((repository, subject)) = rest.split_once("/blobs/") {
            let name = match method {
                "HEAD" => "blob-head",
                "GET" => "blob-get",
                _ => "other",
            };
            return new(name, repository, subject);
        }
        match (rest.split_once("/manifests/"), method) {
            (Some((repository, subject)), "PUT") => new("manifest-put", repository, subject),
            (Some((repository, subject)), "HEAD") => new("manifest-head", repository, subject),
            (Some((repository, subject)), "GET") => new("manifest-get", repository, subject),
            _ => new("other", "", ""),
        }
    }

    /// The content that it is about, and its digest.
    pub(crate) fn content(&self, request: &Request, content: &Content) -> (Vec<u8>, String) {
        match self.name {
            "manifest-put" => (request.body.clone(), digest(&request.body)),
            "manifest-head" | "manifest-get" => {
                let found = content.manifests.get(&self.subject).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
                (found.clone(), digest(&found))
            }
            "blob-head" | "blob-get" => {
                (content.blobs.get(&self.subject).cloned().unwrap_or_default(), self.subject.clone())
            }
            _ => (
                content.uploads.get(&self.subject).cloned().unwrap_or_default(),
                request.parameter("digest").or(request.parameter("mount")).unwrap_or_default(),
            ),
        }
    }
}

/// An error body as the specification has it.
pub(crate) fn error(status: u16, code: &str) -> Response {
    let body = json!({"errors": [{"code": code, "message": code.to_lowercase().replace('_', " "), "detail": null}]});
    let mut response = Response::status(status).with("Content-Type", "application/json");
    response.body = body.to_string().into_bytes();
    response
}

impl Content {
    /// Whether what is asked for is there.
    pub(crate) fn has(&self, operation: &Operation) -> bool {
        self.blobs.contains_key(&operation.subject) || self.manifests.contains_key(&operation.subject)
    }

    /// Bytes of the upload that the operation is about.
    pub(crate) fn received(&self, operation: &Operation) -> usize {
        self.uploads.get(&operation.subject).map_or(0, Vec::len)
    }

    /// Does what is asked for.
    pub(crate) fn serve(&mut self, operation: &Operation, request: &Request) -> Response {
        let Operation { repository, subject, .. } = operation;
        match operation.name {
            "ping" => {
                let mut pong = Response::status(200).with("Content-Type", "application/json");
                pong.body = b"{}".to_vec();
                pong
            }
            "blob-head" | "blob-get" => match self.blobs.get(subject) {
                None => error(404, "BLOB_UNKNOWN"),
                Some(blob) => {
                    let mut found = Response::status(200).with("Content-Type", "application/octet-stream");
                    found.set("Docker-Content-Digest", subject);
                    found.set("Content-Length", blob.len().to_string());
                    found.body = blob.clone();
                    found
                }
            },
            "mount" => match request.parameter("mount").filter(|digest| self.blobs.contains_key(digest)) {
                Some(digest) => created(&format!("/v2/{repository}/blobs/{digest}"), &digest),
                None => self.start(repository),
            },
            "upload-start" => match request.parameter("digest") {
                Some(named) => self.take(repository, &named, request.body.clone()),
                None => self.start(repository),
            },
            "upload-status" | "upload-patch" | "upload-put" | "upload-cancel" => self.upload(operation, request),
            "manifest-put" => self.put_manifest(repository, subject, request),
            "manifest-head" | "manifest-get" => match self.manifests.get(subject) {
                None => error(404, "MANIFEST_UNKNOWN"),
                Some((media_type, bytes)) => {
                    let mut found = Response::status(200).with("Content-Type", media_type);
                    found.set("Docker-Content-Digest", digest(bytes));
                    found.set("Content-Length", bytes.len().to_string());
                    found.body = bytes.clone();
                    found
                }
            },
            _ => error(404, "NAME_UNKNOWN"),
        }
    }

    fn start(&mut self, repository: &str) -> Response {
        self.started += 1;
        let id = format!("0b6f0c7e-{:04}", self.started);
        self.uploads.insert(id.clone(), Vec::new());
        let started = Response::status(202).with("Location", format!("/v2/{repository}/blobs/uploads/{id}"));
        started.with("Range", "0-0").with("Docker-Upload-UUID", id)
    }

    fn upload(&mut self, operation: &Operation, request: &Request) -> Response {
        let Operation { repository, subject, .. } = operation;
        let Some(upload) = self.uploads.get_mut(subject) else { return error(404, "BLOB_UPLOAD_UNKNOWN") };
        let location = format!("/v2/{repository}/blobs/uploads/{subject}");
        let state = |status: u16, received: usize| {
            let state = Response::status(status).with("Location", location.clone());
            state.with("Range", format!("0-{}", received.saturating_sub(1))).with("Docker-Upload-UUID", subject)
        };
        let begins = request.header("content-range").and_then(|range| range.split('-').next()?.parse().ok());
        match operation.name {
            "upload-status" => return state(204, upload.len()),
            "upload-cancel" => {
                self.uploads.remove(subject);
                return Response::status(204);
            }
            _ if begins.is_some_and(|begins: usize| begins != upload.len()) => return state(416, upload.len()),
            _ => upload.extend(&request.body),
        }
        if operation.name == "upload-patch" {
            return state(202, upload.len());
        }
        let bytes = self.uploads.remove(subject).unwrap_or_default();
        self.take(repository, &request.parameter("digest").unwrap_or_default(), bytes)
    }

    fn take(&mut self, repository: &str, named: &str, bytes: Vec<u8>) -> Response {
        if digest(&bytes) != named {
            return error(400, "DIGEST_INVALID");
        }
        self.blobs.insert(named.to_owned(), bytes);
        created(&format!("/v2/{repository}/blobs/{named}"), named)
    }

    fn put_manifest(&mut self, repository: &str, reference: &str, request: &Request) -> Response {
        let digest = digest(&request.body);
        let named = crate::image::configuration(&request.body);
        let mut needed = named.into_iter().chain(crate::image::layers(&request.body));
        if needed.any(|blob| !self.blobs.contains_key(&blob)) {
            return error(400, "MANIFEST_BLOB_UNKNOWN");
        }
        let media_type = request.header("content-type").unwrap_or_default().to_owned();
        for key in [reference, &digest] {
            self.manifests.insert(key.to_owned(), (media_type.clone(), request.body.clone()));
        }
        created(&format!("/v2/{repository}/manifests/{digest}"), &digest)
    }
}

fn created(location: &str, digest: &str) -> Response {
    Response::status(201).with("Location", location).with("Docker-Content-Digest", digest)
}
