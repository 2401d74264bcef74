//! The lines of a pipe.

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::mpsc;

/// Longest line in bytes that is kept whole.
const MAX_LINE: usize = 64 << 10;

/// Lines between the pipes and their reader.
pub(crate) const LINES: usize = 64;

/// Sends the lines of a pipe, until its end or the receiver's.
pub(crate) async fn send_lines(pipe: impl AsyncRead + Unpin, sender: mpsc::Sender<String>) {
    let mut pipe = BufReader::with_capacity(MAX_LINE, pipe);
    loop {
        // Not `read_until`: a line may have no end.
        let Ok(bytes) = pipe.fill_buf().await else { return };
        if bytes.is_empty() {
            return;
        }
        let mut line = Vec::new();
        let mut is_whole = false;
        while !is_whole && line.len() < MAX_LINE {
            let Ok(bytes) = pipe.fill_buf().await else { break };
            if bytes.is_empty() {
                break;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(bytes.len(), |end| end + 1);
            line.extend(bytes.iter().take(length));
            pipe.consume(length);
            is_whole = end.is_some();
        }
        if sender.send(String::from_utf8_lossy(&line).into_owned()).await.is_err() {
            return;
        }
    }
}
