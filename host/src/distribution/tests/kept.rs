//! Servers that end connections which they had promised to keep.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::fake::{BLOB, open};
use crate::credential::Credential;
use crate::distribution::Error;
use crate::image::Digest;

/// A registry that has each blob, and closes each connection in answer to the second request over it.
async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(one_answer(stream));
        }
    });
    host
}

async fn one_answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !request.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let answer: &[u8] = match request.starts_with(b"POST") {
        true => b"HTTP/1.1 202 Accepted\r\nLocation: /v2/acme/train/blobs/uploads/1\r\nContent-Length: 0\r\n\r\n",
        false => b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n",
    };
    let is_head = request.starts_with(b"HEAD");
    stream.write_all(answer).await.unwrap();
    if !is_head && !request.starts_with(b"POST") {
        stream.write_all(BLOB.as_bytes()).await.unwrap();
    }
    // The second request gets no answer. Content of the first one is taken to its end.
    let is_upload = request.starts_with(b"PUT");
    while stream.read_buf(&mut request).await.unwrap_or(0) > 0 && is_upload {}
}

#[tokio::test]
async fn a_request_over_a_kept_connection_that_breaks_is_sent_again_over_a_new_one() {
    let repository = open(&start().await, Credential::Anonymous);
    for _ in 0..4 {
        assert!(repository.has_blob(&Digest::of(BLOB.as_bytes())).await.unwrap().is_some());
    }
    repository.start_upload().await.unwrap();
}

#[tokio::test]
async fn after_one_break_content_that_can_be_sent_once_gets_a_new_connection() {
    let repository = open(&start().await, Credential::Anonymous);
    let digest = Digest::of(BLOB.as_bytes());
    repository.has_blob(&digest).await.unwrap();
    let body = || futures_util::stream::iter([Ok(bytes::Bytes::from_static(BLOB.as_bytes()))]);
    let mut upload = repository.start_upload().await.unwrap();
    // The server answers 200, which is no commit, but it answers.
    let answered = upload.put(&digest, 6, body()).await;
    assert!(!matches!(answered, Err(Error::Interrupted { .. })), "{answered:?}");
}
