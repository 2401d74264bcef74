//! Blobs on their way from a registry ("Pulling blobs", OCI distribution specification).

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _};
use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderValue, RANGE};
use http::{Method, StatusCode};

use super::content;
use super::error::Error;
use super::repository::RepositoryClient;
use super::server::Server;
use super::wire::headers;
use crate::image::{Descriptor, Digest};
use crate::waiting::waiting_for;

/// Most bytes of a blob that is read whole, such as a configuration: as many as of a manifest.
const MAX_SMALL_BLOB: usize = 4 * 1024 * 1024;

/// The content of a blob, or a part of it, as the registry sends it. Nothing about it is verified.
pub(crate) struct BlobBody {
    /// The number of the first byte that comes: 0 where the registry ignores ranges.
    pub(crate) from: u64,
    stream: Pin<Box<dyn Stream<Item = Result<Bytes, reqwest::Error>> + Send>>,
    server: Server,
    request: String,
    timeout: Duration,
}

impl BlobBody {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// Where the connection breaks, or no byte comes for the time in which a server has to answer; what came before
    /// counts, and a further request may ask for the rest.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let (server, request) = (self.server.clone(), self.request.as_str().into());
        let _waiting = waiting_for(server.to_string().replace('`', ""));
        match tokio::time::timeout(self.timeout, self.stream.next()).await {
            Ok(Some(Ok(bytes))) => Some(Ok(bytes)),
            Ok(Some(Err(_))) => {
                Some(Err(Error::Interrupted { server, request, cause: "the answer is incomplete".into() }))
            }
            Ok(None) => None,
            Err(_) => Some(Err(Error::Silent { server, request, timeout: self.timeout })),
        }
    }
}

impl RepositoryClient {
    /// Asks for a blob's bytes from number `from` on and before number `to`, or to its end. A registry may ignore the
    /// range and send the whole ([`BlobBody::from`]).
    ///
    /// # Errors
    /// Any refusal, and a range that was not asked for.
    pub(crate) async fn read_blob(&self, digest: &Digest, from: u64, to: Option<u64>) -> Result<BlobBody, Error> {
        let place = self.place(&format!("blobs/{digest}")).await?;
        let name = format!("the download of blob `{digest}` of `{}`", self.repository());
        let mut request = self.request(Method::GET, place, name.clone());
        request.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if from > 0 || to.is_some() {
            let last = to.map_or_else(String::new, |to| to.saturating_sub(1).to_string());
            let range = HeaderValue::from_str(&format!("bytes={from}-{last}"));
            // Digits alone, which every header takes.
            request.headers.extend(range.ok().map(|range| (RANGE, range)));
        }
        request.success = &[StatusCode::OK, StatusCode::PARTIAL_CONTENT];
        let response = self.send(request).await?;
        let server = self.exchange().registry();
        let start = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let sent = headers::text(response.headers(), CONTENT_RANGE).and_then(content_range);
                match sent {
                    Some(start) if start == from => start,
                    _ => {
                        let problem = format!("it is another range than the one from byte {from} on");
                        return Err(Error::Protocol { server, request: name.into(), problem: problem.into() });
                    }
                }
            }
            _ => 0,
        };
        let timeout = self.exchange().options().idle_timeout;
        Ok(BlobBody { from: start, stream: response.bytes_stream().boxed(), server, request: name, timeout })
    }

    /// Reads a small blob whole, such as a configuration of at most 4 MiB. Its digest is verified.
    ///
    /// # Errors
    /// Where it is larger, has another digest, and any refusal.
    pub(crate) async fn small_blob(&self, blob: &Descriptor) -> Result<Bytes, Error> {
        let place = self.place(&format!("blobs/{}", blob.digest)).await?;
        let name = format!("the download of blob `{}` of `{}`", blob.digest, self.repository());
        let request = self.request(Method::GET, place, name.clone()).succeeding_with(&[StatusCode::OK]);
        let response = self.send(request).await?;
        let bytes = content::read(self.exchange(), response, MAX_SMALL_BLOB, &name).await?;
        self.ensure_digest(&format!("blob `{}`", blob.digest), &blob.digest, &bytes)?;
        Ok(bytes)
    }
}

/// The first byte's number of `bytes 10-19/20` (RFC 9110, section 14.4).
fn content_range(text: &str) -> Option<u64> {
    let (range, _) = text.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let (start, _) = range.split_once('-')?;
    headers::number(start.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_its_first_byte() {
        assert_eq!(content_range("bytes 10-19/20"), Some(10));
        assert_eq!(content_range("bytes 0-4/*"), Some(0));
        assert_eq!(content_range("bytes */20"), None);
        assert_eq!(content_range("items 0-4/9"), None);
        assert_eq!(content_range("bytes -4/9"), None);
    }
}
