//! The kubelet's rule which images a pattern matches (`URLsMatch` in its `pkg/credentialprovider/keyring.go`): of
//! `matchImages` in its configuration, of the keys in a provider's answer, and of those in a Secret.

use std::str::FromStr;

/// A pattern: globs in the labels of the host, no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MatchImage {
    labels: Vec<Vec<char>>,
    port: String,
    path: String,
}

/// A text that the kubelet can't read as a pattern or an image.
#[derive(Debug)]
pub(super) struct NoMatchImage;

impl MatchImage {
    /// Whether an image matches: its host has as many labels, each of which matches; the ports are equal; its path
    /// begins with the pattern's, by characters and not by components.
    pub(super) fn matches(&self, image: &str) -> bool {
        let Ok(image) = image.parse::<Self>() else { return false };
        self.port == image.port
            && self.labels.len() == image.labels.len()
            && image.path.starts_with(&self.path)
            && self.labels.iter().zip(&image.labels).all(|(glob, label)| is_match(glob, label))
    }
}

impl FromStr for MatchImage {
    type Err = NoMatchImage;

    /// Reads `host[:port][/path]` as Go reads `https://host[:port][/path]`, as far as images need it.
    fn from_str(text: &str) -> Result<Self, NoMatchImage> {
        let (authority, path) = text.find('/').map_or((text, ""), |slash| text.split_at(slash));
        let is_readable = |c: char| !c.is_whitespace() && !c.is_control();
        if authority.is_empty() || !text.chars().all(is_readable) || authority.contains(['@', '?', '#', '%']) {
            return Err(NoMatchImage);
        }
        let (host, port) = split_port(authority);
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NoMatchImage);
        }
        let labels = host.split('.').map(|label| label.chars().collect()).collect();
        Ok(Self { labels, port: port.to_owned(), path: path.to_owned() })
    }
}

/// The host without the brackets of an IPv6 address, and its port; as `net.SplitHostPort` of Go, which takes a host
/// without a port for a mistake and leaves its brackets.
fn split_port(authority: &str) -> (&str, &str) {
    let Some((host, port)) = authority.rsplit_once(':') else { return (authority, "") };
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').map_or((authority, ""), |address| (address, port));
    }
    if host.contains(':') { (authority, "") } else { (host, port) }
}

/// Whether a label matches a glob of `*`, `[class]` and `\` (`filepath.Match` of Go; its `?` can't get here). A
/// malformed glob matches nothing.
fn is_match(glob: &[char], label: &[char]) -> bool {
    match glob {
        [] => label.is_empty(),
        ['*', rest @ ..] => (0..=label.len()).any(|skip| label.get(skip..).is_some_and(|label| is_match(rest, label))),
        ['[', class @ ..] => {
            let [first, after @ ..] = label else { return false };
            in_class(class, *first).is_some_and(|(is_in, rest)| is_in && is_match(rest, after))
        }
        ['\\', escaped, rest @ ..] => matches!(label, [first, after @ ..] if first == escaped && is_match(rest, after)),
        ['\\'] => false,
        [literal, rest @ ..] => matches!(label, [first, after @ ..] if first == literal && is_match(rest, after)),
    }
}

/// Whether a character is in the class that a glob goes on with, and the rest behind the class; `None` for a class that
/// does not end or is empty.
fn in_class(class: &[char], c: char) -> Option<(bool, &[char])> {
    let (is_negated, mut rest) = match class {
        ['^', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let (mut is_in, mut is_empty) = (false, true);
    loop {
        if let [']', after @ ..] = rest
            && !is_empty
        {
            return Some((is_in != is_negated, after));
        }
        let (low, after) = class_character(rest)?;
        let (high, after) = match after {
            ['-', after @ ..] => class_character(after)?,
            _ => (low, after),
        };
        is_in |= (low..=high).contains(&c);
        (rest, is_empty) = (after, false);
    }
}

/// A character of a class, which `\` may precede.
fn class_character(class: &[char]) -> Option<(char, &[char])> {
    match class {
        [] | ['-' | ']', ..] | ['\\'] => None,
        ['\\', c, rest @ ..] | [c, rest @ ..] => Some((*c, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of `TestURLsMatch` in the kubelet's `pkg/credentialprovider/keyring_test.go`, and its documentation.
    const CASES: [(&str, &str, bool); 62] = [
        ("*.docker.io", "blah.docker.io", true),
        ("*.docker.io", "not.right.io", false),
        ("registry.k8s.io", "registry.k8s.io", true),
        ("*.k8s.io", "a.k8s.io", true),
        ("k8s.*.io", "k8s.app.io", true),
        ("k8s.*", "k8s.io", true),
        ("app*.k8s.io", "app1.k8s.io", true),
        ("app*.k8s.io", "app.k8s.io", true),
        ("app*.k8s.io", "xapp.k8s.io", false),
        ("*.io", "a.k8s.io", false),
        ("*", "localhost", true),
        ("*", "a.io", false),
        ("*.*.registry.io", "a.b.registry.io", true),
        ("*.*.registry.io", "a.registry.io", false),
        ("*.*.registry.io", "a.b.c.registry.io", false),
        ("*.kubernetes.io", "prefix.kubernetes.io", true),
        ("prefix.*.io", "prefix.kubernetes.io", true),
        ("prefix.kubernetes.*", "prefix.kubernetes.io", true),
        ("*-good.kubernetes.io", "prefix-good.kubernetes.io", true),
        ("*.kubernetes.io/blah", "prefix.kubernetes.io/blah", true),
        ("prefix.*.io/foo", "prefix.kubernetes.io/foo/bar", true),
        ("*.kubernetes.io:1111/blah", "prefix.kubernetes.io:1111/blah", true),
        ("prefix.*.io:1111/foo", "prefix.kubernetes.io:1111/foo/bar", true),
        ("*.kubernetes.io", "kubernetes.io", false),
        ("*.*.kubernetes.io", "prefix.kubernetes.io", false),
        ("*.kubernetes.io", "kubernetes.com", false),
        ("*.kubernetes.io", "test.kubernetes.com", false),
        ("*-suffix.kubernetes.io", "sub.prefix.kubernetes.io", false),
        ("kubernetes.io", "mykubernetes.io", false),
        ("*.kubernetes.io:1234", "prefix.kubernetes.io", false),
        ("*.kubernetes.io:1234", "prefix.kubernetes.io:1235", false),
        ("*.kubernetes.io", "prefix.kubernetes.io:80", false),
        ("prefix.*.io:80", "prefix.kubernetes.io:80", true),
        ("*.kubernetes.io:*", "prefix.kubernetes.io:80", false),
        ("registry.io:8080/path", "registry.io:8080/path/image", true),
        ("registry.io:8080/path", "registry.io/path/image", false),
        ("registry.io/path", "registry.io/other", false),
        ("registry.io/path", "registry.io/pathology/image", true),
        ("registry.io/path/", "registry.io/pathology/image", false),
        ("registry.io/p*", "registry.io/path", false),
        ("registry.io/*", "registry.io/path", false),
        ("registry.io", "registry.io/any/path", true),
        ("123456789.dkr.ecr.us-east-1.amazonaws.com", "123456789.dkr.ecr.us-east-1.amazonaws.com/a/b", true),
        ("*.dkr.ecr.*.amazonaws.com", "123456789.dkr.ecr.us-east-1.amazonaws.com/a", true),
        ("*.dkr.ecr.*.amazonaws.com", "123456789.dkr.ecr.us-east-1.amazonaws.com.cn/a", false),
        ("*.azurecr.io", "acme.azurecr.io/train", true),
        ("*.azurecr.io", "a.b.azurecr.io/train", false),
        ("localhost:5000", "localhost:5000/team/train", true),
        ("[::1]:5000", "[::1]:5000/team/train", true),
        // The kubelet takes the brackets for a class of characters, and an address without a port never matches.
        ("[::1]", "[::1]/team/train", false),
        ("r[ae]g.io", "reg.io/x", true),
        ("r[^ae]g.io", "reg.io/x", false),
        ("r[a-f]g.io", "reg.io/x", true),
        ("r[a-", "reg", false),
        ("r[]g.io", "reg.io", false),
        // For Go, a query begins there.
        ("r?g.io", "reg.io", false),
        (r"r\eg.io", "reg.io", true),
        ("GHCR.io", "ghcr.io/acme/x", false),
        ("docker.io/acme", "docker.io/acme/x", true),
        ("docker.io", "index.docker.io/acme/x", false),
        ("", "ghcr.io/x", false),
        ("a b", "a b", false),
    ];

    #[test]
    fn a_pattern_matches_as_the_kubelet_has_it() {
        for (pattern, image, expected) in CASES {
            let found = pattern.parse::<MatchImage>().is_ok_and(|pattern| pattern.matches(image));
            assert_eq!(found, expected, "`{pattern}` `{image}`");
        }
    }

    #[test]
    fn a_text_with_a_user_a_query_or_a_port_of_letters_is_no_pattern() {
        for bad in ["", "/path", "user@ghcr.io", "ghcr.io?x", "ghcr.io:http/x", "a\tb"] {
            assert!(bad.parse::<MatchImage>().is_err(), "{bad}");
        }
    }
}
