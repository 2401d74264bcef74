//! Bodies of requests.

use serde_json::{Map, Value as JsonValue};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::error::EgressError;
use super::limits;
use super::value::{SecretValue, Value};

/// The body of a request.
pub(crate) enum Body {
    /// No body.
    Empty,
    /// Bytes of the flavor's own.
    Bytes(Vec<u8>),
    /// A form.
    Form(Form),
    /// A JSON object.
    Json(Json),
}

/// Names and values of a form (`application/x-www-form-urlencoded`, WHATWG URL), in order.
pub(crate) struct Form(pub(crate) Vec<(String, Value)>);

/// A JSON object with secrets as further members.
pub(crate) struct Json {
    /// The object without them, as text.
    pub(crate) object: String,
    /// The names of further members, and their values.
    pub(crate) secrets: Vec<(String, SecretValue)>,
}

impl Body {
    /// The type of content that the host sets, where the host writes the body.
    pub(super) fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::Empty | Self::Bytes(_) => None,
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Json(_) => Some("application/json"),
        }
    }

    /// The body as it is sent.
    ///
    /// # Errors
    /// When it is no form or object, or too large.
    pub(super) fn write(&self) -> Result<Zeroizing<Vec<u8>>, EgressError> {
        let bytes = match self {
            Self::Empty => Zeroizing::default(),
            Self::Bytes(bytes) => Zeroizing::new(bytes.clone()),
            Self::Form(form) => form.write()?,
            Self::Json(json) => json.write()?,
        };
        if bytes.len() > limits::REQUEST_BYTES { Err(EgressError::TooLarge) } else { Ok(bytes) }
    }
}

impl Form {
    fn write(&self) -> Result<Zeroizing<Vec<u8>>, EgressError> {
        if self.0.len() > limits::FIELDS {
            return Err(EgressError::TooLarge);
        }
        let mut form = Zeroizing::new(Vec::new());
        let write =
            |form: &mut Vec<u8>, text: &[u8]| byte_serialize(text).for_each(|part| form.extend(part.as_bytes()));
        for (name, value) in &self.0 {
            if !form.is_empty() {
                form.push(b'&');
            }
            write(&mut form, name.as_bytes());
            form.push(b'=');
            match value {
                Value::Text(text) => write(&mut form, text.as_bytes()),
                Value::Secret(value) => write(&mut form, &value.write()),
                Value::Basic(..) => return Err(EgressError::invalid("HTTP Basic is for the header `authorization`")),
            }
            if form.len() > limits::REQUEST_BYTES {
                return Err(EgressError::TooLarge);
            }
        }
        Ok(form)
    }
}

impl Json {
    /// The members that are no secrets.
    ///
    /// # Errors
    /// When the text is no JSON object.
    pub(super) fn members(&self) -> Result<Map<String, JsonValue>, EgressError> {
        serde_json::from_str(&self.object).map_err(|_| EgressError::invalid("the body is no JSON object"))
    }

    /// The object's text, with the secrets as its last members. Written by hand: no map holds them.
    fn write(&self) -> Result<Zeroizing<Vec<u8>>, EgressError> {
        if self.object.len() > limits::REQUEST_BYTES || self.secrets.len() > limits::FIELDS {
            return Err(EgressError::TooLarge);
        }
        let members = self.members()?;
        let mut bytes = Zeroizing::new(serde_json::to_vec(&members).unwrap_or_default());
        bytes.pop();
        let mut first = members.is_empty();
        for (at, (name, value)) in self.secrets.iter().enumerate() {
            let is_repeated = self.secrets.iter().skip(at + 1).any(|(other, _)| other == name);
            if members.contains_key(name) || is_repeated {
                return Err(EgressError::invalid("a JSON member is given twice"));
            }
            let value = value.write();
            let text = str::from_utf8(&value).map_err(|_| EgressError::invalid("a secret in JSON is no text"))?;
            if !first {
                bytes.push(b',');
            }
            first = false;
            bytes.extend(serde_json::to_vec(name).unwrap_or_default());
            bytes.push(b':');
            bytes.extend_from_slice(&Zeroizing::new(serde_json::to_vec(text).unwrap_or_default()));
        }
        bytes.push(b'}');
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::encoding::Encoding;
    use super::super::secret::{EgressSecret, Origin, Source};
    use super::*;

    fn secret(value: &str) -> SecretValue {
        let origin = Origin::Itself(Source { field: "token".to_owned(), member: None });
        let value = Arc::new(Zeroizing::new(value.as_bytes().to_vec()));
        SecretValue {
            before: "pre ".to_owned(),
            secret: EgressSecret::new(value, Arc::new(origin)),
            encoding: Encoding::Raw,
        }
    }

    fn text(body: &Body) -> String {
        String::from_utf8(body.write().ok().unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_form_is_escaped_by_the_host() {
        let fields = [("a b", Value::Text("1&2".to_owned())), ("t", Value::Secret(secret("x=+&")))];
        let form = Body::Form(Form(fields.map(|(name, value)| (name.to_owned(), value)).into()));
        assert_eq!(text(&form), "a+b=1%262&t=pre+x%3D%2B%26");
        assert_eq!(form.content_type(), Some("application/x-www-form-urlencoded"));
    }

    #[test]
    fn a_secret_is_a_member_of_the_object_and_no_other() {
        let json = |object: &str, names: &[&str]| {
            let secrets = names.iter().map(|name| ((*name).to_owned(), secret("a\"b\\\n"))).collect();
            Body::Json(Json { object: object.to_owned(), secrets })
        };
        assert_eq!(text(&json(r#"{ "user": "x" }"#, &["secret"])), r#"{"user":"x","secret":"pre a\"b\\\n"}"#);
        assert_eq!(text(&json("{}", &["a\"b"])), r#"{"a\"b":"pre a\"b\\\n"}"#);
        assert_eq!(text(&json("{}", &[])), "{}");
        for (object, names) in
            [("[]", &["a"][..]), ("", &["a"]), (r#"{"a":1}"#, &["a"]), ("{}", &["a", "a"]), ("{", &[])]
        {
            assert!(matches!(json(object, names).write(), Err(EgressError::Invalid(_))), "{object}");
        }
    }

    #[test]
    fn a_body_has_an_end() {
        let many = (0..=limits::FIELDS).map(|at| (at.to_string(), Value::Text(String::new()))).collect();
        for body in [
            Body::Bytes(vec![0; limits::REQUEST_BYTES + 1]),
            Body::Form(Form(many)),
            Body::Json(Json { object: " ".repeat(limits::REQUEST_BYTES + 1), secrets: Vec::new() }),
        ] {
            assert!(matches!(body.write(), Err(EgressError::TooLarge)));
        }
    }
}
