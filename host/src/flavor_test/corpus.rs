//! Texts that a flavor is asked about: made of its own examples, so that each is wrong in one way alone.

use crate::image::RegistryUri;

/// A domain that is nobody's registry (RFC 2606).
const ELSEWHERE: &str = "crhost-test.example";

/// An example, in parts.
pub(super) struct Example {
    /// The host, with its port.
    host: String,
    /// What stands behind the host, with its slash; empty without a path.
    path: String,
}

impl Example {
    /// The parts of a canonical URI.
    pub(super) fn of(uri: &RegistryUri) -> Self {
        let path = uri.path().map(|path| format!("/{path}")).unwrap_or_default();
        Self { host: uri.host().as_str().to_owned(), path }
    }

    /// A registry elsewhere, with the example's path: a flavor that accepts it serves whatever host the user names.
    pub(super) fn elsewhere(&self) -> String {
        format!("registry.{ELSEWHERE}{}", self.path)
    }

    /// Texts that are no URI of a registry, whatever kind it is.
    pub(super) fn garbage(&self) -> Vec<String> {
        let Self { host, path } = self;
        let bare = host.split(':').next().unwrap_or(host);
        let mut texts: Vec<String> =
            ["", " ", "/", "//", "://", "https://", ":5000", "..", "[::1", "?", "@", "%"].map(str::to_owned).into();
        texts.extend([
            // What clients have been made to follow: user information, a query, a fragment.
            format!("https://user:password@{host}{path}"),
            format!("user@{host}{path}"),
            format!("{host}{path}?next=https://{ELSEWHERE}"),
            format!("{host}{path}#{ELSEWHERE}"),
            // Other schemes.
            format!("ftp://{host}{path}"),
            format!("file://{path}/etc/passwd"),
            format!("javascript:{host}{path}"),
            // Ports that are none.
            format!("{bare}:99999{path}"),
            format!("{bare}:port{path}"),
            format!("{bare}:-1{path}"),
            // Paths that are none.
            format!("{host}/../{path}"),
            format!("{host}{path}//team"),
            format!("{host}{path}/./team"),
            format!("{host}{path}/.."),
            format!("{host}{path}/te am"),
            format!("{host}{path}/team%2f..%2fother"),
            format!("{host}{path}\\team"),
            format!("{host}{path}/{}", "a".repeat(300)),
            // What a terminal, a log or a header would take for something else.
            format!("{host}{path}\nhost: {ELSEWHERE}"),
            format!("{host}{path}\r\n"),
            format!("{host}{path}\0"),
            format!("\u{1b}[2J{host}{path}"),
            format!("\u{202e}{host}{path}"),
            format!("{host}\u{200b}{path}"),
            // An image, and not a registry.
            format!("{host}{path}@sha256:{}", "0".repeat(64)),
        ]);
        texts
    }

    /// Texts whose host only looks like the example's: what phishing uses, and slips of the hand.
    pub(super) fn look_alikes(&self) -> Vec<String> {
        let Self { host, path } = self;
        let (bare, port) = host.split_once(':').map_or((host.as_str(), None), |(bare, port)| (bare, Some(port)));
        if !bare.contains('.') || bare.ends_with(|c: char| c.is_ascii_digit()) {
            // `localhost` and addresses: no name looks like them.
            return Vec::new();
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let mut hosts = vec![
            format!("{bare}.{ELSEWHERE}"),
            format!("{bare}.com.{ELSEWHERE}"),
            format!("{bare}-{ELSEWHERE}"),
            format!("{}.{ELSEWHERE}", bare.replace('.', "-")),
            // Characters that are drawn as a dot or a letter (Unicode TR 39).
            bare.replace('.', "\u{ff0e}"),
            bare.replace('.', "\u{3002}"),
            bare.replacen('o', "\u{43e}", 1),
            bare.replacen('a', "\u{430}", 1),
            bare.replacen('c', "\u{441}", 1),
            bare.replace('.', "%2e"),
            format!("{bare}\u{2044}.{ELSEWHERE}"),
        ];
        if let Some((labels, last)) = bare.rsplit_once('.') {
            hosts.extend([
                format!("{labels}.{last}{last}"),
                format!("{labels}.{}", last.chars().rev().collect::<String>()),
                format!("{labels}.{last}.evil"),
            ]);
            // A slip in the name that was bought, the last label but one.
            let (before, bought) = labels.rsplit_once('.').map_or(("", labels), |(before, bought)| (before, bought));
            let before = if before.is_empty() { String::new() } else { format!("{before}.") };
            let end: String = bought.chars().skip(1).collect();
            let first: String = bought.chars().take(1).collect();
            hosts.push(format!("{before}{first}{bought}.{last}"));
            if !end.is_empty() {
                hosts.push(format!("{before}{end}.{last}"));
            }
        }
        let mut texts: Vec<String> =
            hosts.into_iter().filter(|host| host != bare).map(|host| format!("{host}{port}{path}")).collect();
        texts.extend([
            format!("{ELSEWHERE}/{host}{path}"),
            format!("https://{ELSEWHERE}/{host}{path}"),
            format!("{host}@{ELSEWHERE}{path}"),
            format!("{bare}:443@{ELSEWHERE}{path}"),
            format!("{host}%00.{ELSEWHERE}{path}"),
        ]);
        texts
    }

    /// Other ways to write the example: each may be refused, and if not, is the same registry.
    pub(super) fn other_spellings(&self) -> Vec<String> {
        let Self { host, path } = self;
        let upper = host.to_ascii_uppercase();
        let mut texts: Vec<String> =
            ["https", "http", "docker", "oci"].map(|scheme| format!("{scheme}://{host}{path}")).into();
        texts.extend([format!("{host}{path}/"), format!(" {host}{path} ")]);
        texts.extend((upper != *host).then(|| format!("{upper}{path}")));
        texts
    }
}

/// The host of a text as a user typed it: what stands before the first slash, without a scheme.
pub(super) fn typed_host(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.trim().split('/').next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(uri: &str) -> Example {
        Example::of(&uri.parse().unwrap())
    }

    #[test]
    fn no_text_is_the_example_itself() {
        for uri in ["ghcr.io/acme", "registry.example.com:5050/acme/ml", "docker.io", "localhost:5000", "10.0.0.7/ml"] {
            let example = example(uri);
            let all = [example.garbage(), example.look_alikes(), example.other_spellings(), vec![example.elsewhere()]];
            assert!(all.concat().iter().all(|text| text != uri), "{uri}");
        }
    }

    #[test]
    fn a_look_alike_has_another_host() {
        for uri in ["ghcr.io/acme", "registry.example.com:5050/acme/ml", "123456789012.dkr.ecr.us-east-1.amazonaws.com"]
        {
            let host = typed_host(uri);
            let texts = example(uri).look_alikes();
            assert!(texts.len() > 15, "{uri}");
            assert!(texts.iter().all(|text| typed_host(text) != host), "{uri}: {texts:?}");
        }
        assert!(example("localhost:5000").look_alikes().is_empty());
    }
}
