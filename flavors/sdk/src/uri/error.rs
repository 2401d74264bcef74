//! Faults of registry URIs, and their messages.

use std::fmt;

/// A fault of a registry URI; displays as the message, without the hint.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The text is empty, or slashes only.
    Empty,
    /// More than [`MAX_LENGTH`](super::MAX_LENGTH) characters.
    TooLong,
    /// A scheme such as `https` before `://`.
    Scheme {
        /// The scheme.
        scheme: String,
        /// The text without it.
        without: String,
    },
    /// User information before `@`; holds the text after it, never that before, which may be a password.
    UserInfo(String),
    /// A digest, as in an image reference.
    Digest {
        /// The digest.
        digest: String,
        /// The text without it.
        without: String,
    },
    /// White space or a control character; holds the text.
    WhiteSpace(String),
    /// A query or a fragment.
    Query {
        /// The query or fragment with its first character.
        query: String,
        /// The text without it.
        without: String,
    },
    /// The first component is not a host; holds the text.
    NoHost(String),
    /// The host starts or ends with a dot or has two in a row; holds the host.
    EmptyLabel(String),
    /// A label of the host has more than 63 characters; holds the label.
    LongLabel(String),
    /// A label of the host has characters that no host name has, or has them in the wrong place; holds the label.
    Label(String),
    /// The host ends like an IPv4 address and is not one; holds the host.
    Ipv4(String),
    /// The brackets hold no IPv6 address, or something but a port follows them; holds the first component.
    Ipv6(String),
    /// An IPv6 address without brackets; holds the address.
    BareIpv6(String),
    /// The port is not a number from 1 to 65535, or has leading zeros.
    Port {
        /// The host before it.
        host: String,
        /// The text after the colon.
        port: String,
    },
    /// Two slashes in a row, or one in front; holds the text.
    EmptyComponent(String),
    /// A component of the path has upper-case letters; holds the component.
    UpperCase(String),
    /// A component of the path does not follow the grammar; holds the component.
    Component(String),
    /// A tag, as in an image reference.
    Tag {
        /// The tag without its colon.
        tag: String,
        /// The text without it.
        without: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, value, after) = self.words();
        f.write_str(before)?;
        f.write_str(&shown(value))?;
        f.write_str(after)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The message: the words before the value in question, the value, and the words after it.
    fn words(&self) -> (&'static str, &str, &'static str) {
        match self {
            Self::Empty => ("the registry URI is empty, expected `host[:port][/path]`", "", ""),
            Self::TooLong => ("the registry URI is too long, expected at most 255 characters", "", ""),
            Self::Scheme { scheme, .. } => {
                ("scheme `", scheme, "://` is not part of a registry URI, expected `host[:port][/path]`")
            }
            Self::UserInfo(_) => {
                ("user information before `@` is not part of a registry URI, expected `host[:port][/path]`", "", "")
            }
            Self::Digest { digest, .. } => {
                ("digest `@", digest, "` belongs to an image, expected a registry URI without it")
            }
            Self::WhiteSpace(text) => {
                ("`", text, "` has white space or a control character, expected a registry URI without")
            }
            Self::Query { query, .. } => {
                ("`", query, "` is not part of a registry URI, expected neither query nor fragment")
            }
            Self::NoHost(text) => ("`", text, "` names no registry host, expected `host[:port][/path]`"),
            Self::EmptyLabel(host) => ("host `", host, "` has an empty label, expected labels joined by single dots"),
            Self::LongLabel(label) => ("label `", label, "` of the host is too long, expected at most 63 characters"),
            Self::Label(label) => {
                ("label `", label, "` is not valid in a host, expected letters and digits with `-` or `_` between them")
            }
            Self::Ipv4(host) => ("host `", host, "` is not an IPv4 address, expected four numbers from 0 to 255"),
            Self::Ipv6(text) => ("`", text, "` is not an IPv6 host, expected an address in brackets"),
            Self::BareIpv6(address) => ("IPv6 address `", address, "` has no brackets, expected `[address]`"),
            Self::Port { port, .. } => {
                ("port `:", port, "` is not valid, expected a number from 1 to 65535 without leading zeros")
            }
            Self::EmptyComponent(text) => {
                ("`", text, "` has an empty path component, expected single slashes after the host")
            }
            Self::UpperCase(component) => {
                ("path component `", component, "` has upper-case letters, expected lower case")
            }
            Self::Component(component) => (
                "path component `",
                component,
                "` is not valid, expected lower-case letters and digits with `.`, `_`, `__` or dashes between them",
            ),
            Self::Tag { tag, .. } => ("tag `:", tag, "` belongs to an image, expected a registry URI without it"),
        }
    }
}

/// A value to quote: on one line, and of bounded length.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown = String::new();
    for (at, c) in text.chars().enumerate() {
        match c {
            _ if at == MOST => return shown + "…",
            _ if c.is_control() => shown.extend(c.escape_default()),
            _ => shown.push(c),
        }
    }
    shown
}
