//! A fake registry that does as it should, but for the habit that a test gives it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;

use crate::support::fakes::web::Web;
use crate::support::images::digest;

/// A request as a habit sees it.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Requests with the same method and target before this one.
    pub(super) before: usize,
}

impl Asked {
    pub(super) fn is(&self, method: &str, part: &str) -> bool {
        self.method == method && self.path.contains(part)
    }
}

#[derive(Default)]
struct State {
    blobs: HashMap<String, Bytes>,
    uploads: HashMap<String, Vec<u8>>,
    manifests: HashMap<String, (String, Bytes)>,
    lines: Vec<String>,
}

/// The registry, which ends when this is dropped.
pub(super) struct Fake {
    web: Web,
    state: Arc<Mutex<State>>,
}

impl Fake {
    /// A registry that answers as `habit` does, and otherwise as it should.
    pub(super) fn with(habit: impl Fn(&Asked) -> Option<Response> + Clone + Send + Sync + 'static) -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        let router = Router::new().fallback(move |request: Request| {
            let (state, habit) = (Arc::clone(&shared), habit.clone());
            async move {
                let (head, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
                let mut state = state.lock().unwrap();
                let line = format!("{} {}", head.method, head.uri);
                let before = state.lines.iter().filter(|own| **own == line).count();
                state.lines.push(line);
                let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
                let asked = Asked { method: head.method, path, query, headers: head.headers, body, before };
                habit(&asked).unwrap_or_else(|| state.answer(&asked, &head.uri))
            }
        });
        Self { web: Web::serve(router), state }
    }

    pub(super) fn host(&self) -> String {
        self.web.host()
    }

    /// Method and target of each request so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.state.lock().unwrap().lines.clone()
    }

    /// Whether a tag has a manifest all of whose blobs are there.
    pub(super) fn is_whole(&self, tag: &str) -> bool {
        let state = self.state.lock().unwrap();
        let Some((_, manifest)) = state.manifests.get(tag) else { return false };
        let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
        let layers = manifest["layers"].as_array().unwrap();
        layers
            .iter()
            .chain([&manifest["config"]])
            .all(|blob| state.blobs.contains_key(blob["digest"].as_str().unwrap()))
    }
}

/// An answer without a body.
pub(super) fn reply(status: u16, headers: &[(&str, &str)]) -> Response {
    say(status, headers, "")
}

pub(super) fn say(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let builder = Response::builder().status(StatusCode::from_u16(status).unwrap());
    headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value)).body(body.into()).unwrap()
}

impl State {
    fn answer(&mut self, asked: &Asked, uri: &Uri) -> Response {
        let Asked { method, path, body, .. } = asked;
        let last = path.rsplit('/').next().unwrap_or_default().to_owned();
        if path == "/v2/" {
            return say(200, &[], "{}");
        }
        if path.ends_with("/blobs/uploads/") && method == Method::POST {
            let id = format!("u{}", self.lines.len());
            self.uploads.insert(id.clone(), Vec::new());
            return reply(202, &[("location", &format!("{path}{id}"))]);
        }
        if path.contains("/blobs/uploads/") {
            let Some(upload) = self.uploads.get_mut(&last) else { return reply(404, &[]) };
            upload.extend_from_slice(body);
            let range = format!("0-{}", upload.len().saturating_sub(1));
            return match method.as_str() {
                "PATCH" => reply(202, &[("location", path), ("range", &range)]),
                "GET" => reply(204, &[("location", path), ("range", &range)]),
                "DELETE" => {
                    self.uploads.remove(&last);
                    reply(204, &[])
                }
                _ => {
                    let blob = Bytes::from(self.uploads.remove(&last).unwrap());
                    let digest = digest::of(&blob);
                    let wanted = uri.query().unwrap_or_default().contains(digest::hex(&digest));
                    self.blobs.insert(digest, blob);
                    reply(if wanted { 201 } else { 400 }, &[])
                }
            };
        }
        if path.contains("/blobs/") {
            return match self.blobs.get(&last) {
                Some(blob) => reply(200, &[("content-length", &blob.len().to_string())]),
                None => reply(404, &[]),
            };
        }
        if method == Method::PUT {
            let media_type = asked.headers.get("content-type").unwrap().to_str().unwrap().to_owned();
            for name in [digest::of(body), last] {
                self.manifests.insert(name, (media_type.clone(), body.clone()));
            }
            return reply(201, &[("docker-content-digest", &digest::of(body))]);
        }
        match self.manifests.get(&last) {
            Some((media_type, manifest)) => {
                let headers = [("content-type", media_type.as_str()), ("docker-content-digest", &digest::of(manifest))];
                let body = if method == Method::HEAD { Bytes::new() } else { manifest.clone() };
                say(200, &headers, body)
            }
            None => reply(404, &[]),
        }
    }
}
