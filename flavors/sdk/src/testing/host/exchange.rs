//! Requests as a service would see them, and their answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::State;
use super::secrets::Secrets;
use crate::bindings::crhost::flavor::http::{Body, Error, Method, Request, Response, SecretValue, Value};
use crate::http::percent_encoded;

/// A request that the test expects.
pub(super) struct Expected {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) answer: Result<Response, Error>,
}

impl Expected {
    /// Method and URL.
    pub(super) fn line(&self) -> String {
        line(self.method, &self.url)
    }
}

/// A request as the service got it, with the secrets in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// Names of headers in lower case, and their values, without those that crhost adds.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
}

impl Sent {
    /// Value of the first header called `name` (case does not matter).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The body as text, with what is no UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Method and URL, e.g. `GET https://api.acme.example/v1/user`.
    #[must_use]
    pub fn line(&self) -> String {
        line(self.method, &self.url)
    }
}

/// Method and URL.
fn line(method: Method, url: &str) -> String {
    let method = format!("{method:?}").trim_start_matches("Method::").to_uppercase();
    format!("{method} {url}")
}

impl State {
    /// Answers a request as the test says.
    ///
    /// # Panics
    /// If the test expects another request, or none.
    pub(crate) fn exchange(&mut self, request: &Request<'_>) -> Result<Response, Error> {
        let sent = sent(&self.secrets, request);
        let line = sent.line();
        if let Some(refused) = self.declared.as_ref().and_then(|declared| declared.refusal(request)) {
            return Err(Error::Denied(refused));
        }
        let Some(expected) = self.expected.pop_front() else {
            panic!("the flavor sent `{line}`, and the test expects no further request");
        };
        assert!(expected.line() == line, "the flavor sent `{line}`, and the test expects `{}` next", expected.line());
        self.sent.push(sent);
        expected.answer
    }
}

/// The request as a service gets it.
fn sent(secrets: &Secrets, request: &Request<'_>) -> Sent {
    let mut headers: Vec<(String, String)> =
        request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), text_of(secrets, value))).collect();
    let (content_type, body) = match &request.body {
        Body::Empty => (None, Vec::new()),
        Body::Bytes(bytes) => (None, bytes.clone()),
        Body::Form(fields) => {
            let pair = |(name, value): &(String, Value<'_>)| {
                format!("{}={}", percent_encoded(name), percent_encoded(&text_of(secrets, value)))
            };
            let fields: Vec<String> = fields.iter().map(pair).collect();
            (Some("application/x-www-form-urlencoded"), fields.join("&").into_bytes())
        }
        Body::Json(json) => {
            let Ok(serde_json::Value::Object(mut object)) = serde_json::from_str(&json.object) else {
                panic!("the flavor sent `{}` as a JSON object", json.object);
            };
            for (name, value) in &json.secrets {
                object.insert(name.clone(), filled(secrets, value).into());
            }
            (Some("application/json"), serde_json::Value::Object(object).to_string().into_bytes())
        }
    };
    headers.extend(content_type.map(|value| ("content-type".to_owned(), value.to_owned())));
    Sent { method: request.method, url: request.url.clone(), headers, body }
}

/// The value as it is sent.
fn text_of(secrets: &Secrets, value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Secret(value) => filled(secrets, value),
        Value::Basic((name, password)) => {
            format!("Basic {}", STANDARD.encode(format!("{name}:{}", secrets.text(password))))
        }
    }
}

/// The value with its secret filled in.
fn filled(secrets: &Secrets, value: &SecretValue<'_>) -> String {
    format!("{}{}", value.before, secrets.encoded(value.secret, value.encoding))
}
