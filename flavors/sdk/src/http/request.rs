//! Requests.

use crate::bindings::crhost::flavor::http::{Body, Json, Method, Request, Response, Value, send};
use crate::secrets::Secret;

use super::form::Form;
use super::no_response::NoResponse;

impl<'a> Request<'a> {
    /// A request without headers and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), headers: Vec::new(), body: Body::Empty }
    }

    /// Adds a header: text, a secret, or a secret after some text ([`SecretValue`](super::SecretValue)).
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value<'a>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Makes the body these bytes; `content-type` is up to the caller.
    #[must_use]
    pub fn body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Bytes(bytes.into());
        self
    }

    /// Makes the body a JSON object; the host sets `content-type`.
    #[must_use]
    pub fn json(mut self, object: impl Into<Json<'a>>) -> Self {
        self.body = Body::Json(object.into());
        self
    }

    /// Makes the body a JSON object with one secret member; [`Json`] makes one with several.
    #[must_use]
    pub fn json_with_secret(self, object: &serde_json::Value, name: &str, value: &'a Secret) -> Self {
        self.json(Json::new(object).secret(name, value))
    }

    /// Makes the body a form; the host sets `content-type`.
    #[must_use]
    pub fn form(mut self, form: Form<'a>) -> Self {
        self.body = Body::Form(form.into_fields());
        self
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
    fn a_request_has_one_body() {
        let request = Request::new(Method::Post, "https://example.com/").header("accept", "text/plain").body("ab");
        assert!(
            matches!(&request.headers[..], [(name, Value::Text(value))] if name == "accept" && value == "text/plain")
        );
        assert!(matches!(&request.body, Body::Bytes(bytes) if bytes == b"ab"));
        let request = request.json(&serde_json::json!({"a": 1}));
        assert!(matches!(&request.body, Body::Json(json) if json.object == r#"{"a":1}"# && json.secrets.is_empty()));
        assert!(matches!(Request::new(Method::Get, "https://example.com/").body, Body::Empty));
    }

    #[test]
    fn the_fields_of_a_form_are_left_to_the_host_to_encode() {
        let form = Form::new().text("scope", "https://a/.default").value("b c", "ä&=+~".to_owned());
        let request = Request::new(Method::Post, "https://example.com/").form(form);
        let Body::Form(fields) = &request.body else { panic!("no form") };
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| match value {
                Value::Text(text) => (name.as_str(), text.as_str()),
                Value::Secret(_) | Value::Basic(_) => panic!("no secret was given"),
            })
            .collect();
        assert_eq!(fields, [("scope", "https://a/.default"), ("b c", "ä&=+~")]);
        assert!(request.headers.is_empty());
    }
}
