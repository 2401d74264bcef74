//! One question to a token server, which may redirect it.

use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::Response;
use url::Url;

use crate::bounded::ReadError;
use crate::distribution::error::Error;
use crate::distribution::location;
use crate::distribution::wire::headers;
use crate::distribution::wire::transport::Transport;

/// Redirects of one question: a server that moved to https, then to another path, then to another host.
const MAX_REDIRECTS: usize = 5;

/// A question to a token server.
pub(super) struct Question {
    pub(super) url: Url,
    /// The credential, for the server at `url` alone.
    pub(super) authorization: Option<HeaderValue>,
    /// The content of a POST, with a secret in it; `None` for a GET.
    pub(super) form: Option<String>,
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// The request failed.
    Failed(reqwest::Error),
    /// The client doesn't go there, or can't set up the connection.
    Refused(Error),
    /// It redirects too often.
    Redirects,
    /// The answer is longer than a token can be.
    TooLarge,
}

impl From<ReadError<reqwest::Error>> for Unanswered {
    fn from(error: ReadError<reqwest::Error>) -> Self {
        match error {
            ReadError::TooLarge { .. } => Self::TooLarge,
            ReadError::Failed(error) => Self::Failed(error),
        }
    }
}

impl Question {
    /// Asks, and follows redirects as Docker's client does. Credentials go along to the same server only; a refresh
    /// token, which is in the content, goes nowhere else, so that such a redirect is the answer.
    pub(super) async fn ask(mut self, transport: &Transport, registry: &Url) -> Result<Response, Unanswered> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(transport).await?;
            let Some(place) = headers::text(response.headers(), LOCATION).filter(|_| self.follows(response.status()))
            else {
                return Ok(response);
            };
            let next = location::token_redirect(registry, &self.url, place)
                .map_err(|error| Unanswered::Refused(error.into()))?;
            if !location::is_same_server(&self.url, &next) {
                if self.form.is_some() {
                    return Ok(response);
                }
                self.authorization = None;
            }
            self.url = next;
        }
        Err(Unanswered::Redirects)
    }

    async fn send(&self, transport: &Transport) -> Result<Response, Unanswered> {
        let http = transport.to_url(&self.url).map_err(Unanswered::Refused)?;
        let request = match &self.form {
            None => http.get(self.url.clone()),
            Some(form) => {
                let request = http.post(self.url.clone()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                request.body(form.clone())
            }
        };
        let request = request.header(ACCEPT, "application/json");
        let request = self.authorization.iter().fold(request, |request, header| request.header(AUTHORIZATION, header));
        request.send().await.map_err(Unanswered::Failed)
    }

    /// Whether a redirect with this status is followed: of a POST only one that keeps method and content (RFC 9110,
    /// sections 15.4.8 and 15.4.9).
    fn follows(&self, status: StatusCode) -> bool {
        match status {
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
            _ => status.is_redirection() && self.form.is_none(),
        }
    }
}
