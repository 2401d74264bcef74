//! Artifact Registry's API.

use crhost_flavor::http::{Api, Response};
use crhost_flavor::{Failure, clock};
use serde::de::DeserializeOwned;

use crate::endpoint::ARTIFACT_REGISTRY;
use crate::refusal::{ApiRefusal, Refusal, unreadable};
use crate::token::Token;

/// The service's name in messages.
pub(crate) const WHO: &str = "Artifact Registry";

/// The API below `v1`, with a token that opens it. `quota_project` is the project that calls count for, where it is not
/// the token's own.
pub(crate) fn new<'a>(url: &str, token: Token<'a>, quota_project: Option<String>) -> Api<'a> {
    let api = Api::bearer(format!("{url}/v1"), token.value);
    match quota_project {
        Some(project) => api.header("x-goog-user-project", project),
        None => api,
    }
}

/// The content of a successful answer; `permission` is the one that the call needs.
pub(crate) fn read<T: DeserializeOwned>(response: &Response, permission: &str) -> Result<T, Failure> {
    if response.status != 200 {
        return Err(refusal(response, permission).failure);
    }
    parse(response)
}

/// The refusal of a call that needs `permission`.
pub(crate) fn refusal(response: &Response, permission: &str) -> ApiRefusal {
    Refusal::of_api(response, WHO, ARTIFACT_REGISTRY, permission, clock::now())
}

/// The content of an answer.
pub(crate) fn parse<T: DeserializeOwned>(response: &Response) -> Result<T, Failure> {
    serde_json::from_slice(&response.body).map_err(|_| unreadable(WHO))
}
