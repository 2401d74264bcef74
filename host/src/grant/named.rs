//! The hosts that a user names for a component, as grants.

use super::{Grant, HostPattern};

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
