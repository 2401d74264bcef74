//! An HTTP API with credentials for it.

use crate::bindings::crhost::flavor::http::{Method, Request, Response, Value};
use crate::secrets::{Secret, SecretOrText, SecretRef};

use super::no_response::NoResponse;

/// An API below one URL, and what authenticates its requests. They ask for JSON.
pub struct Api<'a> {
    base: String,
    authorization: Authorization<'a>,
    /// Further headers of every request.
    headers: Vec<(&'static str, String)>,
}

/// What authenticates a request.
enum Authorization<'a> {
    /// `Authorization: Bearer` (RFC 6750).
    Bearer(SecretOrText<'a>),
    /// `Authorization: Basic` (RFC 7617).
    Basic(String, SecretRef<'a>),
    /// A header of the service's own.
    Header(&'static str, SecretOrText<'a>),
}

impl<'a> Api<'a> {
    /// An API that takes a bearer token.
    pub fn bearer(base: impl Into<String>, token: impl Into<SecretOrText<'a>>) -> Self {
        Self::new(base, Authorization::Bearer(token.into()))
    }

    /// An API that takes a user name and a password.
    pub fn basic(base: impl Into<String>, username: impl Into<String>, password: &'a Secret) -> Self {
        Self::new(base, Authorization::Basic(username.into(), password.into()))
    }

    /// An API that takes a token as the value of a header of its own.
    pub fn with_token_header(
        base: impl Into<String>,
        header: &'static str,
        token: impl Into<SecretOrText<'a>>,
    ) -> Self {
        Self::new(base, Authorization::Header(header, token.into()))
    }

    fn new(base: impl Into<String>, authorization: Authorization<'a>) -> Self {
        Self { base: base.into(), authorization, headers: vec![("accept", "application/json".to_owned())] }
    }

    /// Sets a header of every request; replaces an earlier one of the same name.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(header, _)| *header != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Gets what is at a path below the API's URL; the path begins with a slash.
    pub fn get(&self, path: &str) -> Result<Response, NoResponse> {
        self.request(Method::Get, path).send()
    }

    /// Posts JSON to a path.
    pub fn post(&self, path: &str, body: &serde_json::Value) -> Result<Response, NoResponse> {
        self.request(Method::Post, path).json(body).send()
    }

    /// Deletes what is at a path.
    pub fn delete(&self, path: &str) -> Result<Response, NoResponse> {
        self.request(Method::Delete, path).send()
    }

    /// An authenticated request to a path.
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        let mut request = Request::new(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_str());
        }
        match &self.authorization {
            Authorization::Bearer(token) => request.header("authorization", token.after("Bearer ")),
            Authorization::Basic(username, password) => {
                request.header("authorization", Value::basic(username.as_str(), password))
            }
            Authorization::Header(name, token) => request.header(*name, token),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(api: &Api<'_>) -> Vec<(String, String)> {
        let text = |value: &Value<'_>| match value {
            Value::Text(text) => text.clone(),
            Value::Secret(_) | Value::Basic(_) => panic!("no secret was given"),
        };
        let request = api.request(Method::Get, "/v1/x");
        assert_eq!(request.url, "https://api.example.com/v1/x");
        request.headers.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    #[test]
    fn every_request_of_an_api_has_its_headers_and_its_token() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let bearer = Api::bearer("https://api.example.com", "t".to_owned()).header("x-version", "2");
        let expected = [pair("accept", "application/json"), pair("x-version", "2"), pair("authorization", "Bearer t")];
        assert_eq!(headers(&bearer), expected);
        let own = Api::with_token_header("https://api.example.com", "job-token", "t".to_owned()).header("accept", "a");
        assert_eq!(headers(&own), [pair("accept", "a"), pair("job-token", "t")]);
    }
}
