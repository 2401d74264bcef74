//! A request as a flavor makes it.

use super::body::{Body, Form};
use super::secret::EgressSecret;
use super::value::Value;
use crate::grant::operation::Method;

/// A request as a flavor makes it. Without `Debug`, as every type that holds a secret.
pub(crate) struct Request {
    /// The method.
    pub(crate) method: Method,
    /// The URL, not parsed yet.
    pub(crate) url: String,
    /// Names and values of headers.
    pub(crate) headers: Vec<(String, Value)>,
    /// The body.
    pub(crate) body: Body,
}

impl Request {
    /// The secrets in it.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &EgressSecret> {
        let form: &[(String, Value)] = match &self.body {
            Body::Form(Form(fields)) => fields,
            Body::Empty | Body::Bytes(_) | Body::Json(_) => &[],
        };
        let json = match &self.body {
            Body::Json(json) => json.secrets.as_slice(),
            Body::Empty | Body::Bytes(_) | Body::Form(_) => &[],
        };
        let values = self.headers.iter().chain(form).filter_map(|(_, value)| value.secret());
        values.chain(json.iter().map(|(_, value)| &value.secret))
    }

    /// Whether any part is secret.
    pub(super) fn holds_secrets(&self) -> bool {
        self.secrets().next().is_some()
    }
}
