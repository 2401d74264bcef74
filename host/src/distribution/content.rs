//! Small content of answers: read whole, in bounded memory and time.

use bytes::Bytes;
use reqwest::Response;

use super::error::Error;
use super::exchange::Exchange;
use crate::bounded::{self, ReadError};

/// Reads the content of the answer to `request`, at most `limit` bytes.
///
/// # Errors
/// Where it is larger, breaks off, or doesn't come within the time in which a server has to answer.
pub(super) async fn read(exchange: &Exchange, response: Response, limit: usize, request: &str) -> Result<Bytes, Error> {
    let server = exchange.registry();
    let timeout = exchange.options().idle_timeout;
    match tokio::time::timeout(timeout, bounded::collect(response.bytes_stream(), limit)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(ReadError::TooLarge { .. })) => {
            let problem = format!("it is larger than {} MiB", limit / 1024 / 1024);
            Err(Error::Protocol { server, request: request.into(), problem: problem.into() })
        }
        Ok(Err(ReadError::Failed(_))) => {
            Err(Error::Interrupted { server, request: request.into(), cause: "the answer is incomplete".into() })
        }
        Err(_) => Err(Error::Silent { server, request: request.into(), timeout }),
    }
}
