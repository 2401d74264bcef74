//! A fake registry: each test says what it answers, and reads afterwards what it was asked.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use crate::credential::Credential;
use crate::distribution::{Actions, Client, ClientOptions, PlainHttp, RepositoryClient};
use crate::image::Digest;

/// One request as it came.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: Bytes,
    /// `host:port` that the request came to.
    pub(super) me: String,
}

impl Seen {
    pub(super) fn is(&self, line: &str) -> bool {
        self.line.starts_with(line)
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// A server on a free port of this machine.
pub(super) struct Fake {
    pub(super) host: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    pub(super) async fn start(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), answer).await
    }

    pub(super) async fn start_at(address: IpAddr, answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind((address, 0)).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, me, answer) = (Arc::clone(&seen), host.clone(), Arc::new(answer));
        let handler = move |request: Request| {
            let (log, me, answer) = (Arc::clone(&log), me.clone(), Arc::clone(&answer));
            async move {
                let (head, body) = request.into_parts();
                let line = format!("{} {}", head.method, head.uri);
                let unread = line.contains("unread");
                // A body that breaks off counts as empty.
                let body = if unread { Bytes::new() } else { to_bytes(body, usize::MAX).await.unwrap_or_default() };
                let seen = Seen { line, headers: head.headers, body, me };
                log.lock().unwrap().push(seen.clone());
                if seen.line.contains("never-answers") {
                    std::future::pending::<()>().await;
                }
                answer(&seen)
            }
        };
        let app = Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { host, seen }
    }

    pub(super) fn port(&self) -> &str {
        self.host.rsplit(':').next().unwrap()
    }

    /// All requests so far that begin like this.
    pub(super) fn seen(&self, line: &str) -> Vec<Seen> {
        self.seen.lock().unwrap().iter().filter(|seen| seen.is(line)).cloned().collect()
    }

    pub(super) fn open(&self, credential: Credential) -> RepositoryClient {
        open(&self.host, credential)
    }
}

pub(super) fn options() -> ClientOptions {
    ClientOptions::new(Vec::new())
}

pub(super) fn open(host: &str, credential: Credential) -> RepositoryClient {
    open_with(options(), host, credential)
}

/// A client for servers that never answer.
pub(super) fn open_impatiently(host: &str, credential: Credential) -> RepositoryClient {
    open_with(ClientOptions { idle_timeout: Duration::from_millis(500), ..options() }, host, credential)
}

pub(super) fn open_with(options: ClientOptions, host: &str, credential: Credential) -> RepositoryClient {
    open_by(&client(options), host, PlainHttp::LoopbackOnly, credential)
}

pub(super) fn client(options: ClientOptions) -> Client {
    // Fails where another test has installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new(options).unwrap()
}

pub(super) fn open_by(client: &Client, host: &str, plain: PlainHttp, credential: Credential) -> RepositoryClient {
    client.repository(&host.parse().unwrap(), &"acme/train".parse().unwrap(), plain, credential, Actions::Push).unwrap()
}

pub(super) const PASSWORD: &str = "correct-horse-battery";

pub(super) fn alice() -> Credential {
    Credential::Basic { username: "alice".to_owned(), password: PASSWORD.into() }
}

/// An answer from a status, headers and a body.
pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let builder = Response::builder().status(status);
    headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value)).body(body.into()).unwrap()
}

/// The answer to `/v2/` of a registry with a token server beside it.
pub(super) fn bearer(seen: &Seen) -> Response {
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"fake\"", seen.me);
    answer(401, &[("www-authenticate", &challenge)], "")
}

pub(super) fn token(value: &str) -> Response {
    answer(200, &[], format!("{{\"token\":\"{value}\",\"expires_in\":300}}"))
}

/// A registry that opens each upload at `location` and answers later requests with `rest`.
pub(super) async fn uploads(location: &str, rest: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Fake {
    let location = location.to_owned();
    Fake::start(move |seen| match seen.line.as_str() {
        "GET /v2/" => answer(200, &[], ""),
        line if line.starts_with("POST") => answer(202, &[("location", &location)], ""),
        _ => rest(seen),
    })
    .await
}

/// The blob that the tests upload.
pub(super) const BLOB: &str = "abcdef";

pub(super) fn digest() -> Digest {
    Digest::of(BLOB.as_bytes())
}

/// A stream of these pieces.
pub(super) fn pieces(
    pieces: &[&'static str],
) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    stream::iter(pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect::<Vec<_>>())
}
