//! What answers the requests of a call in place of the network: recorded or made up, and from some request on in a way
//! in which services fail.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::fault::Fault;
use crate::egress::{Answers, EgressError, Response, ShownRequest};
use crate::fixtures::Replay;

/// What a made-up service issues wherever a flavor may look for a token: nothing that anyone would write by himself.
const ISSUED: &str = "crhost-test-issued-8f41c0d97be3";

/// A service. Without `Debug`: recorded answers may hold a token.
pub(super) struct Service {
    recorded: Option<Replay>,
    /// The number of the first request that fails, from 0, and how.
    fault: Option<(usize, Fault)>,
    requests: AtomicUsize,
}

impl Service {
    /// One that gives recorded answers, or made-up ones.
    pub(super) fn new(recorded: Option<Replay>, fault: Option<(usize, Fault)>) -> Self {
        Self { recorded, fault, requests: AtomicUsize::new(0) }
    }

    /// The recording, with what was played back of it.
    pub(super) fn recorded(&self) -> Option<&Replay> {
        self.recorded.as_ref()
    }
}

impl Answers for Service {
    fn answer(&self, request: &ShownRequest) -> Result<Response, EgressError> {
        let at = self.requests.fetch_add(1, Ordering::Relaxed);
        match (self.fault, &self.recorded) {
            // A service that is down stays down, whatever is asked next.
            (Some((first, fault)), _) if at >= first => fault.answer(),
            (_, Some(recorded)) => recorded.answer(request),
            _ => Ok(made_up()),
        }
    }
}

/// An answer that has what most services' have.
fn made_up() -> Response {
    let body = serde_json::json!({
        "token": ISSUED, "access_token": ISSUED, "refresh_token": ISSUED, "id_token": ISSUED,
        "token_type": "Bearer", "expires_in": 3600, "id": 1, "name": "train", "results": [], "items": [],
    });
    Response {
        status: 200,
        headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
        body: body.to_string().into_bytes(),
    }
}
