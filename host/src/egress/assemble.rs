//! From a flavor's request to the bytes that are sent.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HOST, HeaderName, HeaderValue, USER_AGENT};
use http_body_util::Full;
use zeroize::Zeroizing;

use super::encoding::Encoding;
use super::error::EgressError;
use super::limits;
use super::request::Request;
use super::secret::EgressSecret;
use super::value::Value;
use crate::grant::Target;
use crate::grant::operation::Method;

/// Headers that a flavor can't set. Those of the connection, the host and proxies (RFC 9110, sections 7.6 and 11.7)
/// would let a guest name another host, or split one request into two. A compressed or partial answer could hide a
/// secret that a service repeats.
const FORBIDDEN_HEADERS: [&str; 16] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "range",
    "if-range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// The user agent of crhost.
const OWN_USER_AGENT: &str = concat!("crhost/", env!("CARGO_PKG_VERSION"));

impl Request {
    /// The request as it is sent, with its secrets written into it.
    ///
    /// # Errors
    /// When a header is not the flavor's to set or can't be sent, or a limit is exceeded.
    pub(super) fn assemble(self, target: &Target) -> Result<http::Request<Full<Bytes>>, EgressError> {
        let body = self.body.write()?;
        let mut headers = headers(&self.headers)?;
        if let Some(content_type) = self.body.content_type() {
            if headers.contains_key(CONTENT_TYPE) {
                return Err(EgressError::invalid("the header `content-type` is set by the host for this body"));
            }
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let own = |value: &str| HeaderValue::from_str(value).map_err(|_| EgressError::invalid("the URL's host is odd"));
        headers.insert(HOST, own(&target.authority())?);
        headers.insert(USER_AGENT, HeaderValue::from_static(OWN_USER_AGENT));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut request = http::Request::new(Full::new(Bytes::from(body.to_vec())));
        *request.method_mut() = method(self.method);
        *request.uri_mut() = target.path().parse().map_err(|_| EgressError::invalid("the URL's path is odd"))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

fn headers(list: &[(String, Value)]) -> Result<HeaderMap, EgressError> {
    if list.len() > limits::HEADERS {
        return Err(EgressError::TooLarge);
    }
    let mut headers = HeaderMap::new();
    let mut left = limits::HEADER_BYTES;
    for (name, value) in list {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| EgressError::invalid("a header has no name"))?;
        if FORBIDDEN_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("proxy-") {
            return Err(EgressError::invalid(format!("the header `{name}` is not a flavor's to set")));
        }
        let bytes = write(value)?;
        left = left.checked_sub(bytes.len() + name.as_str().len()).ok_or(EgressError::TooLarge)?;
        let invalid = |_| EgressError::invalid(format!("the value of the header `{name}` holds control characters"));
        let mut value = HeaderValue::from_bytes(&bytes).map_err(invalid)?;
        // The HTTP library then neither prints nor indexes it.
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

fn write(value: &Value) -> Result<Zeroizing<Vec<u8>>, EgressError> {
    match value {
        Value::Text(text) => Ok(Zeroizing::new(text.as_bytes().to_vec())),
        Value::Secret(value) => Ok(value.write()),
        Value::Basic(name, _) if name.contains(':') => Err(EgressError::invalid("a user name holds a colon")),
        Value::Basic(name, password) => Ok(basic(name, password)),
    }
}

/// The credentials of HTTP Basic (RFC 7617): `Basic ` and `name:password` in Base64.
fn basic(name: &str, password: &EgressSecret) -> Zeroizing<Vec<u8>> {
    let mut pair = Zeroizing::new(format!("{name}:").into_bytes());
    pair.extend_from_slice(password.value());
    let mut value = Zeroizing::new(b"Basic ".to_vec());
    value.extend_from_slice(&Encoding::Base64.encode(&pair));
    value
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::body::{Body, Form};
    use super::super::secret::{Origin, Source};
    use super::super::value::SecretValue;
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let header = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::Text((*value).to_owned()));
        Request {
            method: Method::Get,
            url: String::new(),
            headers: headers.iter().map(header).collect(),
            body: Body::Empty,
        }
    }

    fn assembled(request: Request) -> Result<http::Request<Full<Bytes>>, EgressError> {
        request.assemble(&Target::parse("https://h.example:8443/a?b").unwrap())
    }

    fn secret(value: &str) -> EgressSecret {
        let origin = Origin::Itself(Source { field: "token".to_owned(), member: None });
        EgressSecret::new(Arc::new(Zeroizing::new(value.as_bytes().to_vec())), Arc::new(origin))
    }

    #[test]
    fn the_host_and_the_user_agent_are_set_by_crhost() {
        let request = assembled(request(&[("accept", "x")])).unwrap();
        assert_eq!(request.uri(), "/a?b");
        assert_eq!(request.headers()["host"], "h.example:8443");
        assert_eq!(request.headers()["user-agent"], OWN_USER_AGENT);
        assert_eq!(request.headers()["accept"], "x");
    }

    #[test]
    fn headers_that_would_change_where_or_what_is_sent_are_refused() {
        for name in
            FORBIDDEN_HEADERS.iter().chain(&["Host", "HOST", "Transfer-Encoding", "Proxy-Authorization", "proxy-x"])
        {
            assert!(matches!(assembled(request(&[(name, "x")])), Err(EgressError::Invalid(_))), "{name}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "ü", "\0"] {
            assert!(matches!(assembled(request(&[(name, "x")])), Err(EgressError::Invalid(_))), "{name:?}");
        }
        for value in ["a\r\nhost: evil", "a\nb", "a\0b", "\u{1b}[2J"] {
            assert!(matches!(assembled(request(&[("x", value)])), Err(EgressError::Invalid(_))), "{value:?}");
        }
    }

    #[test]
    fn a_request_has_an_end() {
        let long = "x".repeat(limits::HEADER_BYTES + 1);
        assert!(matches!(assembled(request(&[("x", &long)])), Err(EgressError::TooLarge)));
        let half = "x".repeat(limits::HEADER_BYTES / 2 + 1);
        assert!(matches!(assembled(request(&[("x", &half), ("y", &half)])), Err(EgressError::TooLarge)));
        assert!(matches!(assembled(request(&[("x", "y"); limits::HEADERS + 1])), Err(EgressError::TooLarge)));
    }

    #[test]
    fn a_secret_is_written_behind_its_prefix_and_behind_a_user_name() {
        let with = |value: Value| {
            let mut request = request(&[]);
            request.headers.push(("authorization".to_owned(), value));
            assert!(request.holds_secrets());
            assembled(request)
        };
        let bearer = SecretValue { before: "Bearer ".to_owned(), secret: secret("a b&c"), encoding: Encoding::Raw };
        let sent = with(Value::Secret(bearer)).unwrap();
        assert_eq!(sent.headers()["authorization"], "Bearer a b&c");
        assert!(sent.headers()["authorization"].is_sensitive());
        // RFC 7617, section 2.
        let basic = |name: &str| with(Value::Basic(name.to_owned(), secret("open sesame")));
        assert_eq!(basic("Aladdin").unwrap().headers()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(matches!(basic("a:b"), Err(EgressError::Invalid(_))));
    }

    #[test]
    fn the_type_of_a_form_is_the_host_s_to_say() {
        let form = |headers: &[(&str, &str)]| Request { body: Body::Form(Form(Vec::new())), ..request(headers) };
        let sent = assembled(form(&[])).unwrap();
        assert_eq!(sent.headers()["content-type"], "application/x-www-form-urlencoded");
        let utf16 = assembled(form(&[("content-type", "application/x-www-form-urlencoded; charset=utf-16le")]));
        assert!(matches!(utf16, Err(EgressError::Invalid(_))));
    }
}
