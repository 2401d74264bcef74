//! Failures as problem details (RFC 9457).

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::json::json;
use crate::error::{Explain as _, Kind};
use crate::server::clock;
use crate::server::issuers::CallerError;
use crate::server::logins::NoLogin;
use crate::server_client::Problem;
use crate::store::{ClockDifference, Name};
use crate::text::Escaped;

/// An answer that is a failure.
pub(super) enum Answer {
    /// No such path.
    NotFound,
    /// Not with this method.
    Method,
    /// The body is none of those expected.
    Body(Escaped),
    /// The caller is not known.
    Caller(CallerError),
    /// No rule allows it.
    Denied(Escaped),
    /// The rules can't be read.
    Rules,
    /// The server's clock is wrong.
    Clock(ClockDifference),
    /// The caller asks too often.
    Limited(Duration),
    /// The credentials have no end, and no rule allows that, of which this one allows others.
    LongLived(Name),
    /// There is no login.
    NoLogin(NoLogin),
    /// It can't be recorded.
    NoAudit,
    /// It took too long.
    Slow,
}

impl Answer {
    /// The kind of problem, as the end of its URN.
    pub(super) fn kind(&self) -> &'static str {
        self.parts().1
    }

    /// The response.
    pub(super) fn into_response(self) -> Response<Body> {
        let (status, kind, title, detail, hint) = self.parts();
        let problem = Problem {
            kind: format!("urn:crhost:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.map(String::from),
            hint: hint.map(String::from),
        };
        let mut response = json(status, "application/problem+json", &problem);
        let headers = response.headers_mut();
        match &self {
            Self::Limited(wait) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
            }
            Self::Caller(CallerError::Soon { seconds, .. }) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Self::NoLogin(error) => {
                if let Some(wait) = error.wait() {
                    headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
                }
            }
            Self::Caller(CallerError::Token(_) | CallerError::Certificate(_)) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"crhost\""));
            }
            _ => {}
        }
        response
    }

    fn parts(&self) -> (StatusCode, &'static str, &'static str, Option<Escaped>, Option<Escaped>) {
        let hint = |text: &str| Some(Escaped::from(text));
        match self {
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not-found", "There is nothing here", None, hint("see /v1/openapi.json"))
            }
            Self::Method => {
                let title = "This method is not for this path";
                (StatusCode::METHOD_NOT_ALLOWED, "method", title, None, hint("see /v1/openapi.json"))
            }
            Self::Body(reason) => {
                let title = "The request is invalid";
                (StatusCode::BAD_REQUEST, "invalid", title, Some(reason.clone()), hint("see /v1/openapi.json"))
            }
            Self::Caller(CallerError::Token(error)) => {
                let title = "The caller is not known";
                (StatusCode::UNAUTHORIZED, "caller", title, Some(Escaped::of(error)), error.hint())
            }
            Self::Caller(CallerError::Certificate(error)) => {
                let title = "The caller is not known";
                (StatusCode::UNAUTHORIZED, "caller", title, Some(Escaped::of(error)), error.hint())
            }
            Self::Caller(error) => {
                let title = "The caller can't be verified now";
                (StatusCode::SERVICE_UNAVAILABLE, "issuer", title, Some(Escaped::of(error)), error.hint())
            }
            Self::Denied(detail) => {
                let advice = "whoever runs the server sees by `crhost server explain` which rule is nearest";
                (StatusCode::FORBIDDEN, "denied", "No rule allows this", Some(detail.clone()), hint(advice))
            }
            Self::Rules => {
                let title = "The rules can't be read, so that nothing is allowed";
                (StatusCode::SERVICE_UNAVAILABLE, "rules", title, None, hint("the server's log says why"))
            }
            Self::Clock(difference) => {
                let title = "The server's clock is wrong, or its database's";
                let advice = "whoever runs them sets both by NTP; another server of the database may answer meanwhile";
                (StatusCode::SERVICE_UNAVAILABLE, "clock", title, Some(clock::words(*difference).into()), hint(advice))
            }
            Self::Limited(_) => {
                let title = "The caller asks too often";
                (StatusCode::TOO_MANY_REQUESTS, "rate", title, None, hint("ask once for each push and keep the login"))
            }
            Self::LongLived(rule) => {
                let advice = "`long-lived = true` in the rule allows it; a method of the flavor with an end is better";
                let title = "The credentials have no end, and the rule does not allow such ones";
                let detail = format!("rule `{rule}` allows it for credentials that end, and these have no known end");
                (StatusCode::FORBIDDEN, "long-lived", title, Some(detail.into()), hint(advice))
            }
            Self::NoLogin(error) => {
                let (status, kind, title) = of_kind(error);
                (status, kind, title, error.detail.clone(), error.hint.clone())
            }
            Self::NoAudit => {
                let title = "The server can't record this login, so that it gives none";
                (StatusCode::SERVICE_UNAVAILABLE, "audit", title, None, hint("try again; the server's log says why"))
            }
            Self::Slow => {
                let title = "The answer took too long";
                (StatusCode::GATEWAY_TIMEOUT, "slow", title, None, hint("try again"))
            }
        }
    }
}

fn of_kind(error: &NoLogin) -> (StatusCode, &'static str, &'static str) {
    match error.kind {
        _ if error.detail.is_none() && error.kind == Kind::Network => {
            (StatusCode::SERVICE_UNAVAILABLE, "store", "The server's database or its key can't be used now")
        }
        _ if error.detail.is_none() => {
            (StatusCode::INTERNAL_SERVER_ERROR, "server", "The server can't give this login; its log says why")
        }
        Kind::Usage => (StatusCode::BAD_REQUEST, "invalid", "The request is invalid"),
        Kind::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
        Kind::Network => (StatusCode::SERVICE_UNAVAILABLE, "provider", "The provider does not answer now"),
        Kind::Conflict => (StatusCode::CONFLICT, "conflict", "The provider has something in the way"),
        _ => (StatusCode::BAD_GATEWAY, "provider", "The provider gives no login"),
    }
}
