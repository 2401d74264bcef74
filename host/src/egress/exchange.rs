//! One request and its answer, on a connection of their own.

use bytes::Bytes;
use http::Uri;
use http::header::CONTENT_ENCODING;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use super::error::EgressError;
use super::{Egress, Response};
use crate::egress::limits;
use crate::grant::{Scheme, Target};

impl Egress {
    /// Sends a request and gives its whole answer. A connection serves one request: a sign-in is three of them, and each
    /// is judged from the start.
    pub(super) async fn exchange(
        &self,
        flavor: &str,
        target: &Target,
        inside: bool,
        mut request: http::Request<Full<Bytes>>,
    ) -> Result<Response, EgressError> {
        let proxy = self.proxies.towards(target)?;
        let stream = self.connect(flavor, target, inside, proxy.as_ref()).await?;
        if let (Some(proxy), Scheme::Http) = (&proxy, target.scheme()) {
            // RFC 9112, section 3.2.2: what a proxy passes on itself has the whole URL.
            let absolute: Result<Uri, _> = format!("{}{}", target.origin(), target.path()).parse();
            *request.uri_mut() = absolute.map_err(|_| EgressError::invalid("the URL's path is odd"))?;
            proxy.authorize(&mut request);
        }
        let broken = |_| EgressError::unreachable(format!("the connection to `{}` broke", target.authority()));
        let (mut sender, connection) = http1::Builder::new()
            .max_headers(limits::HEADERS)
            .max_buf_size(limits::ANSWER_HEADER_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // Ends with this call, however that ends.
        let mut tasks = JoinSet::new();
        tasks.spawn(connection);
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| if error.is_parse_too_large() { EgressError::TooLarge } else { broken(error) })?;
        let (head, body) = answer.into_parts();
        // In a compressed answer, secrets that it repeats could not be struck out.
        let is_plain = |encoding: &http::HeaderValue| encoding.as_bytes().eq_ignore_ascii_case(b"identity");
        if !head.headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
            let who = target.authority();
            return Err(EgressError::unreachable(format!(
                "`{who}` sent its answer compressed, which was not asked for"
            )));
        }
        let headers =
            head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        Ok(Response { status: head.status.as_u16(), headers, body: read(body, target).await? })
    }
}

/// Reads a body, never more of it than an answer may have.
async fn read(mut body: Incoming, target: &Target) -> Result<Vec<u8>, EgressError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|_| EgressError::unreachable(format!("the answer of `{}` broke off", target.authority())))?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > limits::ANSWER_BYTES {
                return Err(EgressError::TooLarge);
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}
