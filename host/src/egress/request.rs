//! A flavor's request, from its pieces to what is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HOST, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method};
use http_body_util::Full;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::error::EgressError;
use super::secret::EgressSecret;
use crate::egress::limits;
use crate::grant::Target;

/// What a flavor wants to send. Without `Debug`, as everything that holds a secret.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, Vec<Part>)>,
    pub(crate) body: Vec<Part>,
}

/// A piece of a header's value or of a body.
pub(crate) enum Part {
    Bytes(Vec<u8>),
    Secret(EgressSecret, Encoding),
    /// A user name and a secret password, as HTTP Basic writes them.
    Basic(String, EgressSecret),
}

/// How a secret is written.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    Raw,
    FormUrlencoded,
    Base64,
    JsonString,
}

/// Headers that are the host's to set, that concern one connection only, or that speak to proxies (RFC 9110, sections 7.6
/// and 11.7): with them a guest could name another host, or split one request into two. Compressed and partial answers could
/// hide a secret that a service repeats.
const FORBIDDEN: [&str; 16] = [
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

const OWN_USER_AGENT: &str = concat!("crhost/", env!("CARGO_PKG_VERSION"));

impl Encoding {
    pub(super) const ALL: [Self; 4] = [Self::Raw, Self::FormUrlencoded, Self::Base64, Self::JsonString];

    /// A secret text as it is sent.
    pub(super) fn write(self, text: &str) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Raw => text.as_bytes().to_vec(),
            Self::FormUrlencoded => url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into(),
            Self::Base64 => STANDARD.encode(text).into(),
            Self::JsonString => return quoted(text),
        })
    }
}

/// As it stands inside of a JSON string.
fn quoted(text: &str) -> Zeroizing<Vec<u8>> {
    let quoted = Zeroizing::new(serde_json::to_vec(text).unwrap_or_default());
    Zeroizing::new(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_vec())
}

/// A user name and a password as HTTP Basic has them (RFC 7617).
fn basic(name: &str, password: &EgressSecret) -> Zeroizing<Vec<u8>> {
    let pair = Zeroizing::new(format!("{name}:{}", password.value().expose_secret()));
    Encoding::Base64.write(&pair)
}

impl Request {
    /// The secrets in it.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &EgressSecret> {
        let headers = self.headers.iter().flat_map(|(_, value)| value);
        headers.chain(&self.body).filter_map(|part| match part {
            Part::Secret(secret, _) | Part::Basic(_, secret) => Some(secret),
            Part::Bytes(_) => None,
        })
    }

    /// User names and passwords in it, as they are sent.
    pub(super) fn pairs(&self) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
        let headers = self.headers.iter().flat_map(|(_, value)| value);
        headers.chain(&self.body).filter_map(|part| match part {
            Part::Basic(name, password) => Some(basic(name, password)),
            Part::Bytes(_) | Part::Secret(..) => None,
        })
    }

    pub(super) fn holds_secrets(&self) -> bool {
        self.secrets().next().is_some()
    }

    /// The request as it is sent, with its secrets filled in.
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
        if FORBIDDEN.contains(&name.as_str()) || name.as_str().starts_with("proxy-") {
            return Err(EgressError::Invalid(format!("the header `{name}` is not a flavor's to set")));
        }
        let bytes = join(value, left)?;
        left = left.saturating_sub(bytes.len() + name.as_str().len());
        let odd = |_| EgressError::Invalid(format!("the value of the header `{name}` holds control characters"));
        let mut value = HeaderValue::from_bytes(&bytes).map_err(odd)?;
        // The HTTP library then neither prints nor indexes it.
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

fn join(parts: &[Part], limit: usize) -> Result<Zeroizing<Vec<u8>>, EgressError> {
    let mut joined = Zeroizing::new(Vec::new());
    for part in parts {
        match part {
            Part::Bytes(bytes) => joined.extend_from_slice(bytes),
            Part::Secret(secret, encoding) => joined.extend_from_slice(&encoding.write(secret.value().expose_secret())),
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
    fn the_host_and_the_user_agent_are_the_hosts_own() {
        let request = assembled(request(&[("accept", "x")])).unwrap();
        assert_eq!(request.uri(), "/a?b");
        assert_eq!(request.headers()["host"], "h.example:8443");
        assert_eq!(request.headers()["user-agent"], OWN_USER_AGENT);
        assert_eq!(request.headers()["accept"], "x");
    }

    #[test]
    fn headers_that_would_change_where_or_what_is_sent_are_refused() {
        for name in FORBIDDEN.iter().chain(&["Host", "HOST", "Transfer-Encoding", "Proxy-Authorization", "proxy-x"]) {
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
    fn secrets_are_filled_in_as_the_flavor_wants_them_written() {
        let secret = EgressSecret::new("a b&c".to_owned().into(), Vec::new());
        for (encoding, text) in [
            (Encoding::Raw, "a b&c"),
            (Encoding::FormUrlencoded, "a+b%26c"),
            (Encoding::Base64, "YSBiJmM="),
            (Encoding::JsonString, "a b&c"),
        ] {
            assert_eq!(*encoding.write(secret.value().expose_secret()), text.as_bytes());
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
        assert_eq!(*Encoding::JsonString.write(secret.value().expose_secret()), *b"a\\\"b\\\\c\\n");
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
