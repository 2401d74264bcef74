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
        Ok(options.url(name)?.map(Self))
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
    fn an_endpoint_has_a_host_and_paths_below_it() {
        let options = Options(vec![("a".into(), "http://127.0.0.1:5557/entra/".into())]);
        let endpoint = Endpoint::of_option(&options, "a").unwrap().unwrap();
        assert_eq!(
            (endpoint.below("/x").as_str(), endpoint.host()),
            ("http://127.0.0.1:5557/entra/x", "127.0.0.1:5557")
        );
        assert_eq!(Endpoint::of_option(&options, "b").unwrap(), None);
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
