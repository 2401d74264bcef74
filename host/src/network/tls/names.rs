//! The names in a certificate, where the server's is not among them.

use std::fmt;

use crate::text::{Escaped, Printable};

/// As many names are told where there are more, for a line that can be read.
const SHOWN: usize = 2;
/// The longest part of a name that is shown, in characters: a name has at most 253.
const MAX_NAME: usize = 253;

/// The names of a certificate, and the one that was expected.
#[derive(Debug, Clone, PartialEq, Eq, Printable)]
pub(crate) struct OtherNames {
    expected: Option<Escaped>,
    names: Vec<Escaped>,
}

impl OtherNames {
    /// What is known where the library does not tell the names.
    pub(super) fn unknown() -> Self {
        Self { expected: None, names: Vec::new() }
    }

    /// The names in the forms of webpki: `DnsName("a")`, `IpAddress(10.0.0.1)`.
    pub(super) fn new(expected: &str, presented: &[String]) -> Self {
        let names = presented.iter().map(|name| Escaped::new(bare(name), MAX_NAME)).collect();
        Self { expected: Some(Escaped::new(expected, MAX_NAME)), names }
    }

    /// The next step, for a server at this `host[:port]`.
    pub(super) fn hint(&self, host: &str) -> String {
        match &self.expected {
            Some(expected) if self.names.is_empty() => {
                let kind = if expected.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
                format!("make one that names the host: `openssl req -x509 … -addext subjectAltName={kind}:{expected}`")
            }
            _ => format!("use a name that is in the certificate, or give the server at `{host}` one for this name"),
        }
    }
}

fn bare(name: &str) -> &str {
    let inner = name.strip_suffix(')').and_then(|name| name.split_once('(')).map_or(name, |(_, inner)| inner);
    inner.trim_matches('"')
}

impl fmt::Display for OtherNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(expected) = &self.expected else { return f.write_str("is for another name") };
        match self.names.as_slice() {
            [] => return write!(f, "names no host (a common name does not count), expected {expected}"),
            [only] => write!(f, "is for {only}")?,
            // One more than are shown: its name is as short as the words that would stand for it.
            [names @ .., last] if names.len() <= SHOWN => write!(f, "is for {} and {last}", joined(names))?,
            names => {
                let shown = joined(names.get(..SHOWN).unwrap_or_default());
                write!(f, "is for {shown} and {} others", names.len() - SHOWN)?;
            }
        }
        write!(f, ", not for {expected}")
    }
}

fn joined(names: &[Escaped]) -> String {
    names.iter().map(Escaped::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(names: &[&str]) -> String {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        OtherNames::new("10.1.2.3", &names).to_string()
    }

    #[test]
    fn the_names_of_a_certificate_are_told_without_the_words_of_a_library() {
        assert_eq!(shown(&["DnsName(\"a\")"]), "is for a, not for 10.1.2.3");
        assert_eq!(shown(&["DnsName(\"a\")", "IpAddress(10.0.0.1)"]), "is for a and 10.0.0.1, not for 10.1.2.3");
        assert_eq!(shown(&["DnsName(\"a\")", "b", "c"]), "is for a, b and c, not for 10.1.2.3");
        let eleven: Vec<_> = ["DnsName(\"a\")"].into_iter().chain(["DnsName(\"b\")"; 10]).collect();
        assert_eq!(shown(&eleven), "is for a, b and 9 others, not for 10.1.2.3");
    }

    #[test]
    fn a_certificate_with_a_common_name_alone_is_told_apart() {
        let names = OtherNames::new("localhost", &[]);
        assert_eq!(names.to_string(), "names no host (a common name does not count), expected localhost");
        assert!(names.hint("localhost:5000").contains("subjectAltName=DNS:localhost"));
        assert!(OtherNames::new("10.1.2.3", &[]).hint("10.1.2.3").contains("subjectAltName=IP:10.1.2.3"));
    }
}
