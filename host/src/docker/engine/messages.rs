//! The messages that a daemon writes while it works: one JSON object a line (`pkg/jsonmessage` of
//! <https://github.com/moby/moby>).

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use super::upload::UploadFailure;
use crate::docker::client::Failure;
use crate::json;

/// Longest line in bytes: most have some hundred, and an error may quote a registry's answer.
const MAX_LINE: usize = 1 << 20;

/// A message. Unknown members mean nothing.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Message {
    /// The short id of the layer that it is about.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) id: Option<String>,
    /// The state of the layer, or a line about the whole.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) status: Option<String>,
    /// How far the layer is.
    pub(crate) progress_detail: Detail,
    #[serde(deserialize_with = "json::non_empty")]
    error: Option<String>,
    error_detail: ErrorDetail,
    /// What was pushed.
    #[serde(deserialize_with = "json::if_valid")]
    pub(crate) aux: Option<Pushed>,
}

/// How far a layer is.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    /// Bytes so far.
    #[serde(deserialize_with = "json::if_valid")]
    pub(crate) current: Option<u64>,
    /// Bytes of the whole.
    #[serde(deserialize_with = "json::if_valid")]
    pub(crate) total: Option<u64>,
}

/// The newer form of an error.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ErrorDetail {
    /// The daemon's words.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) message: Option<String>,
}

/// A manifest that was pushed.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Pushed {
    /// Its digest.
    #[serde(deserialize_with = "json::non_empty")]
    pub(crate) digest: Option<String>,
}

impl Message {
    /// The error that it tells, in the daemon's words.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error_detail.message.as_deref().or(self.error.as_deref())
    }
}

/// The messages of an answer.
pub(crate) struct Messages {
    bytes: BoxStream<'static, Result<Bytes, UploadFailure>>,
    line: BytesMut,
    has_ended: bool,
}

impl Messages {
    pub(super) fn new(bytes: impl Stream<Item = Result<Bytes, Failure>> + Send + 'static) -> Self {
        Self { bytes: bytes.map_err(UploadFailure::of).boxed(), line: BytesMut::new(), has_ended: false }
    }

    /// The next message; absent at the end. Lines that are no messages are left out.
    ///
    /// # Errors
    /// When the connection breaks, or a line has no end.
    pub(crate) async fn next(&mut self) -> Result<Option<Message>, UploadFailure> {
        loop {
            if let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                let line = self.line.split_to(end);
                self.line.advance(1);
                match json::read(&line) {
                    Ok(message) => return Ok(Some(message)),
                    Err(_) => continue,
                }
            }
            if self.has_ended {
                let rest = self.line.split();
                return Ok(json::read(&rest).ok());
            }
            match self.bytes.next().await {
                Some(Ok(chunk)) if self.line.len() + chunk.len() <= MAX_LINE => self.line.extend_from_slice(&chunk),
                Some(Ok(_)) => {
                    return Err(UploadFailure::connection(&format!(
                        "a line of its answer is longer than {MAX_LINE} bytes"
                    )));
                }
                Some(Err(failure)) => return Err(failure),
                None => self.has_ended = true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    async fn all(chunks: &[&'static str]) -> Vec<Message> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
        let (mut messages, mut read) = (Messages::new(stream::iter(chunks)), Vec::new());
        while let Some(message) = messages.next().await.unwrap() {
            read.push(message);
        }
        read
    }

    #[tokio::test]
    async fn messages_are_read_wherever_the_answer_is_cut() {
        let text = "{\"status\":\"Pushing\",\"progressDetail\":{\"current\":5,\"total\":7},\"id\":\"ab\"}\r\n\
                    junk\n{\"progressDetail\":{},\"aux\":{\"Tag\":\"v1\",\"Digest\":\"sha256:1\",\"Size\":3}}";
        let whole = all(&[text]).await;
        let (first, second) = text.split_at(30);
        assert_eq!(all(&[first, second]).await, whole);
        let [pushing, pushed] = whole.as_slice() else { panic!("{whole:?}") };
        assert_eq!((pushing.id.as_deref(), pushing.progress_detail.current), (Some("ab"), Some(5)));
        assert_eq!(pushed.aux.as_ref().unwrap().digest.as_deref(), Some("sha256:1"));
    }

    #[tokio::test]
    async fn both_forms_of_an_error_are_read() {
        for (text, error) in [
            (r#"{"errorDetail":{"message":"denied: no"},"error":"denied"}"#, Some("denied: no")),
            (r#"{"error":"denied","errorDetail":null}"#, Some("denied")),
            (r#"{"status":"error","error":""}"#, None),
        ] {
            assert_eq!(all(&[text]).await[0].error(), error, "{text}");
        }
    }

    #[tokio::test]
    async fn a_line_without_an_end_is_given_up() {
        let chunk = Bytes::from(vec![b' '; MAX_LINE]);
        let mut messages = Messages::new(stream::iter([Ok(chunk.clone()), Ok(chunk)]));
        let failure = messages.next().await.unwrap_err();
        assert!(failure.words.contains("longer than"), "{}", failure.words);
    }
}
