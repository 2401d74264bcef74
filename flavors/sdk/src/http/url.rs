//! URLs of services in text that users typed.

/// The URL in a text, without a slash at its end: `https` or `http`, with a host, and without user information, query
/// and fragment. `None` for anything else.
///
/// For a text field of an auth method; the host has checked an option of kind `url`.
pub fn service_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let clean = |c: char| c.is_ascii_graphic() && !"?#@\\\"<>`".contains(c);
    let is_url = !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(clean);
    is_url.then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one_of_the_web_without_query_and_user() {
        for (text, expected) in [
            ("https://api.example.com", "https://api.example.com"),
            ("https://api.example.com/v3/", "https://api.example.com/v3"),
            ("http://127.0.0.1:5557", "http://127.0.0.1:5557"),
        ] {
            assert_eq!(service_url(text).as_deref(), Some(expected));
        }
        for text in
            ["", "api.example.com", "ftp://x", "https://", "https:///x", "https://x?a", "https://u@x", "https://x y"]
        {
            assert_eq!(service_url(text), None, "{text}");
        }
    }
}
