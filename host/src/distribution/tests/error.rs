//! Errors as tests of other modules make and read them.

use std::time::Duration;

use crate::distribution::error::Error;
use crate::distribution::error_body::ErrorBody;
use crate::distribution::server::Server;
use crate::distribution::status::StatusError;
use crate::image::Host;

impl Error {
    /// The failure of a registry that answered with a status and nothing else.
    pub(crate) fn answered(status: http::StatusCode, retry_after: Option<Duration>) -> Self {
        let server = Server::registry(&Host::default_registry());
        let (request, body) = ("the question".to_owned(), ErrorBody::default());
        Box::new(StatusError { server, request: request.into(), status, body, retry_after }).into()
    }

    /// The status that a server answered, where that was the failure.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Status(error) => Some(error.status.as_u16()),
            _ => None,
        }
    }
}
