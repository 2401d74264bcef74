//! The options that grant hosts to a flavor.

use clap::Args;

use crate::grant::{Grant, HostPattern};

/// Hosts that the user grants.
#[derive(Debug, Args)]
pub(super) struct GrantArgs {
    /// Let it reach a host, e.g. `https://api.example.com`, `https://*.example.com` or `http://127.0.0.1:5557`; an
    /// address inside a private network and plain http have to be written out like that
    #[arg(long, value_name = "PATTERN")]
    allow_host: Vec<HostPattern>,
    /// The same, and let it send secrets of connectors there, also where its auth method does not name the host
    #[arg(long, value_name = "PATTERN")]
    allow_secret_host: Vec<HostPattern>,
}

impl GrantArgs {
    /// The grants, in order; of two for one pattern, the later one, with secrets, counts.
    pub(super) fn grants(self) -> Vec<Grant> {
        let hosts = self.allow_host.into_iter().map(Grant::written);
        hosts.chain(self.allow_secret_host.into_iter().map(Grant::with_secrets)).collect()
    }
}
