//! URLs as they may be printed: without secrets, escaped, on one line.

use url::Url;

use crate::text::printable;

/// Characters of a URL in a message; more is no help.
const MAX_SHOWN: usize = 200;

/// A URL as it may be printed: without its query, which may be a signature that opens it, and without user information.
pub(super) fn shown(url: &Url) -> String {
    // `user:password@host` is a URL of the scheme `user`.
    if url.cannot_be_a_base() {
        return shown_text(url.as_str());
    }
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Fails for URLs that can't hold user information.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    printable(url.as_str(), MAX_SHOWN)
}

/// The same for a text that may be no URL.
pub(super) fn shown_location(from: &Url, location: &str) -> String {
    from.join(location).map_or_else(|_| shown_text(location), |url| shown(&url))
}

/// A text that is no URL. Where user information would stand in it can't be known, so that one with an `@` is not
/// shown.
pub(super) fn shown_text(text: &str) -> String {
    match text.contains('@') {
        true => "…".to_owned(),
        false => printable(text.split(['?', '#']).next().unwrap_or_default(), MAX_SHOWN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_url_keeps_no_secret() {
        let from = Url::parse("https://r.example/v2/").unwrap();
        for (location, text) in [
            ("https://h/p?X-Signature=secret", "https://h/p"),
            ("https://user:secret@h:1/p#secret", "https://h:1/p"),
            ("//user:secret@h/p", "https://h/p"),
            ("/p?sig=secret", "https://r.example/p"),
            ("http://h?secret", "http://h/"),
            ("https://user:secret@h:99999/p", "…"),
            ("https://h:99999/p?sig=secret", "https://h:99999/p"),
            ("user:secret@h/p", "…"),
        ] {
            assert_eq!(shown_location(&from, location), text);
        }
    }
}
