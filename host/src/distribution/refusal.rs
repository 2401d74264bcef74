//! Answers that are no success: do other credentials help, and which error are they?

use std::time::Duration;

use http::StatusCode;

use super::auth::authorization::Grant;
use super::error::Error;
use super::error_body::ErrorBody;
use super::server::Server;
use super::status::StatusError;
use super::subject::Subject;
use super::wire::challenge::Challenge;
use crate::credential::Credential;
use crate::image::Host;

/// An answer that isn't a success.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Whether the registry itself answered; another server's challenges are never answered.
    pub(super) is_registrys: bool,
    pub(super) server: Server,
    pub(super) body: ErrorBody,
    pub(super) challenges: Vec<Challenge>,
    pub(super) retry_after: Option<Duration>,
}

impl Refusal {
    /// Whether other credentials may help.
    pub(super) fn refuses_credentials(&self) -> bool {
        self.is_registrys
            && (self.status == StatusCode::UNAUTHORIZED || self.says_expired() || self.wants_other_scope())
    }

    /// Whether it wants a token that allows more (RFC 6750, section 3.1), as IBM's registry answers in place of 401.
    fn wants_other_scope(&self) -> bool {
        let is_about_scope = |challenge: &Challenge| {
            challenge.scheme == "bearer" && challenge.parameter("error") == Some("insufficient_scope")
        };
        self.status == StatusCode::FORBIDDEN && self.challenges.iter().any(is_about_scope)
    }

    /// Whether it is a 401 in disguise: some registries say with 403, or with 400 and without a challenge, that
    /// credentials have expired. An upload that has expired is another matter.
    fn says_expired(&self) -> bool {
        matches!(self.status.as_u16(), 400 | 403)
            && self.body.says_expired()
            && !self.body.has_code("BLOB_UPLOAD_INVALID")
    }

    /// The error of the request of this name that was sent with `grant`. `repeatable` is false for content that can't
    /// be sent again.
    pub(super) fn explain(
        self,
        host: &Host,
        subject: &Subject,
        request: String,
        repeatable: bool,
        grant: &Grant,
        credential: &Credential,
    ) -> Error {
        let (refused, wants_other_scope) = (self.refuses_credentials(), self.wants_other_scope());
        let Self { status, is_registrys, server, body, retry_after, .. } = self;
        let is_denied = is_registrys && matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        let host = host.clone();
        // The upload was opened with these credentials, so they did allow to push. Whether there are others, the next
        // request will show.
        if refused && !wants_other_scope && grant.header.is_some() && !repeatable {
            return Error::TokenExpired { host, request: request.into() };
        }
        let credentials = credential.to_string().into();
        match credential {
            Credential::Anonymous if status == StatusCode::UNAUTHORIZED && is_denied => Error::NoCredentials { host },
            Credential::Anonymous if is_denied => Error::Denied { host, request: request.into(), body },
            _ if refused && grant.is_basic() => Error::WrongCredentials { host, credentials, body },
            _ if refused || is_denied => Error::NotAllowed { host, credentials, action: subject.action().into(), body },
            _ => Box::new(StatusError { server, request: request.into(), status, body, retry_after }).into(),
        }
    }
}
