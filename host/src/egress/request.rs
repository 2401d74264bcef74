//! A flavor's request, from its parts to the bytes that are sent.

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use http_body_util::Full;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::encoding::{Encoding, basic};
use super::error::EgressError;
use super::limits;
use super::secret::EgressSecret;
use crate::grant::Target;

/// A request as a flavor makes it. Without `Debug`, as every type that holds a secret.
pub(crate) struct Request {
    /// The method.
    pub(crate) method: Method,
    /// The URL, not parsed yet.
    pub(crate) url: String,
    /// Names and values of headers.
    pub(crate) headers: Vec<(String, Vec<Part>)>,
    /// The body.
    pub(crate) body: Vec<Part>,
}

/// A part of a header's value or of a body.
pub(crate) enum Part {
    /// Bytes of the flavor's own.
    Bytes(Vec<u8>),
    /// A secret, which the flavor does not see.
    Secret(EgressSecret, Encoding),
    /// The credentials of HTTP Basic: a user name and a secret password.
    Basic(String, EgressSecret),
}

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
    /// The secrets in it.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &EgressSecret> {
        self.parts().filter_map(|part| match part {
            Part::Secret(secret, _) | Part::Basic(_, secret) => Some(secret),
            Part::Bytes(_) => None,
        })
    }

    /// The credentials of HTTP Basic in it, as they are sent.
    pub(super) fn basic_credentials(&self) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        self.parts().filter_map(|part| match part {
            Part::Basic(name, password) => Some(basic(name, password)),
            Part::Bytes(_) | Part::Secret(..) => None,
        })
    }

    /// Whether any part is secret.
    pub(super) fn holds_secrets(&self) -> bool {
        self.secrets().next().is_some()
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.headers.iter().flat_map(|(_, value)| value).chain(&self.body)
    }

    /// The request as it is sent, with its secrets written into it.
    ///
    /// # Errors
    /// When a header is not the flavor's to set or can't be sent, or a limit is exceeded.
    pub(super) fn assemble(self, target: &Target) -> Result<http::Request<Full<Bytes>>, EgressError> {
        let body = join(&self.body, limits::REQUEST_BYTES)?;
        let mut headers = headers(&self.headers)?;
        let own = |value: &str| HeaderValue::from_str(value).map_err(|_| EgressError::invalid("the URL's host is odd"));
        headers.insert(HOST, own(&target.authority())?);
        headers.insert(USER_AGENT, HeaderValue::from_static(OWN_USER_AGENT));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut request = http::Request::new(Full::new(Bytes::from(body.to_vec())));
        *request.method_mut() = self.method;
        *request.uri_mut() = target.path().parse().map_err(|_| EgressError::invalid("the URL's path is odd"))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn headers(list: &[(String, Vec<Part>)]) -> Result<HeaderMap, EgressError> {
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
        let bytes = join(value, left)?;
        left = left.saturating_sub(bytes.len() + name.as_str().len());
        let invalid = |_| EgressError::invalid(format!("the value of the header `{name}` holds control characters"));
        let mut value = HeaderValue::from_bytes(&bytes).map_err(invalid)?;
        // The HTTP library then neither prints nor indexes it.
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// All parts in a row, at most `limit` bytes.
fn join(parts: &[Part], limit: usize) -> Result<Zeroizing<Vec<u8>>, EgressError> {
    let mut joined = Zeroizing::new(Vec::new());
    for part in parts {
        match part {
            Part::Bytes(bytes) => joined.extend_from_slice(bytes),
            Part::Secret(secret, encoding) => {
                joined.extend_from_slice(&encoding.encode(secret.value().expose_secret()))
            }
            Part::Basic(name, _) if name.contains(':') => {
                return Err(EgressError::invalid("a user name holds a colon"));
            }
            Part::Basic(name, password) => joined.extend_from_slice(&basic(name, password)),
        }
        if joined.len() > limit {
            return Err(EgressError::TooLarge);
        }
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let header = |(name, value): &(&str, &str)| ((*name).to_owned(), vec![Part::Bytes((*value).into())]);
        Request {
            method: Method::GET,
            url: String::new(),
            headers: headers.iter().map(header).collect(),
            body: Vec::new(),
        }
    }

    fn assembled(request: Request) -> Result<http::Request<Full<Bytes>>, EgressError> {
        request.assemble(&Target::parse("https://h.example:8443/a?b").unwrap())
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
        let mut large = request(&[]);
        large.body = vec![Part::Bytes(vec![0; limits::REQUEST_BYTES]), Part::Bytes(vec![0])];
        assert!(matches!(assembled(large), Err(EgressError::TooLarge)));
    }

    #[test]
    fn secrets_are_written_in_the_encoding_that_the_flavor_chose() {
        let secret = EgressSecret::new("a b&c".to_owned().into(), Vec::new());
        for (encoding, text) in [
            (Encoding::Raw, "a b&c"),
            (Encoding::FormUrlencoded, "a+b%26c"),
            (Encoding::Base64, "YSBiJmM="),
            (Encoding::JsonString, "a b&c"),
        ] {
            assert_eq!(*encoding.encode(secret.value().expose_secret()), text.as_bytes());
            let mut request = request(&[]);
            request.headers.push((
                "authorization".to_owned(),
                vec![Part::Bytes(b"Bearer ".to_vec()), Part::Secret(secret.clone(), encoding)],
            ));
            assert!(request.holds_secrets());
            let request = assembled(request).unwrap();
            assert_eq!(request.headers()["authorization"], format!("Bearer {text}"));
            assert!(request.headers()["authorization"].is_sensitive());
        }
    }

    #[test]
    fn a_secret_can_stand_in_json_and_behind_a_user_name() {
        let secret = EgressSecret::new("a\"b\\c\n".to_owned().into(), Vec::new());
        assert_eq!(*Encoding::JsonString.encode(secret.value().expose_secret()), *b"a\\\"b\\\\c\\n");
        let basic = |name: &str| {
            let mut request = request(&[]);
            let password = EgressSecret::new("open sesame".to_owned().into(), Vec::new());
            let value = vec![Part::Bytes(b"Basic ".to_vec()), Part::Basic(name.to_owned(), password)];
            request.headers.push(("authorization".to_owned(), value));
            assert!(request.holds_secrets());
            assembled(request)
        };
        // RFC 7617, section 2.
        assert_eq!(basic("Aladdin").unwrap().headers()["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(matches!(basic("a:b"), Err(EgressError::Invalid(_))));
    }
}
