//! The user's grants to a flavor: hosts that it may reach, and hosts that a connector's secrets may be sent to.
//!
//! A flavor requests hosts, the user grants them, and nothing but a grant opens a host. Private addresses and plain
//! HTTP are opened only by a grant that the user wrote for one exact host.

mod guest;
pub(crate) mod operation;
mod pattern;
mod target;

use serde::{Deserialize, Serialize};

pub(crate) use guest::{Guest, GuestKind};
pub(crate) use pattern::{HostPattern, PatternError};
pub(crate) use target::{Scheme, Target};

use crate::image::Host;

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Grant {
    /// The hosts.
    pub(crate) pattern: HostPattern,
    /// Whether the user wrote the pattern; otherwise the flavor requested it and the user agreed.
    pub(crate) written: bool,
    /// Whether secrets may be sent there, in the operations that the flavor declares.
    pub(crate) secrets: bool,
}

impl Grant {
    /// A pattern that a flavor requested without secrets and the user agreed to.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn asked(pattern: HostPattern) -> Self {
        Self { pattern, written: false, secrets: false }
    }

    /// A pattern that the user wrote.
    #[must_use]
    pub(crate) fn written(pattern: HostPattern) -> Self {
        Self { pattern, written: true, secrets: false }
    }

    /// This grant in the place of earlier ones of its pattern. What was agreed to for secrets stays so where the user
    /// opens the same host inside a private network, which is the only grant that the user writes for a pattern that
    /// was asked for.
    #[must_use]
    pub(crate) fn after<'a>(self, earlier: impl IntoIterator<Item = &'a Self>) -> Self {
        let is_agreed = |grant: &&Self| grant.pattern == self.pattern && grant.secrets && !grant.written;
        let secrets = self.secrets || (self.written && earlier.into_iter().any(|grant| is_agreed(&grant)));
        Self { secrets, ..self }
    }

    /// A pattern that the user wrote, for secrets too.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn with_secrets(pattern: HostPattern) -> Self {
        Self { pattern, written: true, secrets: true }
    }
}

/// Hosts that a user names.
#[derive(Debug, Clone, Default)]
pub(crate) struct NamedHosts {
    /// Those that may be reached without secrets.
    pub(crate) plain: Vec<HostPattern>,
    /// Those that secrets may be sent to.
    pub(crate) secret: Vec<HostPattern>,
    /// Those of a private network, though the component asks for them itself; without secrets.
    pub(crate) private: Vec<HostPattern>,
}

impl NamedHosts {
    /// The grants to a component that asks for these patterns, one for each. A pattern that the component asks for is
    /// granted as asked: it opens nothing that an agreement to its request would not open.
    #[must_use]
    pub(crate) fn beside(self, requested: &[HostPattern]) -> Vec<Grant> {
        let is_asked = |pattern: &HostPattern| requested.contains(pattern);
        let written =
            |secrets: bool| move |pattern: HostPattern| Grant { written: !is_asked(&pattern), secrets, pattern };
        let private = self.private.into_iter().map(Grant::written);
        let plain = self.plain.into_iter().map(written(false));
        let secret = self.secret.into_iter().map(written(true));
        merged(plain.chain(secret).chain(private))
    }
}

/// One grant for each pattern, with all that the grants of it give.
#[must_use]
pub(crate) fn merged(grants: impl IntoIterator<Item = Grant>) -> Vec<Grant> {
    let mut merged: Vec<Grant> = Vec::new();
    for grant in grants {
        match merged.iter_mut().find(|known| known.pattern == grant.pattern) {
            Some(known) => {
                known.written |= grant.written;
                known.secrets |= grant.secrets;
            }
            None => merged.push(grant),
        }
    }
    merged
}

/// The permissions of one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Permission {
    /// Whether the host may have a private address.
    pub(crate) private_addresses: bool,
    /// Whether secrets may be sent there, in the operations that the flavor declares.
    pub(crate) secrets: bool,
}

/// The permissions that `grants` give for a target; none where no grant matches. The pattern `https://{registry}`
/// stands for `registry`.
#[must_use]
pub(crate) fn permission<'a>(
    grants: impl IntoIterator<Item = &'a Grant>,
    target: &Target,
    registry: Option<&Host>,
) -> Option<Permission> {
    let matching = grants.into_iter().filter(|grant| {
        let fits = grant.written || grant.pattern.may_be_requested();
        fits && grant.pattern.matches(target, registry)
    });
    matching.fold(None, |sum: Option<Permission>, grant| {
        let sum = sum.unwrap_or_default();
        let private_addresses = sum.private_addresses || (grant.written && grant.pattern.is_exact());
        Some(Permission { private_addresses, secrets: sum.secrets || grant.secrets })
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
    fn only_an_exact_host_that_the_user_wrote_may_be_private() {
        let private = |grant: Grant, url| open(&[grant], url).unwrap().private_addresses;
        assert!(!private(Grant::asked(pattern("https://api.example.com")), "https://api.example.com/"));
        assert!(!private(Grant::asked(pattern("https://{registry}")), "https://registry.example:5000/"));
        assert!(!private(Grant::written(pattern("https://{registry}")), "https://registry.example:5000/"));
        assert!(!private(Grant::written(pattern("https://*.example.com")), "https://api.example.com/"));
        assert!(private(Grant::written(pattern("https://api.example.com")), "https://api.example.com/"));
        assert!(private(Grant::written(pattern("http://127.0.0.1:5557")), "http://127.0.0.1:5557/"));
    }

    #[test]
    fn an_address_or_plain_http_is_never_open_by_a_flavor_s_request() {
        assert_eq!(open(&[Grant::asked(pattern("https://8.8.8.8"))], "https://8.8.8.8/"), None);
        assert_eq!(open(&[Grant::asked(pattern("http://api.example.com"))], "http://api.example.com/"), None);
    }

    #[test]
    fn a_host_that_is_opened_inside_keeps_the_secrets_that_were_agreed_to() {
        let host = || pattern("https://api.example.com");
        let agreed = Grant { secrets: true, ..Grant::asked(host()) };
        let other = Grant { secrets: true, ..Grant::asked(pattern("https://other.example.com")) };
        assert!(Grant::written(host()).after([&other, &agreed]).secrets);
        assert!(!Grant::written(host()).after([&other]).secrets);
        // The user narrows what was agreed to, or what the user wrote before.
        assert!(!Grant::asked(host()).after([&agreed]).secrets);
        assert!(!Grant::written(host()).after([&Grant::with_secrets(host())]).secrets);
    }

    #[test]
    fn grants_add_up() {
        let asked = Grant::asked(pattern("https://*.example.com"));
        let written = Grant::with_secrets(pattern("https://api.example.com"));
        let both = [asked, written];
        let all = Permission { private_addresses: true, secrets: true };
        assert_eq!(open(&both, "https://api.example.com/"), Some(all));
        assert_eq!(open(&both, "https://www.example.com/"), Some(Permission::default()));
    }
}
