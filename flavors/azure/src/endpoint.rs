//! Where a service answers: Microsoft's own hosts, or what the user wrote in their place.

use crhost_flavor::{Failure, FailureKind, Options};

/// The URL of a service, without slash at its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Endpoint(String);

impl Endpoint {
    /// A URL that this flavor knows.
    pub(crate) fn known(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// What the user wrote as the value of an option; none where there is no such value.
    pub(crate) fn of_option(options: &Options, name: &str) -> Result<Option<Self>, Failure> {
        let Some(text) = options.get(name) else { return Ok(None) };
        let parsed = Self::parse(text).ok_or_else(|| {
            Failure::invalid_input(format!("option `{name}` is `{text}`, expected a URL without query"))
                .hint("write e.g. `https://proxy.example.com`")
        });
        parsed.map(Some)
    }

    /// Reads a URL; none for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (host, _) = rest.split_once('/').unwrap_or((rest, ""));
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:[]/".contains(c);
        let good = matches!(scheme, "https" | "http") && !host.is_empty() && rest.chars().all(allowed);
        good.then(|| {
            let (authority, path) = rest.split_at(host.len());
            Self(format!("{scheme}://{}{}", authority.to_ascii_lowercase(), path.trim_end_matches('/')))
        })
    }

    /// The URL of a path below it; the path begins with a slash.
    pub(crate) fn below(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        origin(&self.0).to_owned()
    }

    /// The host, with its port if it has one.
    pub(crate) fn host(&self) -> &str {
        origin(&self.0).split_once("://").map_or("", |(_, host)| host)
    }
}

/// Scheme, host and port of a URL.
pub(crate) fn origin(url: &str) -> &str {
    let after = url.split_once("://").map_or(0, |(scheme, _)| scheme.len() + "://".len());
    let end = url.bytes().skip(after).position(|b| matches!(b, b'/' | b'?' | b'#')).map_or(url.len(), |at| after + at);
    url.split_at_checked(end).map_or(url, |(origin, _)| origin)
}

/// Addresses inside this machine and its network are opened by the user alone; the hint says how.
pub(crate) fn granted(failure: Failure, url: &str, flag: &str) -> Failure {
    match failure.kind {
        FailureKind::Denied => {
            failure.hint(format!("`{flag} {}` when registering the registry lets it be asked", origin(url)))
        }
        _ => failure,
    }
}

/// The failure for an answer that is a success and can't be read.
pub(crate) fn unreadable(who: &str) -> Failure {
    Failure::other(format!("the answer of {who} can't be read, expected what Microsoft documents"))
        .hint("something in between, e.g. a proxy, may have answered in its place")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_one_form() {
        for (text, url, host) in [
            ("http://127.0.0.1:5557/", "http://127.0.0.1:5557", "127.0.0.1:5557"),
            ("https://Login.Example.com/Entra/", "https://login.example.com/Entra", "login.example.com"),
            ("http://[::1]:80", "http://[::1]:80", "[::1]:80"),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!((endpoint.below("/x"), endpoint.host()), (format!("{url}/x"), host));
        }
        for text in ["", "login.example.com", "ftp://x", "https://", "https://x/?a", "https://u@x", "https://x y"] {
            assert_eq!(Endpoint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_origin_ends_with_the_port() {
        for url in ["https://a.example:8443", "https://a.example:8443/b?c", "https://a.example:8443?c"] {
            assert_eq!(origin(url), "https://a.example:8443");
        }
    }

    #[test]
    fn an_address_that_is_not_open_comes_with_the_words_that_open_it() {
        let failure = granted(Failure::denied("no"), "http://169.254.169.254/metadata/x", "--allow-host");
        assert!(failure.hint.unwrap().contains("`--allow-host http://169.254.169.254`"));
    }
}
