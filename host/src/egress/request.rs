//! A request as a flavor makes it.

use super::body::{Body, Form};
use super::encoding::Encoding;
use super::secret::EgressSecret;
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

/// A value that ends in a secret, which the flavor does not see.
pub(crate) struct SecretValue {
    /// Text of the flavor's own in front of it.
    pub(crate) before: String,
    /// The secret.
    pub(crate) secret: EgressSecret,
    /// How it is written.
    pub(crate) encoding: Encoding,
}

/// The value of a header or of a form's field.
pub(crate) enum Value {
    /// Text of the flavor's own.
    Text(String),
    /// A secret with text in front of it.
    Secret(SecretValue),
    /// The credentials of HTTP Basic: a user name and a secret password.
    Basic(String, EgressSecret),
}

impl Value {
    /// The secret in it.
    pub(super) fn secret(&self) -> Option<&EgressSecret> {
        match self {
            Self::Text(_) => None,
            Self::Secret(value) => Some(&value.secret),
            Self::Basic(_, secret) => Some(secret),
        }
    }
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
