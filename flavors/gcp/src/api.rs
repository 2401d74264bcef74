//! Calls of Artifact Registry's API.

use crhost_flavor::http::{Method, Request, Response};
use crhost_flavor::{Failure, clock};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::endpoint::ARTIFACT_REGISTRY;
use crate::refusal::{Refusal, unreadable};
use crate::token::Token;

pub(crate) const WHO: &str = "Artifact Registry";

/// The API, with a token that opens it.
pub(crate) struct Api<'a> {
    url: String,
    token: Token<'a>,
    quota_project: Option<String>,
}

impl<'a> Api<'a> {
    /// `quota_project` is the project that calls count for, where that is not the token's own.
    pub(crate) fn new(url: String, token: Token<'a>, quota_project: Option<String>) -> Self {
        Self { url, token, quota_project }
    }

    /// Gets what is at a path below `v1`.
    pub(crate) fn get(&self, path: &str) -> Result<Response, Failure> {
        Ok(self.request(Method::Get, path).send()?)
    }

    /// Posts JSON there.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Response, Failure> {
        let request = self.request(Method::Post, path).header("content-type", "application/json");
        Ok(request.body(body.to_string()).send()?)
    }

    fn request(&self, method: Method, path: &str) -> Request<'_> {
        let request = Request::new(method, format!("{}/v1/{path}", self.url))
            .header("accept", "application/json")
            .header_of("authorization", self.token.authorization());
        match &self.quota_project {
            Some(project) => request.header("x-goog-user-project", project.as_str()),
            None => request,
        }
    }
}

/// The content of an answer that is a success; `permission` is what the call takes.
pub(crate) fn read<T: DeserializeOwned>(response: &Response, permission: &str) -> Result<T, Failure> {
    if response.status != 200 {
        return Err(Refusal::of_api(response, WHO, ARTIFACT_REGISTRY, permission, clock::now()));
    }
    parse(response)
}

/// The content of an answer.
pub(crate) fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Failure> {
    serde_json::from_slice(&response.body).map_err(|_| unreadable(WHO))
}
