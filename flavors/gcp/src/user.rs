//! A user who signed in with gcloud, which stored a refresh token.

use crhost_flavor::http::{Form, Method, Request};
use crhost_flavor::{Failure, Options, Secret, clock};

use crate::endpoint;
use crate::file::File;
use crate::refusal::{Refusal, unreadable};
use crate::token::{self, Token};

/// The grant type of refresh tokens (RFC 6749, section 6).
pub(crate) const GRANT_TYPE: &str = "refresh_token";

/// The kind of file in messages.
const WHAT: &str = "a user's credentials";
/// The service in messages.
const WHO: &str = "Google's token endpoint";

/// A user, by a refresh token and the OAuth client that it was given to.
pub(crate) struct User {
    /// The project that the user's calls count for, if the file names one.
    pub(crate) quota_project: Option<String>,
    client_id: String,
    client_secret: Secret,
    refresh_token: Secret,
}

impl User {
    /// Reads the members of a file.
    pub(crate) fn read(file: &File<'_>) -> Result<Self, Failure> {
        Ok(Self {
            quota_project: file.public_member("quota_project_id"),
            client_id: file.public("client_id", WHAT)?,
            client_secret: file.secret("client_secret", WHAT)?,
            refresh_token: file.secret("refresh_token", WHAT)?,
        })
    }

    /// A fresh token (RFC 6749, section 6).
    pub(crate) fn token(&self, options: &Options) -> Result<Token<'static>, Failure> {
        let url = format!("{}/token", endpoint::TOKEN.url(options));
        let form = Form::new()
            .text("grant_type", GRANT_TYPE)
            .text("client_id", &self.client_id)
            .secret("client_secret", &self.client_secret)
            .secret("refresh_token", &self.refresh_token);
        let response = Request::new(Method::Post, url).form(form).send()?;
        if response.status != 200 {
            let advice = "sign in again with `gcloud auth application-default login`, and store its file";
            return Err(Refusal::of_tokens(&response, WHO, "the user's refresh token", advice, clock::now()));
        }
        token::of_oauth(&response, clock::now()).map(Token::issued).ok_or_else(|| unreadable(WHO))
    }
}
