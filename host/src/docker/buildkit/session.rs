//! The session of a build: gRPC over HTTP/2 on a connection that this side opened, on which the daemon is the client.
//!
//! It serves BuildKit's `auth.proto` and `secrets.proto`, and gRPC's health check, for which BuildKit asks every few
//! seconds. What was not made ready for the build is not there.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::protobuf::{Fields, push_bytes};
use crate::image::Host;

/// What a build may ask for. Deliberately without `Debug`: it holds secrets.
#[derive(Default)]
pub(crate) struct Served {
    /// User names and passwords, by registry.
    pub(crate) logins: Vec<(Host, String, SecretString)>,
    /// Secrets, by their ids.
    pub(crate) secrets: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

const CREDENTIALS: &str = "/moby.filesync.v1.Auth/Credentials";
const SECRET: &str = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// The methods that a session has, for the request that opens it.
pub(crate) const METHODS: [&str; 3] = [CREDENTIALS, SECRET, HEALTH];

/// Longest request in bytes: an id or a host's name.
const MAX_REQUEST: usize = 64 << 10;

/// Codes of gRPC (`codes.go` of <https://github.com/grpc/grpc-go>).
const OK: HeaderValue = HeaderValue::from_static("0");
const NOT_FOUND: HeaderValue = HeaderValue::from_static("5");
const UNIMPLEMENTED: HeaderValue = HeaderValue::from_static("12");

/// Serves a session until the daemon ends it.
pub(crate) async fn serve(connection: Upgraded, served: Arc<Served>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let served = Arc::clone(&served);
        async move { Ok::<_, Infallible>(answer(request, &served).await) }
    });
    let ended = http2::Builder::new(TokioExecutor::new()).serve_connection(connection, service).await;
    if let Err(reason) = ended {
        tracing::debug!("the session of the build ended: {}", crate::text::Foreign(reason));
    }
}

type Body = StreamBody<stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

async fn answer(request: Request<Incoming>, served: &Served) -> Response<Body> {
    let method = request.uri().path().to_owned();
    let body = Limited::new(request.into_body(), MAX_REQUEST).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    // A flag and four bytes of length stand before the one message.
    let message = body.get(5..).unwrap_or_default();
    let (status, message) = match method.as_str() {
        CREDENTIALS => (OK, served.credentials(message)),
        SECRET => served.secret(message).map_or((NOT_FOUND, None), |secret| (OK, Some(secret))),
        // `SERVING`
        HEALTH => (OK, Some(vec![1 << 3, 1])),
        _ => (UNIMPLEMENTED, None),
    };
    let mut frames = Vec::new();
    if status == OK {
        frames.push(Ok(Frame::data(framed(&message.unwrap_or_default()))));
    }
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", status);
    frames.push(Ok(Frame::trailers(trailers)));
    let mut response = Response::new(StreamBody::new(stream::iter(frames)));
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

/// A message with its length before it.
fn framed(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.put_slice(message);
    framed.freeze()
}

/// Docker Hub's name where it is asked for images.
const HUB: &str = "registry-1.docker.io";

impl Served {
    /// `CredentialsResponse` for a host; an empty one means that there are none.
    fn credentials(&self, request: &[u8]) -> Option<Vec<u8>> {
        let host = Fields(request).find(|(field, _)| *field == 1)?.1.text();
        let is_asked = |own: &Host| own.to_string() == host || host == HUB && own.is_default_registry();
        let (_, user, password) = self.logins.iter().find(|(own, ..)| is_asked(own))?;
        let mut response = Vec::new();
        push_bytes(&mut response, 1, user.as_bytes());
        push_bytes(&mut response, 2, password.expose_secret().as_bytes());
        Some(response)
    }

    /// `GetSecretResponse`.
    fn secret(&self, request: &[u8]) -> Option<Vec<u8>> {
        let id = Fields(request).find(|(field, _)| *field == 1)?.1.text();
        let mut response = Vec::new();
        push_bytes(&mut response, 1, self.secrets.get(&id)?);
        Some(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Vec<u8> {
        let mut request = Vec::new();
        push_bytes(&mut request, 1, text.as_bytes());
        request
    }

    #[test]
    fn a_session_has_what_was_made_ready_for_it_and_nothing_else() {
        let login = |host: &str| (host.parse().unwrap(), "ann".to_owned(), SecretString::from("pw"));
        let secrets = [("token".to_owned(), Zeroizing::new(b"hunter2".to_vec()))].into();
        let served = Served { logins: vec![login("ghcr.io"), login("docker.io")], secrets };
        for host in ["ghcr.io", HUB] {
            assert!(served.credentials(&request(host)).is_some(), "{host}");
        }
        assert!(served.credentials(&request("quay.io")).is_none());
        let secret = served.secret(&request("token")).unwrap();
        assert_eq!(Fields(&secret).next().unwrap().1.bytes(), b"hunter2");
        assert!(served.secret(&request("other")).is_none() && served.secret(b"").is_none());
        assert_eq!(framed(b"ab").as_ref(), [0, 0, 0, 0, 2, b'a', b'b']);
    }
}
