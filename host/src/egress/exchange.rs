//! A request and its answer as they may be shown: each secret stands as a placeholder that names it. Made from the
//! parts of a request before any secret is written into it, so that no form of one is missed.

use std::time::Duration;

use serde_json::{Map, Value as JsonValue};

use super::body::{Body, Form, Json};
use super::encoding::Encoding;
use super::error::EgressError;
use super::request::Request;
use super::response::Response;
use super::secret::{EgressSecret, Origin, Source};
use super::value::{SecretValue, Value};
use crate::grant::operation::Method;

/// A request without its secrets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ShownRequest {
    /// The method.
    pub(crate) method: Method,
    /// The URL as the flavor wrote it.
    pub(crate) url: String,
    /// Names, in lower case, and values of the headers that the flavor set, in order.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: ShownBody,
}

/// The body of a request, without its secrets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ShownBody {
    /// No body.
    Empty,
    /// Bytes of the flavor's own.
    Bytes(Vec<u8>),
    /// Names and values of a form, in order.
    Form(Vec<(String, String)>),
    /// The members of a JSON object.
    Json(Map<String, JsonValue>),
}

impl ShownRequest {
    /// The method and the URL, as messages name a request.
    #[must_use]
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }

    /// The placeholders in it, in order, each once.
    #[must_use]
    pub(crate) fn placeholders(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let members = match &self.body {
            ShownBody::Form(fields) => fields.iter().map(|(_, value)| value.as_str()).collect(),
            ShownBody::Json(members) => members.values().filter_map(JsonValue::as_str).collect(),
            ShownBody::Empty | ShownBody::Bytes(_) => Vec::new(),
        };
        for value in self.headers.iter().map(|(_, value)| value.as_str()).chain(members) {
            let placeholder = value.split_once("${").and_then(|(_, rest)| rest.split_once('}'));
            if let Some((name, _)) = placeholder.filter(|(name, _)| !found.iter().any(|known| known == name)) {
                found.push(name.to_owned());
            }
        }
        found
    }
}

/// A request that was made, and what became of it.
pub(crate) struct Exchange {
    /// The request.
    pub(crate) request: ShownRequest,
    /// The answer, with all secrets of the call redacted, or why there is none.
    pub(crate) answer: Result<Response, EgressError>,
    /// The wall time of both.
    pub(crate) time: Duration,
}

/// Answers requests in place of the network.
pub(crate) trait Answers: Send + Sync {
    /// The answer to a request that the policy allows.
    ///
    /// # Errors
    /// When there is none.
    fn answer(&self, request: &ShownRequest) -> Result<Response, EgressError>;
}

/// Is shown the requests of a call.
pub(crate) trait Witness: Send + Sync {
    /// Called once for each request, the refused ones included, after its end.
    fn exchanged(&self, exchange: Exchange);
}

impl Request {
    /// The request with a placeholder in place of each secret.
    pub(super) fn shown(&self) -> ShownRequest {
        let pairs = |list: &[(String, Value)], name: fn(&str) -> String| {
            list.iter().map(|(key, value)| (name(key), value.shown())).collect()
        };
        ShownRequest {
            method: self.method,
            url: self.url.clone(),
            headers: pairs(&self.headers, str::to_ascii_lowercase),
            body: match &self.body {
                Body::Empty => ShownBody::Empty,
                Body::Bytes(bytes) => ShownBody::Bytes(bytes.clone()),
                Body::Form(Form(fields)) => ShownBody::Form(pairs(fields, str::to_owned)),
                Body::Json(json) => ShownBody::Json(json.shown()),
            },
        }
    }
}

impl Json {
    /// The members, with those that are secret as placeholders. A text that is no object was refused before.
    fn shown(&self) -> Map<String, JsonValue> {
        let mut members = self.members().unwrap_or_default();
        members.extend(self.secrets.iter().map(|(name, value)| (name.clone(), JsonValue::String(value.shown()))));
        members
    }
}

impl Value {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Secret(value) => value.shown(),
            Self::Basic(name, secret) => format!("Basic ${{{name}:{}}}", placeholder(secret)),
        }
    }
}

impl SecretValue {
    fn shown(&self) -> String {
        let encoding = match self.encoding {
            Encoding::Raw => "",
            Encoding::Hex => "|hex",
            Encoding::Base64 => "|base64",
            Encoding::Base64Url => "|base64url",
        };
        format!("{}${{{}{encoding}}}", self.before, placeholder(&self.secret))
    }
}

/// The name of a secret: the field, with the member behind a dot, or what was made of it.
fn placeholder(secret: &EgressSecret) -> String {
    let piece = |piece: &Origin| match piece {
        Origin::Itself(source) => name(source),
        Origin::Derived { key: Some(source), .. } => format!("signature of {}", name(source)),
        Origin::Derived { key: None, .. } | Origin::Joined(_) => "digest".to_owned(),
    };
    let pieces: Vec<String> = secret.origin().pieces().iter().map(piece).collect();
    match secret.origin() {
        Origin::Joined(_) => format!("text with {}", pieces.join(" and ")),
        _ => pieces.join(" "),
    }
}

fn name(Source { field, member }: &Source) -> String {
    match member {
        Some(member) => format!("{field}.{member}"),
        None => field.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use zeroize::Zeroizing;

    use super::*;

    const VALUE: &str = "s3cret & value";

    fn secret(origin: Origin) -> EgressSecret {
        EgressSecret::new(Arc::new(Zeroizing::new(VALUE.as_bytes().to_vec())), Arc::new(origin))
    }

    fn token() -> Source {
        Source { field: "token".to_owned(), member: None }
    }

    fn value(before: &str, origin: Origin, encoding: Encoding) -> SecretValue {
        SecretValue { before: before.to_owned(), secret: secret(origin), encoding }
    }

    fn request(headers: Vec<(&str, Value)>, body: Body) -> ShownRequest {
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Request { method: Method::Post, url: "https://a.example/x".to_owned(), headers, body }.shown()
    }

    #[test]
    fn a_secret_is_shown_by_its_name_wherever_it_stands() {
        let member = Source { field: "key".to_owned(), member: Some("private_key".to_owned()) };
        let signature = Origin::Derived { key: Some(member), messages: Vec::new() };
        let headers = vec![
            ("Authorization", Value::Basic("alice".to_owned(), secret(Origin::Itself(token())))),
            ("x-sign", Value::Secret(value("v1=", signature, Encoding::Hex))),
            ("accept", Value::Text("*/*".to_owned())),
        ];
        let form = Form(vec![
            ("grant_type".to_owned(), Value::Text("password".to_owned())),
            ("password".to_owned(), Value::Secret(value("", Origin::Itself(token()), Encoding::Raw))),
        ]);
        let shown = request(headers, Body::Form(form));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [
            pair("authorization", "Basic ${alice:token}"),
            pair("x-sign", "v1=${signature of key.private_key|hex}"),
            pair("accept", "*/*"),
        ];
        assert_eq!(shown.headers, headers);
        let fields = vec![pair("grant_type", "password"), pair("password", "${token}")];
        assert_eq!(shown.body, ShownBody::Form(fields));
        assert!(!format!("{shown:?}").contains("s3cret"));
    }

    #[test]
    fn secret_members_stand_among_the_others() {
        let secrets = vec![("secret".to_owned(), value("", Origin::Itself(token()), Encoding::Base64))];
        let shown = request(Vec::new(), Body::Json(Json { object: r#"{"b":1,"a":[2]}"#.to_owned(), secrets }));
        let ShownBody::Json(members) = shown.body else { panic!("no object") };
        assert_eq!(JsonValue::Object(members), json!({"a": [2], "b": 1, "secret": "${token|base64}"}));
    }
}
