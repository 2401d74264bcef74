//! What a user granted to a flavor: hosts that it may reach, and hosts that a connector's secrets may be sent to.
//!
//! A flavor asks, the user grants; what was granted is all that holds. A grant that the user wrote out for one exact host
//! also opens private addresses and plain HTTP: nobody else may open those.

mod pattern;
mod target;

use serde::{Deserialize, Serialize};

pub(crate) use pattern::HostPattern;
pub(crate) use target::{Scheme, Target};

use crate::image::Host;

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Grant {
    /// The hosts.
    pub(crate) pattern: HostPattern,
    /// Whether the user wrote it, where otherwise the flavor asked for it.
    pub(crate) written: bool,
    /// Whether secrets of any connector may be sent there. Without it, secrets go only where their auth method says.
    pub(crate) secrets: bool,
}

impl Grant {
    /// What a flavor asked for and the user agreed to.
    #[must_use]
    pub(crate) fn asked(pattern: HostPattern) -> Self {
        Self { pattern, written: false, secrets: false }
    }

    /// What the user wrote.
    #[must_use]
    pub(crate) fn written(pattern: HostPattern) -> Self {
        Self { pattern, written: true, secrets: false }
    }

    /// What the user wrote, with secrets.
    #[must_use]
    pub(crate) fn with_secrets(pattern: HostPattern) -> Self {
        Self { pattern, written: true, secrets: true }
    }
}

/// What a grant opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Permission {
    /// Whether the host may have an address inside a private network.
    pub(crate) inside: bool,
    /// Whether secrets of any connector may be sent there.
    pub(crate) secrets: bool,
}

/// What `grants` open towards a target, for a registry on `registry`; nothing where none of them matches.
#[must_use]
pub(crate) fn permission<'a>(
    grants: impl IntoIterator<Item = &'a Grant>,
    target: &Target,
    registry: Option<&Host>,
) -> Option<Permission> {
    let matching = grants.into_iter().filter(|grant| {
        let fits = grant.written || grant.pattern.may_be_asked_for();
        fits && grant.pattern.matches(target, registry)
    });
    matching.fold(None, |sum: Option<Permission>, grant| {
        let sum = sum.unwrap_or_default();
        let inside = sum.inside || (grant.written && grant.pattern.is_exact());
        Some(Permission { inside, secrets: sum.secrets || grant.secrets })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(grants: &[Grant], url: &str) -> Option<Permission> {
        permission(grants, &Target::parse(url).unwrap(), Some(&"registry.example:5000".parse().unwrap()))
    }

    fn pattern(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_is_open_without_a_grant() {
        assert_eq!(open(&[], "https://api.example.com/"), None);
        assert_eq!(open(&[Grant::asked(pattern("https://api.example.com"))], "https://other.example.com/"), None);
    }

    #[test]
    fn only_an_exact_host_that_the_user_wrote_may_be_inside() {
        let inside = |grant: Grant, url| open(&[grant], url).unwrap().inside;
        assert!(!inside(Grant::asked(pattern("https://api.example.com")), "https://api.example.com/"));
        assert!(!inside(Grant::asked(pattern("https://{registry}")), "https://registry.example:5000/"));
        assert!(!inside(Grant::written(pattern("https://{registry}")), "https://registry.example:5000/"));
        assert!(!inside(Grant::written(pattern("https://*.example.com")), "https://api.example.com/"));
        assert!(inside(Grant::written(pattern("https://api.example.com")), "https://api.example.com/"));
        assert!(inside(Grant::written(pattern("http://127.0.0.1:5557")), "http://127.0.0.1:5557/"));
    }

    #[test]
    fn an_address_or_plain_http_is_never_open_because_a_flavor_asked() {
        assert_eq!(open(&[Grant::asked(pattern("https://8.8.8.8"))], "https://8.8.8.8/"), None);
        assert_eq!(open(&[Grant::asked(pattern("http://api.example.com"))], "http://api.example.com/"), None);
    }

    #[test]
    fn grants_add_up() {
        let asked = Grant::asked(pattern("https://*.example.com"));
        let written = Grant::with_secrets(pattern("https://api.example.com"));
        let both = [asked, written];
        let all = Permission { inside: true, secrets: true };
        assert_eq!(open(&both, "https://api.example.com/"), Some(all));
        assert_eq!(open(&both, "https://www.example.com/"), Some(Permission::default()));
    }
}
