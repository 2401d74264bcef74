//! One question to a token server, which may redirect it.

use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Request, Response};
use url::Url;

use crate::bounded::ReadError;
use crate::distribution::error::Error;
use crate::distribution::location;
use crate::distribution::wire::transport::Transport;
use crate::distribution::wire::{headers, redirect};

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
    /// Asks, and follows redirects. One to another server is the answer where the question holds a secret: it goes
    /// nowhere else, and without it that server could only say what everyone may do.
    pub(super) async fn ask(mut self, transport: &Transport, registry: &Url) -> Result<Response, Unanswered> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(transport).await?;
            let is_followed = redirect::is_followed(&self.method(), response.status());
            let Some(place) = headers::text(response.headers(), LOCATION).filter(|_| is_followed) else {
                return Ok(response);
            };
            let next = location::token_redirect(registry, &self.url, place)
                .map_err(|error| Unanswered::Refused(error.into()))?;
            let is_secret = self.form.is_some() || self.authorization.is_some();
            if is_secret && !location::is_same_server(&self.url, &next) {
                return Ok(response);
            }
            self.url = next;
        }
        Err(Unanswered::Redirects)
    }

    async fn send(&self, transport: &Transport) -> Result<Response, Unanswered> {
        let connections = transport.to_url(&self.url).map_err(Unanswered::Refused)?;
        let mut request = Request::new(self.method(), self.url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.extend(self.authorization.clone().map(|header| (AUTHORIZATION, header)));
        if let Some(form) = self.form.clone() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            *request.body_mut() = Some(form.into());
        }
        connections.send(request).await.map_err(Unanswered::Failed)
    }

    fn method(&self) -> Method {
        if self.form.is_some() { Method::POST } else { Method::GET }
    }
}
