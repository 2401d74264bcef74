//! The next step after a fault of a registry URI: the corrected form, where there is one.

use crate::types::Failure;

use super::error::{Error, shown};
use super::registry_uri::RegistryUri;

/// Shown where nothing better is known.
const EXAMPLE: &str = "write e.g. `ghcr.io/acme` or `localhost:5000`";

impl Error {
    /// The next step for the user; a corrected form is shown only if it is a valid registry URI.
    pub fn hint(&self) -> String {
        self.hint_with(EXAMPLE)
    }

    /// The hint, with `example` where there is no corrected form.
    pub(super) fn hint_with(&self, example: &str) -> String {
        let suggest =
            |corrected: Option<String>, advice: &str| match corrected.and_then(|text| RegistryUri::parse(&text).ok()) {
                Some(uri) => format!("{advice}: `{uri}`"),
                None => format!("{advice}; {example}"),
            };
        match self {
            Self::NoHost(text) => format!("write `host/{}`, e.g. `ghcr.io/{0}`", shown(text)),
            Self::EmptyLabel(host) => {
                let labels: Vec<&str> = host.split('.').filter(|label| !label.is_empty()).collect();
                suggest(Some(labels.join(".")), "write single dots between labels")
            }
            Self::BareIpv6(address) => format!("write `[{address}]`, with a port `[{address}]:5000`"),
            Self::Ipv6(_) => "write e.g. `[::1]` or `[::1]:5000`".to_owned(),
            Self::Ipv4(_) => "write e.g. `192.168.1.100` or `192.168.1.100:9000`".to_owned(),
            Self::Port { host, port } => match port.trim_start_matches('0') {
                "" => suggest(Some(format!("{host}:5000")), "leave the port out or name one"),
                digits => {
                    suggest(Some(format!("{host}:{digits}")), "name the registry's port; a tag belongs to an image")
                }
            },
            Self::UpperCase(component) => format!("write `{}`", shown(&component.to_ascii_lowercase())),
            Self::Empty | Self::TooLong | Self::LongLabel(_) | Self::Label(_) | Self::Component(_) => {
                example.to_owned()
            }
            Self::Scheme { .. }
            | Self::UserInfo(_)
            | Self::Digest { .. }
            | Self::WhiteSpace(_)
            | Self::Query { .. }
            | Self::EmptyComponent(_)
            | Self::Tag { .. } => suggest(self.correction(""), self.advice()),
        }
    }

    /// The hint for a fault whose corrected form is known to be good.
    pub(super) fn hint_towards(&self, corrected: &str) -> String {
        match self {
            Self::UpperCase(_) => format!("{}, as in `{corrected}`", self.hint()),
            _ => format!("{}: `{corrected}`", self.advice()),
        }
    }

    /// The whole text without the fault, where a machine can mend it; `text` is the one that was parsed.
    pub(super) fn correction(&self, text: &str) -> Option<String> {
        match self {
            Self::Scheme { without, .. }
            | Self::UserInfo(without)
            | Self::Digest { without, .. }
            | Self::Query { without, .. }
            | Self::Tag { without, .. } => Some(without.clone()),
            Self::WhiteSpace(text) => Some(text.replace(|c: char| c.is_whitespace() || c.is_control(), "")),
            Self::EmptyComponent(text) => {
                let components: Vec<&str> = text.split('/').filter(|component| !component.is_empty()).collect();
                Some(components.join("/"))
            }
            Self::UpperCase(_) => Some(text.to_ascii_lowercase()),
            _ => None,
        }
    }

    /// The correction in words.
    fn advice(&self) -> &'static str {
        match self {
            Self::Scheme { .. } => "leave the scheme out",
            Self::UserInfo(_) => "leave user and password out, credentials belong to a connector",
            Self::Digest { .. } => "leave the digest out",
            Self::Tag { .. } => "leave the tag out",
            Self::EmptyComponent(_) => "write single slashes",
            _ => "leave it out",
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::invalid_input(error.to_string()).hint(error.hint())
    }
}
