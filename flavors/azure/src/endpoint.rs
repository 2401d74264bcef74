//! Parts of the URLs of services.

use crhost_flavor::{Failure, FailureKind};

/// Address of the machine's metadata.
pub(crate) const METADATA: &str = "http://169.254.169.254";

/// Scheme, host and port of a URL.
pub(crate) fn origin(url: &str) -> &str {
    let after = url.split_once("://").map_or(0, |(scheme, _)| scheme.len() + "://".len());
    let end = url.bytes().skip(after).position(|b| matches!(b, b'/' | b'?' | b'#')).map_or(url.len(), |at| after + at);
    url.split_at_checked(end).map_or(url, |(origin, _)| origin)
}

/// The host of a URL, with its port if it has one.
pub(crate) fn host(url: &str) -> &str {
    origin(url).split_once("://").map_or("", |(_, host)| host)
}

/// Adds the flag that grants an address inside this machine or its network, which only the user can do.
pub(crate) fn granted(failure: Failure, url: &str, flag: &str) -> Failure {
    let flag = match origin(url) {
        METADATA => "--allow-metadata azure".to_owned(),
        origin => format!("{flag} {origin}"),
    };
    match failure.kind {
        FailureKind::Denied => failure.hint(format!("`{flag}` when registering the registry lets it be asked")),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_a_host() {
        assert_eq!(host("http://127.0.0.1:5557/entra"), "127.0.0.1:5557");
        assert_eq!(host("contoso.azurecr.io"), "");
    }

    #[test]
    fn an_origin_ends_with_the_port() {
        for url in ["https://a.example:8443", "https://a.example:8443/b?c", "https://a.example:8443?c"] {
            assert_eq!(origin(url), "https://a.example:8443");
        }
    }

    #[test]
    fn an_address_that_is_not_open_comes_with_the_words_that_open_it() {
        for (url, words) in [
            ("http://169.254.169.254/metadata/x", "`--allow-metadata azure`"),
            ("http://169.254.130.1:42356/msi/token", "`--allow-host http://169.254.130.1:42356`"),
        ] {
            let failure = granted(Failure::denied("no"), url, "--allow-host");
            assert!(failure.hint.unwrap().contains(words), "{url}");
        }
    }
}
