//! A fake registry in memory, whose connections break as a test says.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};

use crate::credential::Credential;
use crate::distribution::{Actions, Client, ClientOptions, PlainHttp, RepositoryClient};
use crate::image::{Descriptor, Digest};

/// What the registry has, and how it fails.
#[derive(Clone, Default)]
pub(in crate::remote) struct Registry {
    /// Manifests by tag or digest, with their media types.
    pub(in crate::remote) manifests: HashMap<String, (String, Bytes)>,
    /// Blobs by digest.
    pub(in crate::remote) blobs: HashMap<String, Bytes>,
    /// Whether ranges are honoured.
    pub(in crate::remote) ranges: bool,
    /// The status by which ranges are refused, if they are.
    pub(in crate::remote) refusal: Option<u16>,
    /// Bytes after which each answer with a blob breaks off; 0 for never.
    pub(in crate::remote) cut: usize,
}

/// A registry that serves.
pub(in crate::remote) struct Fake {
    pub(in crate::remote) repository: RepositoryClient,
    pub(in crate::remote) host: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Registry {
    /// Adds a blob, and gives its descriptor.
    pub(in crate::remote) fn blob(&mut self, media_type: &str, bytes: impl Into<Bytes>) -> Descriptor {
        let bytes = bytes.into();
        let descriptor = Descriptor::new(media_type, Digest::of(&bytes), bytes.len() as u64);
        self.blobs.insert(descriptor.digest.to_string(), bytes);
        descriptor
    }

    /// Adds a manifest or index under its digest and a tag, and gives its descriptor.
    pub(in crate::remote) fn manifest(&mut self, media_type: &str, tag: &str, value: &serde_json::Value) -> Descriptor {
        let bytes = Bytes::from(value.to_string());
        let descriptor = Descriptor::new(media_type, Digest::of(&bytes), bytes.len() as u64);
        for name in [tag, descriptor.digest.as_str()] {
            self.manifests.insert(name.to_owned(), (media_type.to_owned(), bytes.clone()));
        }
        descriptor
    }

    /// Serves on a free port of this machine.
    pub(in crate::remote) async fn serve(self) -> Fake {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, registry) = (Arc::clone(&asked), Arc::new(self));
        let handler = move |request: Request| {
            let (log, registry) = (Arc::clone(&log), Arc::clone(&registry));
            async move {
                log.lock().unwrap().push(request.uri().path().to_owned());
                registry.answer(&request)
            }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await.unwrap() });
        // Fails where another test has installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::new(ClientOptions::new(Vec::new())).unwrap();
        let (registry, name) = (host.parse().unwrap(), "acme/train".parse().unwrap());
        let repository =
            client.repository(&registry, &name, PlainHttp::LoopbackOnly, Credential::Anonymous, Actions::Pull).unwrap();
        Fake { repository, host, asked }
    }

    fn answer(&self, request: &Request) -> Response {
        let path = request.uri().path();
        if path == "/v2/" {
            return Response::new(Body::empty());
        }
        let name = path.rsplit('/').next().unwrap();
        if path.contains("/manifests/")
            && let Some((media_type, bytes)) = self.manifests.get(name)
        {
            return Response::builder().header("content-type", media_type).body(bytes.clone().into()).unwrap();
        }
        let Some(blob) = self.blobs.get(name).filter(|_| path.contains("/blobs/")) else {
            return Response::builder().status(404).body(Body::empty()).unwrap();
        };
        if let Some(status) = self.refusal.filter(|_| request.headers().contains_key("range")) {
            return Response::builder().status(status).body(Body::empty()).unwrap();
        }
        let range = request.headers().get("range").and_then(|range| range.to_str().ok()).filter(|_| self.ranges);
        let (status, from, to) = match range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) {
            Some((from, last)) => {
                let to = last.parse::<usize>().map_or(blob.len(), |last| last + 1);
                (206, from.parse().unwrap(), to)
            }
            None => (200, 0, blob.len()),
        };
        let part = blob.slice(from..to);
        let answer = Response::builder().status(status).header("content-length", part.len());
        let answer = answer.header("content-range", format!("bytes {from}-{}/{}", to - 1, blob.len()));
        if self.cut == 0 || part.len() <= self.cut {
            return answer.body(part.into()).unwrap();
        }
        let first = stream::iter([Ok(part.slice(..self.cut))]);
        let rest = stream::once(async {
            // The server drops what it has not sent by then.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(io::Error::other("cut"))
        });
        answer.body(Body::from_stream(first.chain(rest))).unwrap()
    }
}

impl Fake {
    /// How often paths were asked for that have this part.
    pub(in crate::remote) fn asked(&self, part: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|path| path.contains(part)).count()
    }
}
