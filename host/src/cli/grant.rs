//! The options that grant hosts to a flavor.

use clap::Args;

use crate::flavor::Description;
use crate::grant::{Grant, HostPattern};

/// Hosts that the user grants.
#[derive(Debug, Clone, Args)]
pub(super) struct GrantArgs {
    /// Let it reach a host, e.g. `https://api.example.com`, `https://*.example.com` or `http://127.0.0.1:5557`, without
    /// secrets; an address inside a private network and plain http have to be written out like that
    #[arg(long, value_name = "PATTERN")]
    allow_host: Vec<HostPattern>,
    /// The same, and let it send secrets of connectors there, in the operations that it declares
    #[arg(long, value_name = "PATTERN")]
    allow_secret_host: Vec<HostPattern>,
    /// Let it reach one exact host inside your private network, without secrets, though it asked for that host itself
    #[arg(long, value_name = "PATTERN")]
    allow_private_host: Vec<HostPattern>,
}

impl GrantArgs {
    /// The grants to the flavor of this description, one for each pattern. A pattern that the flavor asks for is
    /// granted as asked: it opens nothing that an agreement to the flavor's request would not open.
    pub(super) fn grants(self, flavor: &Description) -> Vec<Grant> {
        self.beside(flavor.requested_hosts().into_iter().map(|host| host.pattern).collect())
    }

    /// The grants to a component that asks for these patterns.
    pub(super) fn beside(self, requested: Vec<HostPattern>) -> Vec<Grant> {
        let is_asked = |pattern: &HostPattern| requested.contains(pattern);
        let written =
            |secrets: bool| move |pattern: HostPattern| Grant { written: !is_asked(&pattern), secrets, pattern };
        let private = self.allow_private_host.into_iter().map(Grant::written);
        let plain = self.allow_host.into_iter().map(written(false));
        let secret = self.allow_secret_host.into_iter().map(written(true));
        let mut grants: Vec<Grant> = Vec::new();
        for grant in plain.chain(secret).chain(private) {
            match grants.iter_mut().find(|known| known.pattern == grant.pattern) {
                Some(known) => {
                    known.written |= grant.written;
                    known.secrets |= grant.secrets;
                }
                None => grants.push(grant),
            }
        }
        grants
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        [&self.allow_host, &self.allow_secret_host, &self.allow_private_host].iter().all(|list| list.is_empty())
    }
}
