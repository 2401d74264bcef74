//! Requests and the parts that they are made of.

use crate::bindings::crhost::flavor::http::{Encoding, Method, Part, Request, Response, send};
use crate::secrets::Secret;

use super::form::Form;
use super::no_response::NoResponse;

impl<'a> Part<'a> {
    /// A secret that the host fills in.
    pub fn secret(secret: &'a Secret, encoding: Encoding) -> Self {
        Self::Secret((secret, encoding))
    }

    /// A user name and a secret password in base64, as they stand behind `Basic ` in the header `authorization`.
    pub fn basic(name: impl Into<String>, password: &'a Secret) -> Self {
        Self::Basic((name.into(), password))
    }
}

impl From<&str> for Part<'_> {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Part<'_> {
    fn from(text: String) -> Self {
        Self::Bytes(text.into_bytes())
    }
}

impl From<Vec<u8>> for Part<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> Request<'a> {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// Adds a header of one part.
    #[must_use]
    pub fn header(self, name: impl Into<String>, value: impl Into<Part<'a>>) -> Self {
        self.header_of(name, vec![value.into()])
    }

    /// Adds a header whose value is made of several parts, e.g. `Bearer ` and a secret.
    #[must_use]
    pub fn header_of(mut self, name: impl Into<String>, value: Vec<Part<'a>>) -> Self {
        self.headers.push((name.into(), value));
        self
    }

    /// Appends a part to the body.
    #[must_use]
    pub fn body(mut self, part: impl Into<Part<'a>>) -> Self {
        self.body.push(part.into());
        self
    }

    /// Makes the body JSON, with the header that says so.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = vec![body.to_string().into()];
        self.header("content-type", "application/json")
    }

    /// Makes the body a form, with the header that says so.
    #[must_use]
    pub fn form(mut self, form: Form<'a>) -> Self {
        self.body = form.into_parts();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Sends the request and waits for the whole response, whatever its status.
    ///
    /// Without a response the error says why; `?` turns it into a [`Failure`](crate::Failure).
    pub fn send(&self) -> Result<Response, NoResponse> {
        send(self).map_err(|error| NoResponse::new(error, &self.url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_built_piece_by_piece() {
        let request =
            Request::new(Method::Post, "https://example.com/").header("accept", "text/plain").body("a").body(vec![98]);
        assert_eq!(request.headers.len(), 1);
        assert_eq!(request.body.len(), 2);
    }

    #[test]
    fn a_form_is_encoded_and_says_so() {
        let form = Form::new().text("scope", "https://a/.default").text("b c", "ä&=+~");
        let request = Request::new(Method::Post, "https://example.com/").form(form);
        let body: Vec<u8> = request
            .body
            .iter()
            .flat_map(|part| match part {
                Part::Bytes(bytes) => bytes.clone(),
                Part::Secret(_) | Part::Basic(_) => panic!("no secret was given"),
            })
            .collect();
        assert_eq!(str::from_utf8(&body).unwrap(), "scope=https%3A%2F%2Fa%2F.default&b%20c=%C3%A4%26%3D%2B~");
        assert_eq!(request.headers[0].0, "content-type");
    }
}
