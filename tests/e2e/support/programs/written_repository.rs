//! A repository of a registry on loopback, filled by requests of its own: with images whose times, indexes and
//! signatures a test chooses.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::support::images::{digest, image_files};
use crate::support::programs::serve::{CONFIG, with_query};

/// The media type of an index.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A repository that is written to.
pub(crate) struct Repository<'a> {
    /// `localhost:PORT`
    pub(crate) host: &'a str,
    /// Its path.
    pub(crate) name: &'a str,
}

impl Repository<'_> {
    /// Sends a request; the status, and the header `location`.
    #[track_caller]
    fn send(&self, method: &str, target: &str, media_type: &str, body: &[u8]) -> (u16, String) {
        let target = target.strip_prefix(&format!("http://{}", self.host)).unwrap_or(target);
        let mut wire = TcpStream::connect(self.host.replace("localhost", "127.0.0.1")).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\naccept: {}, {INDEX}\r\n\
             content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n",
            self.host,
            image_files::MANIFEST
        );
        wire.write_all(head.as_bytes()).and_then(|()| wire.write_all(body)).unwrap();
        let mut answer = Vec::new();
        wire.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer);
        let status = text.split(' ').nth(1).unwrap().parse().unwrap();
        let location = text.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        (status, location.unwrap_or_default())
    }

    #[track_caller]
    pub(crate) fn blob(&self, media_type: &str, content: &[u8]) -> Value {
        let (status, location) = self.send("POST", &format!("/v2/{}/blobs/uploads/", self.name), "", b"");
        assert_eq!(status, 202);
        let digest = digest::of(content);
        let end = with_query(&location, &format!("digest={digest}"));
        assert_eq!(self.send("PUT", &end, "application/octet-stream", content).0, 201);
        json!({"mediaType": media_type, "digest": digest, "size": content.len()})
    }

    /// Pushes a document under a tag, or by its digest alone; gives its descriptor.
    #[track_caller]
    pub(crate) fn manifest(&self, tag: Option<&str>, document: &Value) -> Value {
        let body = document.to_string();
        let digest = digest::of(body.as_bytes());
        let media_type = document["mediaType"].as_str().unwrap();
        let target = format!("/v2/{}/manifests/{}", self.name, tag.unwrap_or(&digest));
        assert_eq!(self.send("PUT", &target, media_type, body.as_bytes()).0, 201, "{body}");
        json!({"mediaType": media_type, "digest": digest, "size": body.len()})
    }

    /// Pushes an image of a time, with a layer that `seed` makes.
    #[track_caller]
    pub(crate) fn image(&self, tag: Option<&str>, seed: &str, created: &str) -> Value {
        let layer = layer(seed);
        let diff_id = digest::of(&layer);
        let config = json!({"created": created, "architecture": "amd64", "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [diff_id]}});
        let config = self.blob(CONFIG, config.to_string().as_bytes());
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar", &layer);
        self.manifest(
            tag,
            &json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config, "layers": [layer]}),
        )
    }

    /// Pushes an index of manifests.
    #[track_caller]
    pub(crate) fn index(&self, tag: Option<&str>, manifests: &[&Value]) -> Value {
        self.manifest(tag, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}))
    }

    /// Pushes an artifact that belongs to a manifest, under a tag or without one.
    #[track_caller]
    pub(crate) fn artifact(&self, tag: Option<&str>, seed: &str, subject: Option<&Value>) -> Value {
        let config = self.blob("application/vnd.oci.empty.v1+json", b"{}");
        let layer = self.blob("application/spdx+json", seed.as_bytes());
        let mut document = json!({"schemaVersion": 2, "mediaType": image_files::MANIFEST, "config": config,
            "artifactType": "application/spdx+json", "layers": [layer]});
        if let Some(subject) = subject {
            document["subject"] = subject.clone();
        }
        self.manifest(tag, &document)
    }

    /// Whether a manifest is there, by a tag or a digest.
    #[track_caller]
    pub(crate) fn has(&self, reference: &str) -> bool {
        self.send("HEAD", &format!("/v2/{}/manifests/{reference}", self.name), "", b"").0 == 200
    }
}

/// The digest in a descriptor.
pub(crate) fn digest_of(descriptor: &Value) -> &str {
    descriptor["digest"].as_str().unwrap()
}

/// The tag that cosign keeps a signature of a manifest under.
pub(crate) fn signature_tag(descriptor: &Value) -> String {
    format!("{}.sig", digest_of(descriptor).replace(':', "-"))
}

/// A layer of one small file.
fn layer(seed: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    crate::support::images::image::append(&mut archive, "seed", seed.as_bytes());
    archive.into_inner().unwrap()
}
